# SPDX-License-Identifier: Apache-2.0
"""The catalogue of requirements, scenarios/requirements.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from bootcheck.layout import Layout
from bootcheck.scenario import EDITIONS
from bootcheck.verdict import Verdict

LEVELS = ("MUST", "MUST NOT", "MUST(d)", "SHOULD", "MAY", "INFO")
CATALOGUE = Layout.of_this_package().scenarios / "requirements.toml"


class CatalogueError(Exception):
    """The catalogue is written wrongly."""


@dataclass(frozen=True)
class Requirement:
    """A row: one rule, where it stands, and in which editions it holds."""

    id: str
    level: str
    editions: tuple[str, ...]
    statement: str
    source: str
    verified: str  # V: in a primary text; S, I, M: secondary, interpretation, memory

    def breach(self, strict: bool) -> Verdict:
        """What a breach is: FAIL needs a MUST that was verified in a primary text, else WARN."""
        if strict or (self.level.startswith("MUST") and self.verified == "V"):
            return Verdict.FAIL
        return Verdict.WARN


def load_catalogue(path: Path = CATALOGUE) -> Mapping[str, Requirement]:
    """All rows by id. Raises CatalogueError."""
    rows: dict[str, Requirement] = {}
    for item in tomllib.loads(path.read_text(encoding="utf-8"))["requirement"]:
        try:
            item["editions"] = tuple(item["editions"])
            row = Requirement(**item)
        except (TypeError, KeyError) as error:
            raise CatalogueError(f"{path}: row {item.get('id')}: {error}")
        if row.id in rows:
            raise CatalogueError(f"{path}: row {row.id} occurs twice")
        if row.level not in LEVELS:
            raise CatalogueError(f"{path}: row {row.id}: unknown level {row.level!r}")
        if not row.editions or not set(row.editions) <= set(EDITIONS):
            raise CatalogueError(f"{path}: row {row.id}: unknown edition in {row.editions}")
        rows[row.id] = row
    return rows
