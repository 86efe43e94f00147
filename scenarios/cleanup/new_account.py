# SPDX-License-Identifier: Apache-2.0
"""What governs a new account: its own hold-off and timeout, not those of the original."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone
from bootcheck.subjects.hold_off import expect_hold_off
from bootcheck.subjects.replacement import overwrite, two_bootstrap_servers

PUBLISHED = ["1.0", "1.1", "1.2"]
T = 3  # seconds
# written, not left out: some clients keep what an overwrite omits
DAY = 86400
NEEDS = ["account_replacement", "account_timeout"]


async def _outlives_the_old_timeout(bench: Bench, row: str, new_timeout: int = DAY) -> None:
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session(timeout=T)
    await overwrite(bench, session, replacement.new.account(timeout=new_timeout))
    await session.write(replacement.dm.account())
    finished = await replacement.finish(session)
    await bench.until(finished.latest_us + T * 1_000_000 + bench.grace_us)
    await replacement.expect_only_the_new_is_used(bench.row(row))


@scenario("CLN-10", editions=PUBLISHED, needs=NEEDS, ends="purged")
async def new_account_is_purged_after_its_own_timeout(bench: Bench) -> None:
    """The original has no timeout, the new account one of 3 s: it is gone after 3 s."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    await overwrite(bench, session, replacement.new.account(timeout=T))
    await session.write(replacement.dm.account())
    finished = await replacement.finish(session)
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    what = f"the new account is gone after its own timeout of {T} s"
    new, dm = replacement.new, replacement.dm
    await expect_account_gone(bench, bench.row("CLN-10"), new, dm, after_us=gone_us, what=what)


@scenario("CLN-10", editions=PUBLISHED, needs=NEEDS)
async def old_timeout_does_not_end_the_new_account(bench: Bench) -> None:
    """The original has a timeout of 3 s, the new account one of a day: it is kept."""
    await _outlives_the_old_timeout(bench, "CLN-10")


@scenario("CLN-20", editions=["CR"], securities=["psk"], needs=NEEDS, entropy="low")
async def accepted_replacement_ends_the_duty_to_purge(bench: Bench) -> None:
    """A low-entropy account with a timeout was replaced: the new one outlives that timeout."""
    await _outlives_the_old_timeout(bench, "CLN-20")


@scenario("CLN-01", editions=["CR"], securities=["psk"], needs=NEEDS, entropy="low")
async def accepted_replacement_with_a_timeout_is_kept(bench: Bench) -> None:
    """The new account has a high-entropy key: it is kept, although it has a timeout."""
    await _outlives_the_old_timeout(bench, "CLN-01", T)


@scenario("CLN-10", editions=PUBLISHED, needs=["account_replacement", "hold_off"])
async def new_account_s_hold_off_is_obeyed(bench: Bench) -> None:
    """The new account has a hold-off of 3 s: no Bootstrap-Request comes sooner after a stimulus."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    await overwrite(bench, session, replacement.new.account().changed(hold_off=T))
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await expect_hold_off(bench, bench.row("CLN-10"), replacement.new, replacement.dm, seconds=T)
