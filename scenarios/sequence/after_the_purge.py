# SPDX-License-Identifier: Apache-2.0
"""Without a Bootstrap-Server Account the client cannot be bootstrapped from the server's side."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server_initiated import begin_at
from bootcheck.session import Finished
from bootcheck.subjects.bootstrap_after_purge import (
    expect_no_triggered_bootstrap,
    expect_purged,
    expect_session_of_the_server_refused,
)

T = 3  # seconds


def _gone_us(bench: Bench, finished: Finished) -> int:
    return finished.latest_us + T * 1_000_000 + bench.grace_us


@scenario(
    "SEQ-07",
    editions=["1.1", "1.2"],
    needs=["account_timeout", "bootstrap_trigger"],
    ends="purged",
)
async def trigger_starts_no_bootstrap_after_the_purge(bench: Bench) -> None:
    """The account is purged after 3 s: an Execute of the trigger brings no bootstrap."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=T))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await expect_purged(bench, bs, dm, after_us=_gone_us(bench, finished))
    await expect_no_triggered_bootstrap(bench, bench.row("SEQ-07"), bs, dm)


@scenario("SEQ-07", editions=["1.0"], needs=["account_timeout", "server_initiated"], ends="purged")
async def server_starts_no_session_after_the_purge(bench: Bench) -> None:
    """The account is purged after 3 s: its server, which started the first session, is refused."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session, remote = await begin_at(bench, bs, bs.account(timeout=T))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bs.accept_requests()
    await expect_purged(bench, bs, dm, after_us=_gone_us(bench, finished))
    await expect_session_of_the_server_refused(bench, bench.row("SEQ-07"), bs, dm, remote)
