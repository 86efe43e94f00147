# SPDX-License-Identifier: Apache-2.0
"""Reads the expected results of a profile: [[expected]]."""

from __future__ import annotations

import datetime
from typing import Any, Mapping

from bootcheck.profile.checks import Checks
from bootcheck.profile.expected import ExpectedResult
from bootcheck.profile.tables import Keys
from bootcheck.requirement import Requirement, load_catalogue
from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.verdict import Verdict

EXPECTED = "expected"
VERDICTS = (Verdict.FAIL.value, Verdict.WARN.value, Verdict.INCONCLUSIVE.value)
_KEYS: Keys = {
    "scenario": str,
    "requirement": str,
    "checks": list,
    "editions": list,
    "security": list,
    "verdict": str,
    "reason": str,
    "link": str,
    "expires": datetime.date,
}


def read(checks: Checks, items: Any) -> tuple[ExpectedResult, ...]:
    """All [[expected]] of a profile, in its order. Raises ProfileError."""
    if not isinstance(items, list):
        raise checks.fail(EXPECTED, "expected results are an array of tables: write [[expected]]")
    found = []
    catalogue = load_catalogue() if items else {}
    for index, item in enumerate(items):
        name = f"{EXPECTED}.{index}"
        found.append(_read_one(checks, name, item))
        _check_requirement(checks, name, found[-1], catalogue)
    return tuple(found)


def _read_one(checks: Checks, name: str, item: Any) -> ExpectedResult:
    table = checks.table(name, item, _KEYS)
    for key in ("verdict", "reason"):
        if not table.get(key):
            raise checks.fail(name, f"{key} is missing in an [[expected]]: say what, and why")
    if not table.get("scenario") and not table.get("requirement"):
        raise checks.fail(name, "an [[expected]] needs scenario =, requirement =, or both")
    expires = table.get("expires")
    if isinstance(expires, datetime.datetime):
        raise checks.fail(f"{name}.expires", "expires must be a day, as in 2030-12-31")
    return ExpectedResult(
        where=f"{checks.path.name}:{checks.lines.get(name)}",
        verdict=Verdict(checks.choice(table, f"{name}.verdict", VERDICTS)),
        reason=" ".join(table["reason"].split()),
        scenario=table.get("scenario"),
        requirement=table.get("requirement"),
        checks=checks.strings(f"{name}.checks", table.get("checks", [])),
        editions=checks.strings(
            f"{name}.editions", table.get("editions", list(EDITIONS)), EDITIONS
        ),
        securities=checks.strings(
            f"{name}.security", table.get("security", list(SECURITIES)), SECURITIES
        ),
        link=table.get("link", ""),
        expires=expires,
    )


def _check_requirement(
    checks: Checks, name: str, found: ExpectedResult, catalogue: Mapping[str, Requirement]
) -> None:
    """The row is there, and a breach of it can have this verdict."""
    if found.requirement is None:
        return
    row = catalogue.get(found.requirement)
    if row is None:
        raise checks.fail(
            f"{name}.requirement",
            f"there is no requirement {found.requirement}: ./run_tests.py explain shows all",
        )
    breach = row.breach(strict=False)
    tolerated = any("WARN" in reading.verdicts.values() for reading in row.readings)
    if found.verdict is Verdict.WARN and tolerated:
        return  # that of a client that follows another reading
    if found.verdict not in (breach, Verdict.INCONCLUSIVE):
        raise checks.fail(
            f"{name}.verdict",
            f"a breach of {row.id} is {breach.value}, never {found.verdict.value}: "
            f'write verdict = "{breach.value}"',
        )
