# SPDX-License-Identifier: Apache-2.0
"""Late Write: when the account is purged no account can be added or changed any more."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone, expect_registration_undisturbed
from bootcheck.subjects.failed import expect_new_unused
from bootcheck.subjects.late_write import expect_late_writes_refused
from bootcheck.subjects.replacement import two_bootstrap_servers

PUBLISHED = ["1.0", "1.1", "1.2"]
TIMEOUT = ["account_timeout"]
T = 3  # seconds


async def _nothing_is_written_after_the_purge(bench: Bench, entropy: str) -> None:
    servers = await two_bootstrap_servers(bench, entropy)
    session = await servers.first_session(timeout=T)
    instance = await session.account_instance()
    finished = await session.provision(servers.dm)
    seq = bench.peer.last_seq
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    await bench.until(gone_us)
    await expect_late_writes_refused(bench, servers, session, instance)
    await expect_registration_undisturbed(bench, servers.dm, seq)
    row, what = bench.row("CLN-03", "CLN-05"), "the account is gone, and stays so after the Writes"
    if await expect_account_gone(bench, row, servers.old, servers.dm, after_us=gone_us, what=what):
        meanwhile = "stimuli showed the original gone"
        expect_new_unused(bench, bench.row("CLN-11"), servers, seq, meanwhile)


@scenario("CLN-11", "CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def no_account_is_written_after_the_purge(bench: Bench) -> None:
    """After the purge neither an LwM2M Server nor the old Bootstrap-Server writes an account."""
    await _nothing_is_written_after_the_purge(bench, "high")


@scenario(
    "CLN-11",
    "CLN-03",
    editions=["CR"],
    securities=["psk"],
    needs=TIMEOUT,
    entropy="low",
    ends="purged",
)
async def no_account_is_written_after_the_purge_of_a_low_entropy_one(bench: Bench) -> None:
    """After the purge neither an LwM2M Server nor the old Bootstrap-Server writes an account."""
    await _nothing_is_written_after_the_purge(bench, "low")
