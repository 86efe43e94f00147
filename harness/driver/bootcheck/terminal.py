# SPDX-License-Identifier: Apache-2.0
"""The person at the terminal, who does what no program of the lab can do."""

from __future__ import annotations

import asyncio
import os
import sys


class TerminalClosed(Exception):
    """Nobody is there any more."""


class Terminal:
    """Asks one thing at a time, and never holds up the loop.

    What is shown here goes to the terminal and to no file: it may hold keys.
    """

    def __init__(self, read_from: int, write_to: int) -> None:
        self._in, self._out = read_from, write_to
        self._turn = asyncio.Lock()
        self._person = ""
        self._typed = b""
        self._closed = asyncio.Event()

    @staticmethod
    def is_there() -> bool:
        """Whether a person can be asked."""
        return sys.__stdin__ is not None and sys.__stdin__.isatty() and os.isatty(1)

    @classmethod
    def of_this_process(cls) -> "Terminal":
        return cls(0, 1)

    async def person(self) -> str:
        """Who answers: asked once. Raises TerminalClosed."""
        async with self._turn:
            while not self._person:
                self._person = await self._ask("Who handles the devices? Your name: ")
        return self._person

    async def ask(self, text: str) -> str:
        """Show the text and give the line that comes. Raises TerminalClosed."""
        async with self._turn:
            return await self._ask(text)

    def close(self) -> None:
        """Ask no more: the run is being stopped, and the person wants to go."""
        self._closed.set()

    async def _ask(self, text: str) -> str:
        self._refuse_when_closed()
        # the console's own line, which changes, is left to stand above
        os.write(self._out, b"\r\x1b[K" + text.encode())
        while b"\n" not in self._typed:
            await self._readable()
            data = os.read(self._in, 4096)
            if not data:
                raise TerminalClosed("the terminal was closed")
            self._typed += data
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    async def _readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._in, ready.set)
        waits = [asyncio.ensure_future(event.wait()) for event in (ready, self._closed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(self._in)
            for wait in waits:
                wait.cancel()
        self._refuse_when_closed()

    def _refuse_when_closed(self) -> None:
        if self._closed.is_set():
            raise TerminalClosed("the run is being stopped")
