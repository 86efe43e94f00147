# SPDX-License-Identifier: Apache-2.0
"""Failure: a bootstrap that does not succeed leaves the account as it was, and starts no timer."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.stimulus import restart_and_register
from bootcheck.subjects.failed import (
    correct,
    expect_new_unused,
    expect_original_after_power_cut,
    expect_original_after_session_limit,
    refused_finish,
    write_inconsistent,
)
from bootcheck.subjects.replacement import overwrite, two_bootstrap_servers
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]
REPLACED = ("CLN-02", "CLN-08")  # the change request's row, and that of the published editions
REPLACES = ["account_replacement"]
CUT = ["account_replacement", "survives_power_cut"]
OTHER_ID = 201  # a Short Server ID that no LwM2M Server here has


@scenario("FIN-06", "FIN-02", editions=PUBLISHED, needs=CUT)
async def refused_finish_leaves_the_original_account(bench: Bench) -> None:
    """The account is overwritten, the Finish refused, the power cut: the original is used."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session()
    await overwrite(bench, session, servers.new.account())
    await write_inconsistent(bench, session, servers.dm.account())
    refused = await refused_finish(bench, session)
    session = await expect_original_after_power_cut(bench, bench.row("FIN-06"), servers)
    await session.provision(servers.dm)
    expect_new_unused(bench, bench.row("FIN-06"), servers, refused.seq)


@scenario("FIN-06", "FIN-02", editions=PUBLISHED, needs=REPLACES, slow=True)
async def refused_finish_leaves_the_original_account_at_the_session_s_end(bench: Bench) -> None:
    """As before, but the client's own time limit ends the session that failed."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session()
    await overwrite(bench, session, servers.new.account())
    await write_inconsistent(bench, session, servers.dm.account())
    refused = await refused_finish(bench, session)
    row = bench.row("FIN-06")
    session = await expect_original_after_session_limit(bench, row, servers, refused.t)
    await session.provision(servers.dm)
    expect_new_unused(bench, row, servers, refused.seq)


@scenario("FIN-06", "FIN-02", editions=PUBLISHED, needs=CUT)
async def refused_finish_in_a_later_session_leaves_the_original_account(bench: Bench) -> None:
    """The second session fails: the account that the first one left in place is used."""
    servers = await two_bootstrap_servers(bench)
    row, old, dm = bench.row("FIN-06"), servers.old, servers.dm
    session = await servers.first_session()
    await session.provision(dm)
    session = await next_session(bench, row, old, dm)
    await overwrite(bench, session, servers.new.account())
    other = replace(dm.account(), short_server_id=OTHER_ID)
    await write_inconsistent(bench, session, other, 7, beside=True)
    refused = await refused_finish(bench, session)
    session = await expect_original_after_power_cut(bench, row, servers)
    await session.provision(dm)
    expect_new_unused(bench, row, servers, refused.seq)


@scenario("FIN-07", "FIN-02", "CLN-08", editions=PUBLISHED, needs=REPLACES)
async def finish_is_accepted_after_a_correction(bench: Bench) -> None:
    """What was missing is written after the refused Finish: the next one makes the new account."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session()
    await overwrite(bench, session, servers.new.account())
    await write_inconsistent(bench, session, servers.dm.account())
    await refused_finish(bench, session)
    await correct(bench, session, servers.dm.account())
    seq = bench.peer.last_seq
    finished = await session.finish(("FIN-07",), "the Finish after the correction is accepted")
    servers.replaced = finished.seq
    await servers.dm.expect_registration(after_seq=seq)
    await servers.expect_only_the_new_is_used(bench.row("CLN-08"))


@scenario("CLN-18", editions=PUBLISHED, needs=CUT)
async def power_cut_before_the_finish_leaves_the_original_account(bench: Bench) -> None:
    """All is written and the power cut before the Finish: the original is used."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session()
    await overwrite(bench, session, servers.new.account())
    await session.write(servers.dm.account())
    seq, row = bench.peer.last_seq, bench.row("CLN-18")
    session = await expect_original_after_power_cut(bench, row, servers)
    await session.provision(servers.dm)
    expect_new_unused(bench, row, servers, seq)


@scenario("CLN-08", editions=PUBLISHED, needs=CUT)
async def power_cut_after_the_finish_leaves_the_new_account(bench: Bench) -> None:
    """A later session replaces the account, and the power is cut at its 2.04: the new is used."""
    servers = await two_bootstrap_servers(bench, entropy="high")
    session = await servers.first_session()
    await session.provision(servers.dm)
    session = await next_session(bench, bench.row(*REPLACED), servers.old, servers.dm)
    await overwrite(bench, session, servers.new.account())
    await session.write(servers.dm.account())
    what = "the Finish of a session that replaced the account is accepted"
    servers.replaced = (await session.finish(REPLACED, what)).seq
    await restart_and_register(bench, servers.dm, power_cut=True)
    await servers.expect_only_the_new_is_used(bench.row(*REPLACED))
