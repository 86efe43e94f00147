# SPDX-License-Identifier: Apache-2.0
"""The process adapter: the client under test as a program on this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from asyncio.subprocess import STDOUT, Process
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Mapping, Optional

from bootcheck import time_scale
from bootcheck.adapters.adapter import FACTORY_RESET, POWER_CUT, RESTART, Adapter
from bootcheck.heartbeat import monotonic_us
from bootcheck.process import Spawner, end
from bootcheck.profile import ProfileError

if TYPE_CHECKING:
    from bootcheck.lane import Lane

_STOP_S = 2.0  # for an orderly end within a scenario
_CLOSE_S = 1.0  # after it, when nothing depends on the order any more


class ProcessAdapter(Adapter):
    """A program of its own for each scenario, whose state directory is its whole memory."""

    offered = frozenset({RESTART, POWER_CUT, FACTORY_RESET})
    disposable = True

    def __init__(self, lane: "Lane", spawner: Spawner, changed: Callable[[], None]) -> None:
        super().__init__(lane, spawner, changed)
        self._command: list[str] = []
        self._variables: dict[str, str] = {}
        self._process: Optional[Process] = None
        self._watcher: Optional[asyncio.Task[None]] = None
        self._expected_to_end = False
        self._first_start: Optional[float] = None

    @property
    def _state(self) -> Path:
        return self.directory / "state"

    def provision(self, facts: Mapping[str, str], security: str) -> None:
        super().provision(facts, security)
        values = {"state_dir": str(self._state), **self.placeholders()}
        more = self.lane.settings.client_arguments
        self._variables = self.profile.start_environment(values)
        self._command = [*self.profile.start_command(values, security), *more]

    async def start(self) -> None:
        self._state.mkdir(exist_ok=True)
        with open(self.log, "ab") as output:
            try:
                process = await self.spawner.spawn(
                    self._command,
                    directory=self.directory,
                    environment=self._environment(),
                    output=output,
                    errors=STDOUT,
                    begins=self._begins,
                )
            except OSError as error:
                raise ProfileError(
                    f"{self.profile.where('start.command')}: the client cannot be started: "
                    f"{self._command[0]}: {error.strerror}: build it, or mend start.command"
                )
        self._process = process
        self._expected_to_end = False
        self._watcher = asyncio.create_task(self._watch(process))

    def _begins(self) -> None:
        self.began_us = monotonic_us()

    def _environment(self) -> Optional[dict[str, str]]:
        factor = self.lane.settings.time_scale
        if factor == 1:
            return {**os.environ, **self._variables} if self._variables else None
        now = time.monotonic()
        if self._first_start is None:
            self._first_start = now
        return {**time_scale.environment(factor, now - self._first_start), **self._variables}

    async def _watch(self, process: Process) -> None:
        code = await process.wait()
        if not self._expected_to_end:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.died = f"the client ended by itself ({how})"
            self.changed()

    async def stop(self) -> None:
        await self._end(_STOP_S)

    async def power_cut(self) -> None:
        await self._end(0)

    async def _end(self, gently_s: float) -> None:
        if self._process is None:
            return
        self._expected_to_end = True
        close_stdin = self.profile.stop == "close_stdin"
        await end(self._process, gently_s=gently_s, close_stdin=close_stdin)
        if self._watcher is not None:
            await self._watcher
        if self.lane.settings.time_scale != 1:
            time_scale.clean_up(self._process.pid)
        self._process = None

    async def factory_reset(self) -> None:
        shutil.rmtree(self._state, ignore_errors=True)

    async def close(self) -> None:
        await self._end(_CLOSE_S)
        await self.factory_reset()
        self.clean(self.log)
