# SPDX-License-Identifier: Apache-2.0
"""The hold-off before a bootstrap that a trigger or a failed registration leads to."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.hold_off import expect_hold_off_after, write_hold_off

HOLD_OFF = ["hold_off"]


async def _hold_off_after(bench: Bench, stimulus: str, seconds: int) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_hold_off(bench, session, seconds)
    await session.provision(dm)
    row = bench.row("SEQ-10")
    await expect_hold_off_after(bench, row, stimulus, bs, dm, seconds=seconds)


@scenario("SEQ-10", editions=["1.1", "1.2"], needs=[*HOLD_OFF, "bootstrap_trigger"])
async def hold_off_passes_before_a_triggered_bootstrap(bench: Bench) -> None:
    """The account has a hold-off of 8 s: no Bootstrap-Request comes sooner after the trigger."""
    await _hold_off_after(bench, "trigger", 8)


@scenario("SEQ-10", editions=["1.0", "1.1", "1.2"], needs=HOLD_OFF)
async def hold_off_passes_after_a_refused_registration(bench: Bench) -> None:
    """The account has a hold-off of 3 s: no Bootstrap-Request comes sooner after a refusal."""
    await _hold_off_after(bench, "register_refused", 3)
