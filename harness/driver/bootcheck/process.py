# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the run."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import Process
from pathlib import Path
from typing import IO, Any, Callable, Mapping, Optional, Sequence


class Spawner:
    """Starts processes one at a time: many at once stall the event loop for up to a second."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def spawn(
        self,
        command: Sequence[str],
        *,
        directory: Optional[Path] = None,
        environment: Optional[Mapping[str, str]] = None,
        output: int | IO[Any],
        errors: int | IO[Any],
        line_limit: int = 1 << 22,
        begins: Callable[[], None] = lambda: None,
    ) -> Process:
        """Start in an own session; the kernel kills it when the driver dies. Raises OSError.

        `begins` is called when its turn has come, just before it is made.
        """
        # setpriv would hide this behind its own exit code
        if shutil.which(command[0]) is None:
            raise FileNotFoundError(2, "no such program, or not executable", command[0])
        async with self._turn:
            begins()
            return await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--"),
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=errors,
                cwd=directory,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,
                limit=line_limit,
            )


def signal_group(process: Process, number: signal.Signals) -> None:
    """Signal the process and all that it started."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


async def end(process: Process, *, gently_s: float, close_stdin: bool = False) -> None:
    """Let the process end within `gently_s` seconds after SIGTERM, else kill it and its group.

    With `close_stdin` the end of its input is the sign; SIGTERM follows when it does not help.
    """
    if gently_s > 0 and process.returncode is None:
        if close_stdin and process.stdin is not None:
            process.stdin.close()
            await _ended(process, gently_s)
        if process.returncode is None:
            signal_group(process, signal.SIGTERM)
            await _ended(process, gently_s)
    signal_group(process, signal.SIGKILL)
    await process.wait()


async def _ended(process: Process, within_s: float) -> None:
    try:
        await asyncio.wait_for(process.wait(), within_s)
    except asyncio.TimeoutError:
        pass
