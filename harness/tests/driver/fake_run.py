# SPDX-License-Identifier: Apache-2.0
"""Runs the driver in a process of its own with a stand-in for the runner.

usage: fake_run.py ROOT ARGUMENT...

ROOT holds scenarios/ and fixtures/profiles/. The stand-in calls the scenario's function with a
bench that the scenario steers: its result is the variant's result.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Awaitable, Callable, Mapping

from bootcheck.lane import Lane
from bootcheck.layout import Layout
from bootcheck.profile import Timings
from bootcheck.profile.lab import Lab
from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import Check, Result, Verdict


@dataclass
class FakeProfile:
    """What the plugin needs of a profile."""

    path: Path
    name: str = "fake"
    version: str = "1"
    sha256: str = "0" * 64
    editions: tuple[str, ...] = ("CR", "1.0", "1.1")
    securities: tuple[str, ...] = ("nosec", "psk")
    timings: Timings = Timings()
    lab: Lab = Lab()
    keeps_state: bool = False
    survives_power_cut: bool = False
    stimuli: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    expected: tuple[Any, ...] = ()

    entropy: str = "told"
    found_low: str = ""

    def factories(self) -> dict[str, Any]:
        return {}


class ProfileError(Exception):
    """As the real one."""


def load(path: Path) -> FakeProfile:
    if path.read_text().startswith("wrong"):
        raise ProfileError(f"{path}:1: is wrong: mend it")
    return FakeProfile(path)


class FakeControls:
    """As SharedControls, without controls."""

    def __init__(
        self, settings: Any, new_lane: Callable[[str], Awaitable[Lane]], heartbeat: Any
    ) -> None:
        if os.environ.get("FAKE_CONTROLS_FAIL"):
            raise RuntimeError("the catalogue is broken")
        self.settings, self.new_lane, self.heartbeat = settings, new_lane, heartbeat

    async def close(self) -> None:
        return None


@dataclass
class FakeBench:
    """What the scenarios of these tests are given."""

    variant: Variant
    lane: Lane
    shared: FakeControls
    result: Result = field(default_factory=lambda: Result(Verdict.PASS))
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    def verdict(self, verdict: str, requirement: str = "CLN-05", reason: str = "") -> None:
        """Set the result, with one check."""
        value = Verdict(verdict)
        check = Check("check", requirement, value, "it is so", "this", "that", ["+1.0 s seen"])
        self.result = Result(value, reason or f"{verdict} because", [check])

    async def spawn(self, *command: str) -> int:
        """Start a process as the real runner does: own session, dies with the driver."""
        libc = ctypes.CDLL(None, use_errno=True)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: libc.prctl(1, signal.SIGKILL),  # PR_SET_PDEATHSIG
        )
        self.processes.append(process)
        return process.pid

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def event(self, **members: Any) -> None:
        with open(self.lane.directory / "events.jsonl", "a") as file:
            file.write(json.dumps(members) + "\n")


async def run_variant(
    scenario: Scenario, variant: Variant, lane: Lane, shared: FakeControls
) -> Result:
    bench = FakeBench(variant, lane, shared)
    if variant.edition not in lane.settings.profile.editions:
        return Result(Verdict.NOT_APPLICABLE, f"edition {variant.edition} is not claimed")
    try:
        await scenario.function(bench)
    finally:
        for process in bench.processes:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return bench.result


def main(root: Path, arguments: list[str]) -> int:
    for name, members in (
        ("profile", {"load": load, "ProfileError": ProfileError, "Profile": FakeProfile}),
        ("runner", {"run_variant": run_variant, "SharedControls": FakeControls}),
    ):
        module = types.ModuleType(f"bootcheck.{name}")
        module.__dict__.update(members)
        sys.modules[module.__name__] = module
        setattr(sys.modules["bootcheck"], name, module)
    from bootcheck import __main__ as driver  # only now: it imports the modules above

    return driver.main(arguments, Layout(root))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
