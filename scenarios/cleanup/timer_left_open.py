# SPDX-License-Identifier: Apache-2.0
"""What becomes of a timeout that is running: told, not judged, where the texts say nothing.

What no reading allows is judged by timer_restart.py and timer_session.py. Here a stimulus asks when
the timeout is over by one reading and not by another.
"""

import math
from dataclasses import dataclass

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.reading import finish_if_taken, glance_s, room_s, tell_whether_used
from bootcheck.server import BootstrapServer, LwM2MServer
from bootcheck.stimulus import restart_and_register
from bootcheck.usable import require_control, stimulate

PUBLISHED = ["1.0", "1.1", "1.2"]
ROWS = ("CLN-03", "CLN-05")  # the change request's row, and that of the published editions
TIMEOUT = ["account_timeout"]
RESTART = [*TIMEOUT, "keeps_state"]


@dataclass
class Running:
    """A client whose timeout is running since a while."""

    bench: Bench
    bs: BootstrapServer
    dm: LwM2MServer
    timeout_us: int
    over_us: int  # by the first Finish
    stimuli: list[str]

    async def ask(self, question: str, anew_us: int | None = None) -> None:
        """When T is over by the first Finish, and at the latest at `anew_us`."""
        bench = self.bench
        await bench.until(self.over_us + bench.grace_us)
        await tell_whether_used(bench, self.bs, self.dm, question=question, until_us=anew_us)


async def _running(bench: Bench, entropy: str) -> Running:
    """As early after the Finish as leaves time to ask before T would be over once more."""
    control = await require_control(bench, bench.row(*ROWS))
    between = bench.grace_us / 1e6 + glance_s(bench, control)
    timeout = math.ceil(between + room_s(bench, control))
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    first = await session.provision(dm)
    await bench.until(first.latest_us + int(between * 1e6))
    timeout_us = timeout * 1_000_000
    return Running(bench, bs, dm, timeout_us, first.latest_us + timeout_us, control.effective)


async def _restart(bench: Bench, entropy: str) -> None:
    running = await _running(bench, entropy)
    await restart_and_register(bench, running.dm)
    anew_us = bench.now() + running.timeout_us
    await running.ask("T after the bootstrap, less than T after a restart on the way", anew_us)


async def _second_session(bench: Bench, entropy: str) -> None:
    running = await _running(bench, entropy)
    bs, dm, row = running.bs, running.dm, bench.row(*ROWS)
    request = await stimulate(bench, row, bs, dm, "next-session", running.stimuli)
    second = await finish_if_taken(bench, bs.session(request), dm)
    if second is not None:
        anew_us = second.earliest_us + running.timeout_us
        await running.ask("T after the first session, less than T after a second one", anew_us)


async def _refused_attempt(bench: Bench, entropy: str) -> None:
    running = await _running(bench, entropy)
    bs, dm, row = running.bs, running.dm, bench.row(*ROWS)
    await bs.refuse_requests()
    await stimulate(bench, row, bs, dm, "attempt", running.stimuli)
    await running.ask("T after the session, with an attempt on the way that the server refused")


@scenario("FIN-01", editions=PUBLISHED, needs=RESTART, ends="purged")
async def timeout_over_a_restart(bench: Bench) -> None:
    """The client is restarted: does its timeout run on, or start anew?"""
    await _restart(bench, "high")


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def timeout_over_a_second_session(bench: Bench) -> None:
    """A second session succeeds: does the timeout run on, or start anew?"""
    await _second_session(bench, "high")


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def timeout_over_a_refused_attempt(bench: Bench) -> None:
    """A Bootstrap-Request is answered 4.00: does the timeout run on, or is it at an end?"""
    await _refused_attempt(bench, "high")


@scenario(
    "FIN-01",
    editions=["CR"],
    securities=["psk"],
    needs=RESTART,
    entropy="low",
    ends="purged",
)
async def timeout_of_a_low_entropy_account_over_a_restart(bench: Bench) -> None:
    """The client is restarted: does its timeout run on, or start anew?"""
    await _restart(bench, "low")


@scenario(
    "CLN-03",
    editions=["CR"],
    securities=["psk"],
    needs=TIMEOUT,
    entropy="low",
    ends="purged",
)
async def timeout_of_a_low_entropy_account_over_a_second_session(bench: Bench) -> None:
    """A second session succeeds: does the timeout run on, or start anew?"""
    await _second_session(bench, "low")


@scenario(
    "CLN-03",
    editions=["CR"],
    securities=["psk"],
    needs=TIMEOUT,
    entropy="low",
    ends="purged",
)
async def timeout_of_a_low_entropy_account_over_a_refused_attempt(bench: Bench) -> None:
    """A Bootstrap-Request is answered 4.00: does the timeout run on, or is it at an end?"""
    await _refused_attempt(bench, "low")
