# SPDX-License-Identifier: Apache-2.0
"""After the purge: a registration that fails is tried again, and leads to no bootstrap."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.registering_after_purge import expect_registrations_go_on, tell_attempts

T = 1  # seconds


async def _registrations_go_on(bench: Bench, entropy: str, timeout: int | None) -> None:
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    await session.write(dm.account())
    told = await tell_attempts(bench, session, dm)
    seq = bench.peer.last_seq
    finished = await session.finish()
    await dm.expect_registration(after_seq=seq)
    gone_us = finished.latest_us
    if timeout is not None:
        gone_us += timeout * 1_000_000 + bench.grace_us
    await expect_registrations_go_on(bench, bs, dm, gone_us=gone_us, told=told)


@scenario("CLN-13", editions=["1.0", "1.1", "1.2"], needs=["account_timeout"], ends="purged")
async def registrations_go_on_after_the_purge(bench: Bench) -> None:
    """The account is gone and a Register refused: further ones as told, no bootstrap, no end."""
    await _registrations_go_on(bench, "high", T)


@scenario("CLN-13", editions=["CR"], securities=["psk"], entropy="low", ends="purged")
async def registrations_go_on_after_the_purge_of_a_low_entropy_account(bench: Bench) -> None:
    """As above, of an account with a low-entropy key that was purged at once."""
    await _registrations_go_on(bench, "low", None)
