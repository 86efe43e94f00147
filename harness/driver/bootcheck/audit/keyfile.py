# SPDX-License-Identifier: Apache-2.0
"""A CSV file of devices and their keys, read line by line; each complaint names its line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import BinaryIO, Callable, Iterator, Optional

REQUIRED = ("identity", "key")
OPTIONAL = ("endpoint", "serial", "mac", "imei")
_MOST_LINE = 65536  # bytes; a file without line ends must not fill the memory
_MOST_KEY = 128

Complain = Callable[[int, str], None]  # a line and what is wrong with it
Device = dict[str, object]  # `line` and the columns that have a value


class KeyFileError(Exception):
    """The file as a whole cannot be used; the text says what to do."""


class KeyFile:
    """The devices of a file. What is wrong in a line is told, and the others are read."""

    def __init__(self, path: Path, complain: Complain) -> None:
        """Open it and read the header. Raises KeyFileError."""
        self._path, self._complain = path, complain
        self._line = 0  # the last physical line that was read
        try:
            self._file: BinaryIO = open(path, "rb")
        except OSError as problem:
            raise KeyFileError(f"{path}: cannot be read: {problem.strerror}") from None
        self._rows = csv.reader(self._lines(), strict=True)
        self.columns = self._header()
        self.unused = [name for name in self.columns if name not in REQUIRED + OPTIONAL]
        self.absent = [name for name in OPTIONAL if name not in self.columns]

    def close(self) -> None:
        self._file.close()

    def _lines(self) -> Iterator[str]:
        """Physical lines as text; those that are none are told and passed over."""
        while True:
            line = self._file.readline(_MOST_LINE + 1)
            if not line:
                return
            self._line += 1
            if len(line) > _MOST_LINE:
                while line and not line.endswith(b"\n"):
                    line = self._file.readline(_MOST_LINE)
                self._complain(self._line, f"is longer than {_MOST_LINE} bytes")
                continue
            if b"\0" in line:
                self._complain(self._line, "has a NUL byte: save the file as UTF-8 text")
                continue
            try:
                yield line.decode("utf-8-sig" if self._line == 1 else "utf-8")
            except UnicodeDecodeError as problem:
                byte = problem.start + 1
                self._complain(self._line, f"is not UTF-8 (byte {byte}): save the file as UTF-8")

    def _header(self) -> list[str]:
        try:
            names = [name.strip().lower() for name in next(self._rows, [])]
        except csv.Error as problem:
            raise KeyFileError(f"{self._path}:1: {problem}") from None
        where = f"{self._path}:{max(self._line, 1)}"
        wanted = f"{', '.join(REQUIRED)}, and as far as known {', '.join(OPTIONAL)}"
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            hint = " (columns are separated by commas)" if ";" in "".join(names) else ""
            raise KeyFileError(
                f"{where}: the first line must name the columns {wanted}: "
                f"{' and '.join(missing)} missing{hint}"
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise KeyFileError(f"{where}: column {twice[0]} is there twice: drop one")
        return names

    def devices(self) -> Iterator[Device]:
        """The devices of all lines that are as they must be."""
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error as problem:
                self._complain(self._line, str(problem))
                continue
            if row:
                device = self._device(row)
                if device is not None:
                    yield device

    def _device(self, row: list[str]) -> Optional[Device]:
        if len(row) != len(self.columns):
            text = f"has {len(row)} columns, the first line {len(self.columns)}"
            self._complain(self._line, text)
            return None
        values = {name: text.strip() for name, text in zip(self.columns, row)}
        problem = _wrong_key(values["key"])
        if problem is None and not values["identity"]:
            problem = "identity is empty"
        if problem is not None:
            self._complain(self._line, problem)
            return None
        known = {name: values[name] for name in REQUIRED + OPTIONAL if values.get(name)}
        return {"line": self._line, **known}


def _wrong_key(text: str) -> Optional[str]:
    """What is wrong with a key; it is not shown."""
    if not text:
        return "key is empty"
    for place, digit in enumerate(text, 1):
        if digit not in "0123456789abcdefABCDEF":
            return f"key: character {place} is no hexadecimal digit"
    if len(text) % 2:
        return f"key has {len(text)} hexadecimal digits: a byte has two"
    if len(text) > 2 * _MOST_KEY:
        return f"key has {len(text) // 2} bytes: at most {_MOST_KEY} are taken"
    return None
