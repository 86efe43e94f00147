# SPDX-License-Identifier: Apache-2.0
"""The command adapter: every action is a program that the lab has."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import STDOUT
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence

from bootcheck.adapters.adapter import (
    FACTORY_RESET,
    POWER_CUT,
    RESTART,
    STIMULATE,
    ActionFailed,
    Adapter,
)
from bootcheck.process import Spawner, end
from bootcheck.profile import ProfileError

if TYPE_CHECKING:
    from bootcheck.lane import Lane
    from bootcheck.profile import Profile

START, START_AGAIN, STOP = "start", "start_again", "stop"


class CommandAdapter(Adapter):
    """A device, handled by programs that end with exit code 0 when they have done their work."""

    def __init__(self, lane: "Lane", spawner: Spawner, changed: Callable[[], None]) -> None:
        super().__init__(lane, spawner, changed)
        self._last = self.log  # the output of the last action
        self._count = 0

    @classmethod
    def offers(cls, profile: "Profile") -> frozenset[str]:
        found = {POWER_CUT, FACTORY_RESET, STIMULATE} & set(profile.lab.actions)
        return frozenset(found | {RESTART} if STOP in profile.lab.actions else found)

    async def start(self) -> None:
        command = self.profile.start_command(self.placeholders(), self.security)
        await self._run(START, "start.command", command)

    async def start_again(self) -> None:
        if START_AGAIN in self.profile.lab.actions:
            await self._act(START_AGAIN)
        else:
            await self.start()

    async def stop(self) -> None:
        if STOP in self.profile.lab.actions:
            await self._act(STOP)

    async def power_cut(self) -> None:
        await self._act(POWER_CUT)

    async def factory_reset(self) -> None:
        await self._act(FACTORY_RESET)

    async def stimulate(self) -> None:
        await self._act(STIMULATE)

    async def close(self) -> None:
        try:
            await self.stop()
        finally:
            for output in self.directory.glob("action-*.log"):
                self.clean(output)

    def last_output(self) -> str:
        return self.tail(self._last)

    async def _act(self, action: str) -> None:
        words = self.profile.action(action, self.placeholders())
        await self._run(action, f"actions.{action}", words)

    async def _run(self, action: str, key: str, command: Sequence[str]) -> None:
        self._count += 1
        self._last = self.directory / f"action-{self._count:02}-{action}.log"
        where, limit_s = self.profile.where(key), self.profile.lab.limit_s
        variables = self.profile.start_environment(self.placeholders())
        with open(self._last, "wb") as output:
            try:
                process = await self.spawner.spawn(
                    command,
                    directory=self.directory,
                    environment={**os.environ, **variables},
                    output=output,
                    errors=STDOUT,
                )
            except OSError as error:
                raise ProfileError(
                    f"{where}: action {action} cannot be run: {command[0]}: {error.strerror}: "
                    f"mend {key}"
                )
        assert process.stdin is not None
        process.stdin.close()
        try:
            code = await asyncio.wait_for(process.wait(), limit_s)
        except asyncio.TimeoutError:
            await end(process, gently_s=0)
            raise self._failed(where, action, f"did not end within {limit_s:g} s", self._last)
        except asyncio.CancelledError:
            await end(process, gently_s=0)
            raise
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise self._failed(where, action, f"ended with {how}", self._last)

    def _failed(self, where: str, action: str, what: str, output: Path) -> ActionFailed:
        printed = " / ".join(self.tail(output).splitlines()[-3:]) or "nothing"
        return ActionFailed(
            f"{where}: action {action} of device {self.device_name} {what}: it printed {printed}"
        )
