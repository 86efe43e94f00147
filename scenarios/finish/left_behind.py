# SPDX-License-Identifier: Apache-2.0
"""What a session that failed leaves behind."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.subjects.failed import (
    expect_original_after_power_cut,
    expect_original_after_session_limit,
    refused_finish,
    write_inconsistent,
)
from bootcheck.subjects.left_behind import tell_left_behind
from bootcheck.subjects.replacement import Replacement, two_bootstrap_servers

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _failed_session(bench: Bench) -> tuple[Replacement, LwM2MServer, int]:
    servers = await two_bootstrap_servers(bench)
    other = await bench.lwm2m_server("dm2", number=1)
    session: BootstrapSession = await servers.first_session()
    await session.write(other.account())
    await write_inconsistent(bench, session, servers.dm.account(), beside=True)
    refused = await refused_finish(bench, session)
    return servers, other, refused.t


@scenario("FIN-08", "FIN-06", editions=PUBLISHED, needs=["survives_power_cut"])
async def server_account_of_a_session_that_was_cut_off(bench: Bench) -> None:
    """The Finish was refused and the power cut: is the server that was written still there?"""
    servers, other, _ = await _failed_session(bench)
    session = await expect_original_after_power_cut(bench, bench.row("FIN-06"), servers)
    await tell_left_behind(bench, session, other.short_server_id)
    await session.provision(servers.dm)


@scenario("FIN-08", "FIN-06", editions=PUBLISHED, slow=True)
async def server_account_of_a_session_that_ended(bench: Bench) -> None:
    """As before, but the client's own time limit ends the session that failed."""
    servers, other, refused_us = await _failed_session(bench)
    row = bench.row("FIN-06")
    session = await expect_original_after_session_limit(bench, row, servers, refused_us)
    await tell_left_behind(bench, session, other.short_server_id)
    await session.provision(servers.dm)
