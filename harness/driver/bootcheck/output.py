# SPDX-License-Identifier: Apache-2.0
"""What a scenario prints or logs goes to a file of its lane, though all lanes share a process."""

from __future__ import annotations

import contextlib
import contextvars
import io
import logging
import sys
from pathlib import Path
from typing import Iterator, Optional, TextIO

FILE_NAME = "scenario-output.txt"

_lane_file: contextvars.ContextVar[Optional[Path]] = contextvars.ContextVar("lane", default=None)


class _Router(io.TextIOBase):
    """Stands for stdout or stderr: text of a lane goes to its file, other text passes."""

    def __init__(self, outside: TextIO) -> None:
        self._outside = outside

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        path = _lane_file.get()
        if path is None:
            return self._outside.write(text)
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            return file.write(text)

    def flush(self) -> None:
        self._outside.flush()


class _LogHandler(logging.Handler):
    """Log records of a lane go to its file, others to the run's driver.log."""

    def __init__(self, run_file: Path) -> None:
        super().__init__()
        self._run_file = run_file
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        path = _lane_file.get() or self._run_file
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(self.format(record) + "\n")


def enter_lane(directory: Path) -> None:
    """From now on this task, and those that it starts, write to the lane's file."""
    _lane_file.set(directory / FILE_NAME)


@contextlib.contextmanager
def routed(run_directory: Path) -> Iterator[None]:
    """Route print and logging while a run lasts."""
    handler = _LogHandler(run_directory / "driver.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    outside = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Router(sys.stdout), _Router(sys.stderr)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = outside
        root.removeHandler(handler)
        root.setLevel(level)
