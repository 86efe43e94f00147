# SPDX-License-Identifier: Apache-2.0
"""Without a Bootstrap-Server Account the client cannot be bootstrapped from the server's side."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone

T = 3  # seconds


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
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    what = "no bootstrap can be started once the account is purged"
    await expect_account_gone(bench, bench.row("SEQ-07"), bs, dm, after_us=gone_us, what=what)
