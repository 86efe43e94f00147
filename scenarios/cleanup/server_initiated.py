# SPDX-License-Identifier: Apache-2.0
"""Clean-up after a session that the Bootstrap-Server started unasked: CR and 1.0 only.

1.0 is judged. The change request has its rules of entropy in Client Initiated Bootstrap, asks
whether entropy should matter here too, and leaves it open: what a client does with a key of low
and of high entropy is told, in the same words.
"""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone
from bootcheck.reading import tell_whether_used
from bootcheck.server_initiated import begin
from bootcheck.subjects.replacement import overwrite, two_bootstrap_servers
from bootcheck.usable import (
    expect_account_usable,
    expect_account_usable_before,
    require_control,
    timeout_for_early_probe,
)

NEEDS = ["server_initiated"]
TIMEOUT = [*NEEDS, "account_timeout"]
T = 3  # seconds


@scenario("CLN-06", editions=["1.0"], needs=NEEDS)
async def account_is_kept_after_a_session_of_the_server(bench: Bench) -> None:
    """An account without a timeout stays usable after a session that the server started."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account())
    await session.provision(dm)
    await bs.accept_requests()
    await expect_account_usable(bench, bench.row("CLN-06"), bs, dm)


@scenario("CLN-05", editions=["1.0"], needs=TIMEOUT, ends="purged")
async def account_is_purged_after_a_session_of_the_server(bench: Bench) -> None:
    """The account is gone 3 s after a session that the server started."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account(timeout=T))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bs.accept_requests()
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    what = f"the account is gone once its timeout of {T} s is over"
    await expect_account_gone(bench, bench.row("CLN-05"), bs, dm, after_us=gone_us, what=what)


@scenario("CLN-21", editions=["1.0"], needs=TIMEOUT)
async def account_is_not_purged_before_its_timeout_after_a_session_of_the_server(
    bench: Bench,
) -> None:
    """The timeout counts from the Finish of the session that the server started."""
    row = bench.row("CLN-21")
    control = await require_control(bench, row)
    timeout = timeout_for_early_probe(bench, control)
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account(timeout=timeout))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bs.accept_requests()
    await expect_account_usable_before(
        bench, row, bs, dm, control=control, finished=finished, timeout=timeout
    )


@scenario("CLN-21", "WRI-01", editions=["1.0"], needs=[*NEEDS, "account_replacement"])
async def account_is_replaced_in_a_session_of_the_server(bench: Bench) -> None:
    """The account is overwritten in a session that the server started: only the new one is used."""
    replacement = await two_bootstrap_servers(bench)
    session = await begin(bench, replacement.old, replacement.old.account())
    await overwrite(bench, session, replacement.new.account(), rows=("WRI-01",))
    await session.write(replacement.dm.account())
    finished = await replacement.finish(session, rows=("FIN-01",))
    await replacement.let_earlier_requests_come(finished)
    await replacement.old.accept_requests()
    await replacement.expect_only_the_new_is_used(bench.row("CLN-21"))


async def _tell(bench: Bench, entropy: str, timeout: int | None) -> None:
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account(timeout=timeout, entropy=entropy))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    if timeout is not None:
        await bench.until(finished.latest_us + timeout * 1_000_000 + bench.grace_us)
    then = "without a timeout" if timeout is None else f"and T = {timeout} s after it"
    question = f"after a session that the Bootstrap-Server started, {then}"
    await tell_whether_used(bench, bs, dm, question=question, case=f"{entropy}-entropy key")


@scenario("FIN-01", editions=["CR"], securities=["psk"], needs=NEEDS, entropy="low", ends="purged")
async def low_entropy_account_after_a_session_of_the_server(bench: Bench) -> None:
    """The session succeeds; whether the account is kept is told, not judged."""
    await _tell(bench, "low", None)


@scenario("FIN-01", editions=["CR"], securities=["psk"], needs=NEEDS, entropy="high")
async def high_entropy_account_after_a_session_of_the_server(bench: Bench) -> None:
    """The session succeeds; whether the account is kept is told, not judged."""
    await _tell(bench, "high", None)


@scenario(
    "FIN-01", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def low_entropy_account_with_a_timeout_after_a_session_of_the_server(bench: Bench) -> None:
    """The session succeeds; whether the account outlives its timeout is told, not judged."""
    await _tell(bench, "low", T)


@scenario("FIN-01", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="high")
async def high_entropy_account_with_a_timeout_after_a_session_of_the_server(bench: Bench) -> None:
    """The session succeeds; whether the account outlives its timeout is told, not judged."""
    await _tell(bench, "high", T)
