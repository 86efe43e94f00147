# SPDX-License-Identifier: Apache-2.0
"""The process adapter: the client under test as a program on this machine."""

from __future__ import annotations

import asyncio
import base64
import shutil
from asyncio.subprocess import STDOUT, Process
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence

from bootcheck.layout import Layout
from bootcheck.peer import now_us
from bootcheck.process import Spawner, end
from bootcheck.profile import Profile, ProfileError

_OUTPUT_SHOWN = 2000  # bytes of the client's last output that a report repeats


class ClientDied(Exception):
    """The client ended by itself; the text says how, with its last output."""


class Client:
    """One instance of the client under test. Its state directory lives until the factory reset."""

    def __init__(
        self,
        profile: Profile,
        directory: Path,
        spawner: Spawner,
        on_change: Callable[[], None],
        extra_arguments: Sequence[str] = (),
    ) -> None:
        self.profile = profile
        self.directory = directory
        self.state = directory / "state"
        self.log = directory / "client.log"
        self._spawner = spawner
        self._on_change = on_change
        self._extra = list(extra_arguments)
        self._command: list[str] = []
        self._process: Optional[Process] = None
        self._watcher: Optional[asyncio.Task[None]] = None
        self._expected_to_end = False
        self.died: Optional[str] = None

    def configure(self, values: Mapping[str, str], security: str) -> None:
        """Fill the start command. Raises ProfileError."""
        own = {
            "build": str(Layout.of_this_package().build),
            "state_dir": str(self.state),
            "lane_dir": str(self.directory),
        }
        self._command = self.profile.start_command({**own, **values}, security) + self._extra

    async def start(self) -> int:
        """Start the program; the time just before. Raises ProfileError."""
        self.state.mkdir(exist_ok=True)
        before = now_us()
        with open(self.log, "ab") as output:
            try:
                process = await self._spawner.spawn(
                    self._command, directory=self.directory, output=output, errors=STDOUT
                )
            except OSError as error:
                raise ProfileError(
                    f"{self.profile.where('start.command')}: the client cannot be started: "
                    f"{self._command[0]}: {error.strerror}: build it, or mend start.command"
                )
        self._process = process
        self._expected_to_end = False
        self._watcher = asyncio.create_task(self._watch(process))
        return before

    async def _watch(self, process: Process) -> None:
        code = await process.wait()
        if not self._expected_to_end:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.died = f"the client ended by itself ({how})"
            self._on_change()

    async def stop(self, *, gently_s: float = 2.0) -> None:
        """End the program; 0 s is a power cut."""
        if self._process is None:
            return
        self._expected_to_end = True
        close_stdin = self.profile.stop == "close_stdin"
        await end(self._process, gently_s=gently_s, close_stdin=close_stdin)
        if self._watcher is not None:
            await self._watcher
        self._process = None

    def last_output(self) -> str:
        """The end of what the client printed."""
        try:
            with open(self.log, "rb") as log:
                log.seek(0, 2)
                log.seek(max(0, log.tell() - _OUTPUT_SHOWN))
                return log.read().decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return ""

    def clean_up(self, keys: Sequence[bytes]) -> None:
        """Remove the state, and the keys from the output: they may be in captures only."""
        shutil.rmtree(self.state, ignore_errors=True)
        if not self.log.exists():
            return
        text = self.log.read_bytes()
        for key in keys:
            hexadecimal = key.hex().encode()
            for form in (key, hexadecimal, hexadecimal.upper(), base64.b64encode(key)):
                text = text.replace(form, b"[key]")
        self.log.write_bytes(text)
