# SPDX-License-Identifier: Apache-2.0
"""A person at a pseudo-terminal, who does with a board of lab.py what the terminal asks for."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import subprocess
import termios
import time
from pathlib import Path
from typing import Callable, Sequence

import pytest
import real_run
from lab import Board

NAME = "Ada Lovelace"
_READY = b"what went wrong: "
_OPTIONS = {
    "Endpoint Client Name": "--endpoint",
    "Bootstrap-Server URI": "--bs-uri",
    "Account Timeout /0/x/12 in seconds": "--bs-timeout",
    "the same in hexadecimal": "--bs-identity-hex",
    "its PSK key in hexadecimal": "--bs-key-hex",
}


def _take(terminal: int) -> None:
    """Make it the terminal of a session of one's own, so that Ctrl-C comes as a signal."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


class Person:
    """Answers each prompt of one run; `shown` is all that the terminal showed."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.shown = b""
        self.answer: Callable[[str], str] = lambda action: ""

    def run(self, arguments: Sequence[str], directory: Path) -> int:
        """Run scenarios at a terminal of their own; the exit code."""
        try:
            ours, theirs = pty.openpty()
        except OSError as problem:
            pytest.skip(f"there is no pseudo-terminal here: {problem}")
        process = subprocess.Popen(
            real_run.command(*arguments, "--output", str(directory)),
            env=real_run.environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=lambda: _take(theirs),
        )
        os.close(theirs)
        try:
            self._serve(ours)
            return process.wait(timeout=real_run.LIMIT_S)
        finally:
            process.kill()
            os.close(ours)

    def _serve(self, terminal: int) -> None:
        until, seen = time.monotonic() + real_run.LIMIT_S, 0
        while time.monotonic() < until:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return  # the last user of the terminal has gone
            self.shown += data
            text = self.shown[seen:]
            if text.endswith(b"Your name: "):
                os.write(terminal, NAME.encode() + b"\n")
            elif text.endswith(_READY):
                os.write(terminal, self._do(text.decode()).encode() + b"\n")
            else:
                continue
            seen = len(self.shown)

    def _do(self, prompt: str) -> str:
        action = re.findall(r"device board, \S+: (\w+)", prompt)[-1]
        answer = self.answer(action)
        if not answer:
            self._board.act(action, self._arguments(prompt) if action == "start" else [])
        return answer

    @staticmethod
    def _arguments(prompt: str) -> list[str]:
        found: list[str] = []
        for line in prompt.splitlines():
            for what, option in _OPTIONS.items():
                if line.strip().startswith(what):
                    found += [option, line.split()[-1]]
        return found
