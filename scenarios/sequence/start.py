# SPDX-License-Identifier: Apache-2.0
"""What brings a client to its Bootstrap-Server at its start, and how long it waits before."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_request import expect_asked_after_restart
from bootcheck.subjects.hold_off import expect_hold_off_at_start, expect_hold_off_over_a_loss

PUBLISHED = ["1.0", "1.1", "1.2"]
HOLD_OFF = ["hold_off", "factory_hold_off"]


@scenario("SEQ-03", editions=["CR", *PUBLISHED])
async def client_restarted_in_its_first_session_asks_again(bench: Bench) -> None:
    """A restart ends the first session: the client has no LwM2M Server yet, and asks again."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await bs.expect_bootstrap_request()
    session = await expect_asked_after_restart(bench, bench.row("SEQ-03"), bs)
    await session.provision(dm)


async def _hold_off(bench: Bench, seconds: int) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await expect_hold_off_at_start(bench, bench.row("SEQ-09"), bs, seconds=seconds)
    await session.provision(dm)


@scenario("SEQ-09", "SEQ-11", editions=PUBLISHED, needs=HOLD_OFF)
async def hold_off_of_three_seconds_passes_before_the_request(bench: Bench) -> None:
    """A client that is started with a hold-off of 3 s asks no sooner; how much later is told."""
    await _hold_off(bench, 3)


@scenario("SEQ-09", "SEQ-11", editions=PUBLISHED, needs=HOLD_OFF)
async def hold_off_of_eight_seconds_passes_before_the_request(bench: Bench) -> None:
    """A client that is started with a hold-off of 8 s asks no sooner; how much later is told."""
    await _hold_off(bench, 8)


@scenario("SEQ-09", "REQ-08", editions=PUBLISHED, needs=HOLD_OFF)
async def hold_off_passes_before_a_datagram_that_gets_lost(bench: Bench) -> None:
    """The first datagram after 3 s of hold-off gets lost: it was not too early, and comes again."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await expect_hold_off_over_a_loss(bench, bench.row("SEQ-09"), bs, seconds=3)
    await session.provision(dm)
