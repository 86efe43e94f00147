# SPDX-License-Identifier: Apache-2.0
"""A bootstrap that does not succeed starts no timer: the account outlives its timeout."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.failed import (
    expect_original_after_power_cut,
    expect_original_after_refusals,
    refused_finish,
    write_inconsistent,
)
from bootcheck.subjects.replacement import two_bootstrap_servers

PUBLISHED = ["1.0", "1.1", "1.2"]
CUT = ["account_timeout", "survives_power_cut"]
T = 3  # seconds


@scenario("CLN-07", "FIN-02", editions=PUBLISHED, needs=CUT)
async def refused_finish_starts_no_timer(bench: Bench) -> None:
    """The Finish was refused and the timeout is over: after a power cut the account is used."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session(timeout=T)
    await write_inconsistent(bench, session, servers.dm.account())
    refused = await refused_finish(bench, session)
    await bench.until(refused.t + T * 1_000_000 + bench.grace_us)
    session = await expect_original_after_power_cut(bench, bench.row("CLN-07"), servers)
    await session.provision(servers.dm)


@scenario("CLN-07", editions=PUBLISHED, needs=CUT)
async def session_without_finish_starts_no_timer(bench: Bench) -> None:
    """No Finish came and the timeout is over: after a power cut the account is used."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session(timeout=T)
    await session.write(servers.dm.account())
    await bench.until(bench.now() + T * 1_000_000 + bench.grace_us)
    session = await expect_original_after_power_cut(bench, bench.row("CLN-07"), servers)
    await session.provision(servers.dm)


@scenario("CLN-07", editions=PUBLISHED, needs=["account_timeout"], slow=True)
async def session_that_timed_out_starts_no_timer(bench: Bench) -> None:
    """The session ended by the client's own limit: the account is used after its timeout too."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session(timeout=T)
    await session.write(servers.dm.account())
    session = await expect_original_after_refusals(bench, bench.row("CLN-07"), servers, seconds=T)
    await session.provision(servers.dm)
