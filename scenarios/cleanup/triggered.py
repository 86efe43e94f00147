# SPDX-License-Identifier: Apache-2.0
"""Clean-up in a session that a stimulus started, after an ordinary first bootstrap."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone
from bootcheck.subjects.replacement import overwrite, two_bootstrap_servers
from bootcheck.usable import next_session

T = 3  # seconds


@scenario("CLN-08", editions=["1.0", "1.1", "1.2"], needs=["account_replacement"])
async def account_is_replaced_in_a_later_session(bench: Bench) -> None:
    """The account is overwritten in the second session: from then on only the new one is used."""
    replacement = await two_bootstrap_servers(bench, entropy="high")
    session = await replacement.first_session()
    await session.provision(replacement.dm)
    session = await next_session(bench, bench.row("CLN-08"), replacement.old, replacement.dm)
    await overwrite(bench, session, replacement.new.account())
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(bench.row("CLN-08"))


@scenario(
    "CLN-05",
    editions=["1.0", "1.1", "1.2"],
    needs=["account_replacement", "account_timeout"],
    ends="purged",
)
async def timeout_given_in_a_later_session_is_obeyed(bench: Bench) -> None:
    """The second session writes a timeout of 3 s into the account: it is gone after 3 s."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    row = bench.row("CLN-05")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, row, bs, dm)
    await overwrite(bench, session, bs.account(timeout=T))
    finished = await session.provision(dm)
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    what = "the account is gone after the timeout that a later session gave it"
    await expect_account_gone(bench, row, bs, dm, after_us=gone_us, what=what)
