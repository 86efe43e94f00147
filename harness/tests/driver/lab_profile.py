# SPDX-License-Identifier: Apache-2.0
"""Profiles of the devices of lab.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Iterable, Iterator, Sequence

import pytest
from lab import Board

LAB = Path(__file__).with_name("lab.py")
RESTARTED, CUT = ("start_again", "stop"), ("power_cut",)
ALL = (*RESTARTED, *CUT, "factory_reset")
_HEAD = """\
[client]
name = "board"
[supports]
editions = ["1.1"]
security = ["nosec", "psk"]
account_timeout = true
account_replacement = true
bootstrap_trigger = true
discover = true
[account]
timeout = "start"
[timings]
start_s = 5
reaction_s = 5
session_limit_s = 30
"""
_START = """
[start]
command = [{start}, "--endpoint", "{{endpoint}}", "--bs-uri", "{{bs_uri}}"]
[[start.when]]
have = "bs_timeout"
arguments = ["--bs-timeout", "{{bs_timeout}}"]
[[start.when]]
security = "psk"
arguments = ["--bs-identity-hex", "{{bs_identity_hex}}", "--bs-key-hex", "{{bs_key_hex}}"]
[actions]
"""


class Lab:
    """A folder with the boards of one test, and their profile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.boards: list[Board] = []

    def board(self, name: str) -> Board:
        """A further board, called so in the profile."""
        self.boards.append(Board(self.folder / name))
        self.boards[-1].folder.mkdir()
        return self.boards[-1]

    def words(self, action: str) -> str:
        command = [sys.executable, str(LAB), action, f"{self.folder}/{{device}}"]
        return ", ".join(f'"{word}"' for word in command)

    def write(
        self,
        adapter: str,
        *,
        actions: Sequence[str] = ALL,
        handle: str = "",
        more: str = "",
        devices: Iterable[str] = ('name = "board"',),
    ) -> Path:
        """A profile whose boards are handled by lab.py; `actions` are those that it has."""
        text = _HEAD + f'[handle]\nadapter = "{adapter}"\n'
        text += 'stimuli = ["trigger", "restart"]\n'
        if set(RESTARTED) <= set(actions) and "keeps_state" not in handle:
            text += "keeps_state = true\n"
        text += handle + _START.format(start=self.words("start"))
        text += "".join(f"{action} = [{self.words(action)}]\n" for action in actions) + more
        text += "".join(f"\n[[device]]\n{device}\n" for device in devices)
        path = self.folder / "board.toml"
        path.write_text(text)
        return path

    def manual(self, handle: str = "", more: str = "") -> Path:
        """A profile whose board is in the hands of a person."""
        text = _HEAD + '[handle]\nadapter = "manual"\nkeeps_state = true\n' + handle
        text += 'stimuli = ["trigger", "restart"]\n' + more + '\n[[device]]\nname = "board"\n'
        path = self.folder / "board.toml"
        path.write_text(text)
        return path

    def end(self) -> None:
        for board in self.boards:
            board.power_cut()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path / "lab")
    made.folder.mkdir()
    yield made
    made.end()
