# SPDX-License-Identifier: Apache-2.0
"""The timer and the purge over a restart and over a power cut.

The texts say nothing of a restart while the timeout is running. The longest lawful reading is
that it starts anew: after that the account must be gone. Which reading a client follows is told by
left_open.py.
"""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone
from bootcheck.stimulus import restart_and_register

PUBLISHED = ["1.0", "1.1", "1.2"]
ROWS = ("CLN-03", "CLN-05")  # the change request's row, and that of the published editions
RESTART = ["account_timeout", "keeps_state"]
CUT = ["account_timeout", "survives_power_cut"]
T = 3  # seconds
RUNNING = 6  # seconds; long enough for a restart on the way
ENDED_AT = 2  # seconds after the Finish


async def _ended_while_running(bench: Bench, entropy: str, *, power_cut: bool) -> None:
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=RUNNING, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bench.until(finished.latest_us + ENDED_AT * 1_000_000)
    await restart_and_register(bench, dm, power_cut=power_cut)
    ended, row = "power cut" if power_cut else "restart", bench.row("CLN-22")
    ran_s = (bench.ended_us - finished.earliest_us) / 1e6
    if ran_s >= RUNNING:  # a machine that is busy, or a client that takes long to end
        what, wanted = f"the {ended} comes while the timeout is running", f"before {RUNNING} s"
        told = f"{ran_s:.3f} s after the Finish"
        bench.check("ended-while-running", row, None, what, expected=wanted, observed=told)
        return
    gone_us = bench.now() + RUNNING * 1_000_000 + bench.grace_us
    what = f"the account is gone once its timeout is over after a {ended}"
    await expect_account_gone(bench, row, bs, dm, after_us=gone_us, what=what)


async def _ended_after_the_purge(bench: Bench, entropy: str, *, power_cut: bool) -> None:
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=T, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bench.until(finished.latest_us + T * 1_000_000 + bench.grace_us)
    await restart_and_register(bench, dm, power_cut=power_cut)
    row, what = bench.row(*ROWS), "the purged account is not back after the start"
    await expect_account_gone(bench, row, bs, dm, after_us=bench.now(), what=what)


@scenario("CLN-22", editions=PUBLISHED, needs=RESTART, ends="purged")
async def account_is_purged_although_the_client_was_restarted(bench: Bench) -> None:
    """A restart while the timeout is running may start it anew, but does not end it."""
    await _ended_while_running(bench, "high", power_cut=False)


@scenario(
    "CLN-22", editions=["CR"], securities=["psk"], needs=RESTART, entropy="low", ends="purged"
)
async def low_entropy_account_is_purged_although_the_client_was_restarted(bench: Bench) -> None:
    """A restart while the timeout is running may start it anew, but does not end it."""
    await _ended_while_running(bench, "low", power_cut=False)


@scenario("CLN-22", editions=PUBLISHED, needs=CUT, ends="purged")
async def account_is_purged_although_the_power_was_cut(bench: Bench) -> None:
    """A power cut while the timeout is running may start it anew, but does not end it."""
    await _ended_while_running(bench, "high", power_cut=True)


@scenario("CLN-22", editions=["CR"], securities=["psk"], needs=CUT, entropy="low", ends="purged")
async def low_entropy_account_is_purged_although_the_power_was_cut(bench: Bench) -> None:
    """A power cut while the timeout is running may start it anew, but does not end it."""
    await _ended_while_running(bench, "low", power_cut=True)


@scenario("CLN-05", editions=PUBLISHED, needs=RESTART, ends="purged")
async def purged_account_stays_gone_over_a_restart(bench: Bench) -> None:
    """An account that was purged is not back after a restart without factory reset."""
    await _ended_after_the_purge(bench, "high", power_cut=False)


@scenario("CLN-05", editions=PUBLISHED, needs=CUT, ends="purged")
async def purged_account_stays_gone_over_a_power_cut(bench: Bench) -> None:
    """An account that was purged is not back after a power cut."""
    await _ended_after_the_purge(bench, "high", power_cut=True)


@scenario("CLN-03", editions=["CR"], securities=["psk"], needs=CUT, entropy="low", ends="purged")
async def purged_low_entropy_account_stays_gone_over_a_power_cut(bench: Bench) -> None:
    """An account that was purged is not back after a power cut."""
    await _ended_after_the_purge(bench, "low", power_cut=True)
