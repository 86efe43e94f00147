# SPDX-License-Identifier: Apache-2.0
"""What starts, restarts and survives the timer of the Bootstrap-Server Account."""

from bootcheck import scenario
from bootcheck.applied import REGISTRATION_UPDATE_TRIGGER
from bootcheck.bench import Bench
from bootcheck.gone import (
    expect_account_gone,
    expect_purge_not_refuted,
    expect_registration_undisturbed,
)
from bootcheck.usable import stimulate

PUBLISHED = ["1.0", "1.1", "1.2"]
ROWS = ("CLN-03", "CLN-05")  # the change request's row, and that of the published editions
TIMEOUT = ["account_timeout"]
T = 3  # seconds


@scenario("CLN-07", editions=PUBLISHED, needs=[*TIMEOUT, "factory_server"])
async def factory_account_alone_starts_no_timer(bench: Bench) -> None:
    """A client that was never bootstrapped, only provisioned in the factory, keeps its account."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    bench.require_timeout_at_start()
    await bench.start_client(account=bs.account(timeout=T), server=dm.account())
    registered = await dm.expect_first_registration()
    await bench.until(registered.t + T * 1_000_000 + bench.grace_us)
    # one stimulus only: the session that it brings starts the timer
    await stimulate(bench, bench.row("CLN-07"), bs, dm, "usable")


async def _update_before_timeout(bench: Bench, entropy: str) -> None:
    timeout = 2 * T
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bench.until(finished.latest_us + T * 1_000_000)
    seq = bench.peer.last_seq
    await dm.execute(REGISTRATION_UPDATE_TRIGGER, bench.window_for_answers_s)
    gone_us = finished.latest_us + timeout * 1_000_000 + bench.grace_us
    if await bench.wait_for(dm.is_update, after_seq=seq, until_us=gone_us) is None:
        bench.fact("the client sent no Update before the timeout was over")
    await bench.until(gone_us)
    what = "the account is gone after its timeout, Update or not"
    await expect_account_gone(bench, bench.row(*ROWS), bs, dm, after_us=gone_us, what=what)


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def update_does_not_restart_the_timer(bench: Bench) -> None:
    """An Update shortly before the timeout is over does not prolong it."""
    await _update_before_timeout(bench, "high")


@scenario(
    "CLN-03", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def update_does_not_restart_the_timer_of_a_low_entropy_account(bench: Bench) -> None:
    """An Update shortly before the timeout is over does not prolong it."""
    await _update_before_timeout(bench, "low")


async def _two_servers_across_the_purge(bench: Bench, entropy: str) -> None:
    bs = await bench.bootstrap_server(entropy=entropy)
    first, second = await bench.lwm2m_server(), await bench.lwm2m_server("dm-second", number=1)
    await bench.start_client(account=bs.account(timeout=T, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    await session.write(second.account())
    seq = bench.peer.last_seq
    finished = await session.provision(first, beside=True)
    await second.expect_registration(after_seq=seq)
    registered = bench.peer.last_seq
    await bench.until(finished.earliest_us + T * 1_000_000 - bench.grace_us)
    await expect_registration_undisturbed(bench, first, registered, "before")
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    await bench.until(gone_us)
    await expect_registration_undisturbed(bench, first, registered, "after-first")
    await expect_registration_undisturbed(bench, second, registered, "after-second")
    await expect_purge_not_refuted(bench, bench.row(*ROWS), bs, first, after_us=gone_us)


@scenario("CLN-11", "CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def two_lwm2m_servers_do_not_notice_the_purge(bench: Bench) -> None:
    """Traffic of two LwM2M Servers across the instant of the purge goes on."""
    await _two_servers_across_the_purge(bench, "high")


@scenario(
    "CLN-11",
    "CLN-03",
    editions=["CR"],
    securities=["psk"],
    needs=TIMEOUT,
    entropy="low",
    ends="purged",
)
async def two_lwm2m_servers_do_not_notice_the_purge_of_a_low_entropy_account(bench: Bench) -> None:
    """Traffic of two LwM2M Servers across the instant of the purge goes on."""
    await _two_servers_across_the_purge(bench, "low")
