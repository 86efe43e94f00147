# SPDX-License-Identifier: Apache-2.0
"""The catalogue of requirements, scenarios/requirements.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Mapping, Optional

from bootcheck.layout import Layout
from bootcheck.scenario import EDITIONS
from bootcheck.verdict import Verdict

LEVELS = ("MUST", "MUST NOT", "MUST(d)", "SHOULD", "MAY", "INFO")
VERIFIED = {
    "V": "read in a primary text",
    "S": "known from a secondary text only",
    "I": "an interpretation",
    "M": "from memory, not looked up",
}
READING_VERDICTS = ("PASS", "WARN", "FAIL", "INFO")
CATALOGUE = Layout.of_this_package().scenarios / "requirements.toml"


class CatalogueError(Exception):
    """The catalogue is written wrongly."""


@dataclass(frozen=True)
class Reading:
    """One of several ways in which the sources of a rule can be read."""

    reading: str
    prescribed: tuple[str, ...]  # the editions whose text says it
    verdicts: Mapping[str, str]  # of a client that follows it, by edition


@dataclass(frozen=True)
class Capability:
    """What Bootcheck cannot do yet."""

    name: str
    what: str


@dataclass(frozen=True)
class Requirement:
    """A row: one rule, where it stands, and in which editions it holds.

    A row that neither a scenario nor an always-on rule names says how it stands: by one of the
    members from `in_passing` on.
    """

    id: str
    level: str
    editions: tuple[str, ...]
    statement: str
    source: str
    verified: str  # a key of VERIFIED
    in_edition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    in_passing: str = ""  # what scenarios of other rows do that checks it
    waits_for: Optional[Capability] = None
    not_testable: str = ""  # why
    open: bool = False  # no scenario yet

    def of(self, edition: str) -> "Requirement":
        """The row with the level that it has in this edition, and how that is verified."""
        return replace(self, **dict[str, Any](self.in_edition.get(edition) or {}))

    def read_as(self, number: int, edition: str) -> "Requirement":
        """The row for a client that follows one of its readings, counted from 0.

        Its breach is no more than WARN where the reading's verdict is.
        """
        tolerated = self.readings[number].verdicts[edition] in ("WARN", "INFO")
        return replace(self, level="SHOULD") if tolerated else self

    def breach(self, strict: bool) -> Verdict:
        """What a breach is: FAIL needs a MUST that was verified in a primary text, else WARN."""
        if strict or (self.level.startswith("MUST") and self.verified == "V"):
            return Verdict.FAIL
        return Verdict.WARN


def load_catalogue(path: Path = CATALOGUE) -> Mapping[str, Requirement]:
    """All rows by id. Raises CatalogueError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    capabilities = {
        name: Capability(name, what) for name, what in data.get("capabilities", {}).items()
    }
    rows: dict[str, Requirement] = {}
    for item in data["requirement"]:
        where = f"{path}: row {item.get('id')}"
        try:
            row = _row(item, capabilities)
        except (TypeError, KeyError) as problem:
            raise CatalogueError(f"{where}: {problem}") from None
        if row.id in rows:
            raise CatalogueError(f"{where} occurs twice: an id is of one row")
        wrong = _wrong(row)
        if wrong is not None:
            raise CatalogueError(f"{where}: {wrong}")
        rows[row.id] = row
    return rows


def _row(item: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> Requirement:
    members: dict[str, Any] = {**item, "editions": tuple(item["editions"])}
    if "readings" in item:
        members["readings"] = tuple(
            replace(Reading(**reading), prescribed=tuple(reading["prescribed"]))
            for reading in item["readings"]
        )
    if "waits_for" in item:
        if item["waits_for"] not in capabilities:
            raise TypeError(f"waits_for: {item['waits_for']!r} is not under [capabilities]")
        members["waits_for"] = capabilities[item["waits_for"]]
    return Requirement(**members)


def _wrong(row: Requirement) -> Optional[str]:
    """What is wrong with the members of a row."""
    if not row.editions or not set(row.editions) <= set(EDITIONS):
        return f"unknown edition in {row.editions}"
    if not set(row.in_edition) <= set(row.editions):
        return "in_edition has an edition in which the row does not hold"
    if any(not set(members) <= {"level", "verified"} for members in row.in_edition.values()):
        return "in_edition is for level and verified only"
    for edition in row.editions:
        if row.of(edition).level not in LEVELS:
            return f"unknown level {row.of(edition).level!r}"
        if row.of(edition).verified not in VERIFIED:
            return f"verified {row.of(edition).verified!r} is none of {', '.join(VERIFIED)}"
    said = [row.in_passing, row.waits_for, row.not_testable, row.open]
    if sum(map(bool, said)) > 1:
        return "only one of in_passing, waits_for, not_testable and open can be"
    for reading in row.readings:
        if set(reading.verdicts) != set(row.editions):
            return "a reading has a verdict in each edition of the row, and in no other"
        if not set(reading.verdicts.values()) <= set(READING_VERDICTS):
            return f"the verdict of a reading is one of {', '.join(READING_VERDICTS)}"
        if any(reading.verdicts.get(edition) != "PASS" for edition in reading.prescribed):
            return "a client passes that follows a reading where it is prescribed"
    return None
