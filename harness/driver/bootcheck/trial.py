# SPDX-License-Identifier: Apache-2.0
"""Trials of a client outside of a run, for `doctor` and `probe`: a lane each, nothing is kept."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Awaitable, Callable, Optional, Sequence

from bootcheck import adapters, profile, runner
from bootcheck.addresses import AddressBlock, AddressError, Places
from bootcheck.always_on import PREFIX
from bootcheck.bench import Bench
from bootcheck.device import DevicePool, NoDevice
from bootcheck.execution import use_pidfd_watcher
from bootcheck.lane import Lane, RunSettings
from bootcheck.layout import Layout
from bootcheck.options import DEFAULT_CLIENT, default_editions, profile_path, set_binary
from bootcheck.scenario import EDITIONS, SECURITIES, Variant
from bootcheck.terminal import Terminal
from bootcheck.verdict import Check, Result, Verdict

Body = Callable[[Bench], Awaitable[None]]


@dataclass(frozen=True)
class Trials:
    """The client that is tried."""

    profile: profile.Profile
    variants: tuple[Variant, ...]  # one a security mode
    layout: Layout

    def run(self, bodies: Sequence[tuple[Variant, Body]]) -> list[Result]:
        """Try one after the other. Raises AddressError, NoDevice."""
        use_pidfd_watcher()
        with tempfile.TemporaryDirectory(prefix="bootcheck-") as folder:
            return asyncio.run(self._all(bodies, Path(folder)))

    async def _all(self, bodies: Sequence[tuple[Variant, Body]], folder: Path) -> list[Result]:
        settings = RunSettings(
            self.profile,
            self.layout.peer_program,
            strict=False,
            seed=0,
            terminal=Terminal.of_this_process()
            if adapters.adapter_class(self.profile).asks
            else None,
        )
        devices = adapters.devices(self.profile)
        pool = DevicePool(devices) if devices else None

        async def no_control(name: str) -> Lane:
            raise NoDevice(f"{name}: a trial has no controls")

        shared = runner.SharedControls(settings, no_control)
        found = []
        for number, (variant, body) in enumerate(bodies):
            held = await pool.take() if pool is not None else None
            places: Places = AddressBlock.take()
            if held is not None and held.device.address is not None:
                places.release()
                places = held
            directory = folder / f"trial-{number}"
            directory.mkdir()
            lane = Lane(f"trial-{number}", directory, places, settings, held)
            try:
                found.append(await runner.in_lane(body, variant, lane, shared))
            finally:
                lane.release()
        return found


def failed(result: Result) -> Optional[Check]:
    """What ended a trial. An always-on rule that is broken ends none."""
    failed = (check for check in result.checks if check.verdict is Verdict.FAIL)
    return next((check for check in failed if not check.name.startswith(PREFIX)), None)


def parsed(command: str, arguments: Sequence[str], layout: Layout) -> Optional[Trials]:
    """The client that a command names; None after a usage error was told. Raises ProfileError."""
    parser = argparse.ArgumentParser(prog=f"run_tests.py {command}")
    parser.add_argument("--client", default=DEFAULT_CLIENT, metavar="PROFILE")
    parser.add_argument("--binary", metavar="PATH", help="the client's program")
    parser.add_argument("--edition", choices=EDITIONS, help="default: 1.1, or the latest claimed")
    parser.add_argument("--security", choices=SECURITIES, help="default: all that are claimed")
    try:
        chosen = parser.parse_args(list(arguments))
    except SystemExit:
        return None
    found = profile.load(profile_path(chosen.client, layout))
    adapters.check(found)
    set_binary(found, chosen.binary)
    edition = chosen.edition or default_editions(found.editions)[-1]
    securities = [chosen.security] if chosen.security else found.securities
    return Trials(found, tuple(Variant(edition, name) for name in securities), layout)


__all__ = ["AddressError", "Body", "NoDevice", "Trials", "failed", "parsed"]
