# SPDX-License-Identifier: Apache-2.0
"""Runs one variant in its lane, and the control runs that variants share."""

from __future__ import annotations

import asyncio
import traceback
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Awaitable, Callable, Optional

from bootcheck import adapters, always_on, time_scale
from bootcheck.adapters.adapter import ActionFailed, ClientDied
from bootcheck.addresses import AddressError
from bootcheck.applicability import applicability
from bootcheck.bench import Bench
from bootcheck.control import RUNS, Control, Kind, kinds, measure
from bootcheck.device import NoDevice
from bootcheck.ending import Ended, NotApplicable, Trouble
from bootcheck.factory_state import leave, unstopped
from bootcheck.lane import Lane, RunSettings
from bootcheck.peer import Peer, PeerLost, PeerRefused
from bootcheck.process import Spawner
from bootcheck.profile import ProfileError
from bootcheck.requirement import load_catalogue
from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import ErrorKind, Result, Verdict, gravest

if TYPE_CHECKING:
    from bootcheck.heartbeat import Heartbeat

_TRIES = 3  # of a control whose device does not come
_ENOUGH = 2  # effective stimuli that make a control good enough to look no further


class SharedControls:
    """What the lanes of a run share: catalogue, spawner, and the control runs of each variant."""

    def __init__(
        self,
        settings: RunSettings,
        new_lane: Callable[[str], Awaitable[Lane]],
        heartbeat: Optional["Heartbeat"] = None,
    ) -> None:
        self.settings = settings
        self.new_lane = new_lane
        self.heartbeat = heartbeat
        self.spawner = Spawner()
        self.catalogue = load_catalogue()
        self.needs_devices = not adapters.adapter_class(settings.profile).disposable
        self._controls: dict[Variant, asyncio.Task[Optional[Control]]] = {}
        self._problems: dict[Variant, list[str]] = {}

    async def control(self, variant: Variant) -> Optional[Control]:
        """The control of a variant, run on the first demand; None when none reached its server."""
        variant = replace(variant, key="")  # what a client does on a stimulus does not depend on it
        task = self._controls.get(variant)
        if task is None:
            task = self._controls[variant] = asyncio.create_task(self._run(variant))
        return await asyncio.shield(task)

    def problems(self, variant: Variant) -> list[str]:
        """Why controls of this variant failed."""
        return list(dict.fromkeys(self._problems.get(replace(variant, key=""), [])))

    async def close(self) -> None:
        """End what still runs."""
        for task in self._controls.values():
            task.cancel()
        await asyncio.gather(*self._controls.values(), return_exceptions=True)

    async def _run(self, variant: Variant) -> Optional[Control]:
        best: Optional[Control] = None
        problems = self._problems.setdefault(variant, [])
        for number, kind in enumerate(kinds(variant.edition, self.settings.profile)):
            control = await self._measure(variant, kind, number)
            problems += control.problems
            if control.effective and (best is None or len(control.effective) > len(best.effective)):
                best = control
            if best is not None and len(best.effective) >= _ENOUGH:
                break
        if best is None and not problems:
            problems.append("the profile names no account that must be kept, or no stimulus")
        return best

    async def _measure(self, variant: Variant, kind: Kind, number: int) -> Control:
        control = Control(kind.label, self.settings.profile.coap.loss_s)
        runs = [
            self._one(variant, kind, f"control-{variant.id}-{number}-{index}")
            for index in range(RUNS)
        ]
        for outcome in await asyncio.gather(*runs):
            if isinstance(outcome, str):
                control.problems.append(f"control with {kind.label}: {outcome}")
                continue
            for name, seconds in outcome.items():
                control.reactions.setdefault(name, []).append(seconds)
            if not outcome:
                control.problems.append(f"control with {kind.label}: no stimulus brought a contact")
        return control

    async def _one(self, variant: Variant, kind: Kind, name: str) -> dict[str, float] | str:
        found: dict[str, float] = {}

        async def body(bench: Bench) -> None:
            await measure(bench, kind, found)

        for _ in range(_TRIES):
            try:
                lane = await self.new_lane(name)
            except (AddressError, NoDevice) as error:
                return f"{Verdict.ERROR.value}: {error}"
            try:
                result = await in_lane(body, variant, lane, self)
            finally:
                lane.release()
            if found or lane.held is None or not lane.held.did_not_come:
                break  # else another device may show what this client does
        # what came before a control went wrong has reached its server all the same
        if found or result.verdict in (Verdict.PASS, Verdict.WARN):
            return found
        return f"{result.verdict.value}: {result.reason}"


async def run_variant(
    scenario: Scenario, variant: Variant, lane: Lane, shared: SharedControls
) -> Result:
    """Run a variant. Raises nothing but cancellation."""
    skipped = await prepare(scenario, variant, shared)
    if skipped is not None:
        return skipped
    return await in_lane(scenario.function, variant, lane, shared, scenario)


async def prepare(scenario: Scenario, variant: Variant, shared: SharedControls) -> Optional[Result]:
    """What comes before a lane: why the variant is not run, or the controls that it will need."""
    skipped = applicability(scenario, variant, shared.settings, shared.catalogue)
    # before the client starts: a control that is awaited after the timeout would delay the first
    # stimulus, and hide an account that is purged late. A control on a device needs a free one.
    if skipped is None and (scenario.ends == "purged" or shared.needs_devices):
        await shared.control(variant)
    return skipped


async def in_lane(
    body: Callable[[Bench], Awaitable[None]],
    variant: Variant,
    lane: Lane,
    shared: SharedControls,
    scenario: Optional[Scenario] = None,
) -> Result:
    """Run the body with a peer and a client of its own. Raises nothing but cancellation."""
    try:
        # message ids and tokens must differ between lanes, and be the same for the same --seed
        seed = lane.settings.seed ^ zlib.crc32(lane.name.encode())
        coap = time_scale.scaled_coap(lane.settings.profile.coap, lane.settings.time_scale)
        program, directory = lane.settings.peer_program, lane.directory
        peer = await Peer.start(shared.spawner, program, directory, seed, coap)
    except (PeerLost, PeerRefused) as error:
        return Result(Verdict.ERROR, str(error), error_kind=ErrorKind.PEER)
    bench = Bench(lane, variant, peer, shared)
    try:
        result = await _judged(body, bench)
        result.choices = bench.choices
        result = await leave(bench, scenario, _about(scenario, result))
    finally:
        problem = await _protected(_close(bench, peer))
    return result if problem is None else unstopped(lane, result, problem)


async def _protected(work: Awaitable[Optional[str]]) -> Optional[str]:
    """Finish the clean-up even when the lane is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _close(bench: Bench, peer: Peer) -> Optional[str]:
    """End client and peer; why the client's device could not be ended, if so."""
    try:
        await bench.close()
    except (ActionFailed, ProfileError) as error:
        return str(error)
    finally:
        await peer.stop()
    return None


async def _judged(body: Callable[[Bench], Awaitable[None]], bench: Bench) -> Result:
    """Run the body, hold what was seen against the always-on rules, and make a result of it."""
    result = await _stopped(body, bench)
    if result is None and not bench.checks:
        return Result(
            Verdict.ERROR,
            "the scenario checked nothing",
            facts=bench.facts,
            error_kind=ErrorKind.DRIVER,
        )
    if result is None or result.verdict is not Verdict.NOT_APPLICABLE:
        try:
            await always_on.judge(bench)
        except (PeerLost, PeerRefused) as error:
            return result or _error(bench, ErrorKind.PEER, str(error))
    return result or _gathered(bench)


def _about(scenario: Optional[Scenario], result: Result) -> Result:
    """A PASS is one of the scenario's own rows, not only of what holds in every session."""
    if scenario is None or result.verdict not in (Verdict.PASS, Verdict.WARN) or result.choices:
        return result
    if any(check.requirement in scenario.requirements for check in result.checks):
        return result
    rows = ", ".join(scenario.requirements)
    text = f"the scenario checked nothing of {rows}, which it is about"
    return replace(result, verdict=Verdict.ERROR, reason=text, error_kind=ErrorKind.DRIVER)


async def _stopped(body: Callable[[Bench], Awaitable[None]], bench: Bench) -> Optional[Result]:
    """Run the body; a result where it was stopped by something else than what it checks."""
    try:
        await body(bench)
    except Ended:
        pass
    except NotApplicable as error:
        return Result(Verdict.NOT_APPLICABLE, str(error), facts=bench.facts)
    except Trouble as error:
        return _error(bench, error.kind, str(error))
    except ProfileError as error:
        return _error(bench, ErrorKind.PROFILE, str(error))
    except (ActionFailed, NoDevice) as error:
        return _error(bench, ErrorKind.ENVIRONMENT, str(error))
    except (PeerLost, PeerRefused) as error:
        return _error(bench, ErrorKind.PEER, str(error))
    except ClientDied as error:
        if not bench.contacted:
            return _error(bench, ErrorKind.PROFILE, f"{error} before it contacted a server")
        bench.check(
            always_on.SURVIVES,
            bench.row("ROB-01"),
            False,
            "the client does not end by itself",
            expected="a running client",
            observed=str(error),
            evidence=(bench.client.last_output(),),
        )
    except Exception as error:  # the driver's or the scenario's own fault: never the client's
        result = _error(bench, ErrorKind.DRIVER, f"{type(error).__name__}: {error}")
        result.details = traceback.format_exc()
        return result
    return None


def _error(bench: Bench, kind: ErrorKind, text: str) -> Result:
    # what was found before the trouble is not lost: the checks stay in the report
    details = bench.client.last_output()
    return Result(Verdict.ERROR, text, bench.checks, bench.facts, kind, details)


def _gathered(bench: Bench) -> Result:
    verdict = gravest(check.verdict for check in bench.checks)
    assert verdict is not None
    worst = next(check for check in bench.checks if check.verdict is verdict)
    reason = ""
    if verdict is not Verdict.PASS:
        reason = worst.text
    details = bench.client.last_output() if verdict is Verdict.FAIL else ""
    return Result(verdict, reason, bench.checks, bench.facts, details=details)
