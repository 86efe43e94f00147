# SPDX-License-Identifier: Apache-2.0
"""Checks of a profile's tables and values; each complaint names file, line and cause."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Mapping, Optional

from bootcheck.profile.error import ProfileError
from bootcheck.profile.placeholders import PLACEHOLDER, PLACEHOLDERS
from bootcheck.profile.tables import TYPE_NAMES, Keys


def key_lines(text: str) -> dict[str, int]:
    """Line numbers of tables and keys. Arrays of tables count from 0: `start.when.0.have`."""
    lines: dict[str, int] = {}
    table, counts = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\[\s*([\w.]+)\s*\]\]", line):
            index = counts.get(match[1], 0)
            counts[match[1]] = index + 1
            table = f"{match[1]}.{index}"
            lines.setdefault(match[1], number)
        elif match := re.match(r"\s*\[\s*([\w.]+)\s*\]", line):
            table = match[1]
        elif match := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            key = match[1].strip("\"'")
            lines.setdefault(f"{table}.{key}" if table else key, number)
            continue
        else:
            continue
        lines.setdefault(table, number)
    return lines


class Checks:
    """Checks with the line numbers of one file."""

    def __init__(self, path: Path, lines: Mapping[str, int]) -> None:
        self.path, self.lines = path, lines

    def fail(self, key: str, text: str) -> ProfileError:
        """The complaint about a dotted key."""
        line = self.lines.get(key)
        return ProfileError(f"{self.path}:{line}: {text}" if line else f"{self.path}: {text}")

    def table(self, name: str, table: Any, known: Keys) -> dict[str, Any]:
        """A table that has known keys only, each with a value of its type."""
        if not isinstance(table, dict):
            raise self.fail(name, f"{name} must be a table: write [{name}]")
        for key, value in table.items():
            dotted = f"{name}.{key}"
            if key not in known:
                raise self.fail(
                    dotted, f"unknown key {key!r} in [{name}]: known are {', '.join(known)}"
                )
            wanted = known[key]
            # bool is an int in Python, never in a profile
            wrong = isinstance(value, bool) and wanted is not bool
            if wrong or not isinstance(value, wanted):
                what = (
                    TYPE_NAMES.get(wanted, "a number") if isinstance(wanted, type) else "a number"
                )
                raise self.fail(dotted, f"{key} in [{name}] must be {what}, not {value!r}")
        return table

    def strings(
        self, dotted: str, value: list[Any], allowed: Optional[tuple[str, ...]] = None
    ) -> tuple[str, ...]:
        """A list of strings, each of them allowed."""
        for item in value:
            if not isinstance(item, str):
                raise self.fail(dotted, f"{dotted} must hold strings only, not {item!r}")
            if allowed is not None and item not in allowed:
                raise self.fail(
                    dotted, f"{dotted}: unknown value {item!r}: known are {', '.join(allowed)}"
                )
        return tuple(value)

    def choice(self, table: dict[str, Any], dotted: str, allowed: tuple[str, ...]) -> Optional[str]:
        """One of the allowed values; None when the key is not there."""
        value = table.get(dotted.split(".")[-1])
        if value is not None and value not in allowed:
            raise self.fail(
                dotted, f"{dotted}: unknown value {value!r}: known are {', '.join(allowed)}"
            )
        return value

    def placeholders(self, dotted: str, words: tuple[str, ...]) -> None:
        """Words in which no unknown placeholder stands."""
        for word in words:
            for name in PLACEHOLDER.findall(word):
                if name not in PLACEHOLDERS and not name.startswith("env."):
                    raise self.fail(
                        dotted,
                        f"unknown placeholder {{{name}}}: known are env.NAME, "
                        f"{', '.join(sorted(PLACEHOLDERS))}",
                    )

    def range(
        self,
        table: dict[str, Any],
        dotted: str,
        least: float,
        most: float,
        unit: str = " seconds",
    ) -> None:
        """A number within bounds, where the key is there."""
        value = table.get(dotted.split(".")[-1])
        if value is not None and not least <= value <= most:
            raise self.fail(dotted, f"{dotted} must be from {least} to {most}{unit}, not {value}")
