# SPDX-License-Identifier: Apache-2.0
"""A second session while the timeout is running, and one in which it ends.

The texts do not say whether the second Finish starts the timeout anew. The longest lawful reading
is that it does: after that the account must be gone. Which reading a client follows is told by
left_open.py.
"""

import math

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone
from bootcheck.reading import finish_if_taken, room_s
from bootcheck.server import BootstrapServer, LwM2MServer
from bootcheck.session import Finished
from bootcheck.usable import next_session, require_control

PUBLISHED = ["1.0", "1.1", "1.2"]
ROWS = ("CLN-03", "CLN-05")  # the change request's row, and that of the published editions
TIMEOUT = ["account_timeout"]


async def _first_session(
    bench: Bench, bs: BootstrapServer, dm: LwM2MServer, timeout: int, entropy: str
) -> Finished:
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    return await session.provision(dm)


async def _expect_gone_after_the_second(
    bench: Bench, bs: BootstrapServer, dm: LwM2MServer, second: Finished, timeout: int
) -> None:
    gone_us = second.latest_us + timeout * 1_000_000 + bench.grace_us
    row, what = (
        bench.row(*ROWS),
        "the account is gone once its timeout is over after the last Finish",
    )
    await expect_account_gone(bench, row, bs, dm, after_us=gone_us, what=what)


async def _second_session(bench: Bench, entropy: str) -> None:
    row = bench.row(*ROWS)
    control = await require_control(bench, row)
    timeout = math.ceil(room_s(bench, control))
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await _first_session(bench, bs, dm, timeout, entropy)
    session = await next_session(bench, row, bs, dm, control.effective)
    second = await finish_if_taken(bench, session, dm)
    if second is not None:
        await _expect_gone_after_the_second(bench, bs, dm, second, timeout)


async def _timeout_ends_in_a_session(bench: Bench, entropy: str) -> None:
    row = bench.row(*ROWS)
    control = await require_control(bench, row)
    timeout = math.ceil(room_s(bench, control))
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    first = await _first_session(bench, bs, dm, timeout, entropy)
    session = await next_session(bench, row, bs, dm, control.effective)
    await bench.until(first.latest_us + timeout * 1_000_000)
    second = await finish_if_taken(bench, session, dm)
    goes_on = "it goes on" if second is not None else "it is over, too"
    bench.choice("a session that is running when T is over", "", goes_on)
    if second is not None:
        await _expect_gone_after_the_second(bench, bs, dm, second, timeout)


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def account_is_purged_after_a_second_session(bench: Bench) -> None:
    """A session while the timeout is running may start it anew, but does not end it."""
    await _second_session(bench, "high")


@scenario(
    "CLN-03", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def low_entropy_account_is_purged_after_a_second_session(bench: Bench) -> None:
    """A session while the timeout is running may start it anew, but does not end it."""
    await _second_session(bench, "low")


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def account_is_purged_after_a_session_in_which_its_timeout_ended(bench: Bench) -> None:
    """The timeout ends in a session: its Finish may start it anew, but does not end it."""
    await _timeout_ends_in_a_session(bench, "high")


@scenario(
    "CLN-03", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def low_entropy_account_is_purged_after_a_session_in_which_its_timeout_ended(
    bench: Bench,
) -> None:
    """The timeout ends in a session: its Finish may start it anew, but does not end it."""
    await _timeout_ends_in_a_session(bench, "low")
