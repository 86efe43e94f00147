# SPDX-License-Identifier: Apache-2.0
"""What a defect or quirk of the reference client must lead to, and whether a run shows it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence

from bootcheck.verdict import Check, Result, Verdict

Place = tuple[str, str, str]  # scenario, variant without its format, check


@dataclass(frozen=True)
class Expected:
    """A check that must not pass."""

    requirement: str
    verdict: Verdict
    primary: bool
    cause: str


@dataclass(frozen=True)
class Expectation:
    """All that must not pass in a run with this defect or quirk."""

    kind: str  # "defect" or "quirk"
    name: str
    checks: Mapping[Place, Expected]
    # by the name of the check alone: may be so in any scenario, and need not
    allowed: Mapping[str, Expected] = field(default_factory=dict)

    @property
    def client_arguments(self) -> list[str]:
        return [f"--{self.kind}", self.name]


class ExpectationError(Exception):
    """The data file is written wrongly."""


def load_expectations(path: Path) -> list[Expectation]:
    """Read the data file. Raises ExpectationError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    found = []
    for kind in ("defect", "quirk"):
        for item in data.get(kind, []):
            checks: dict[Place, Expected] = {}
            allowed = {line["check"]: _expected(path, line) for line in item.get("allow", [])}
            for line in item.get("expect", []):
                expected = _expected(path, line)
                for variant in line["variants"]:
                    checks[line["scenario"], variant, line["check"]] = expected
            if kind == "defect" and not any(expected.primary for expected in checks.values()):
                raise ExpectationError(f"{path}: defect {item['name']} has no primary row")
            found.append(Expectation(kind, item["name"], checks, allowed))
    return found


def _expected(path: Path, line: Mapping[str, Any]) -> Expected:
    expected = Expected(
        line["requirement"],
        Verdict(line.get("verdict", "FAIL")),
        line.get("primary", False),
        line.get("cause", ""),
    )
    if not expected.primary and not expected.cause:
        raise ExpectationError(f"{path}: {dict(line)} needs a cause")
    return expected


def compare(
    expectation: Optional[Expectation], results: Iterable[tuple[str, str, Result]]
) -> list[str]:
    """Differences of a run (scenario, variant id, result) from what is expected; None: all pass."""
    wanted = dict(expectation.checks) if expectation is not None else {}
    problems: list[str] = []
    for scenario, variant_id, result in results:
        variant = variant_id.rsplit("-", 1)[0]
        if result.verdict is Verdict.NOT_APPLICABLE:
            continue
        if result.verdict in (Verdict.ERROR, Verdict.NOT_RUN) or not result.checks:
            problems.append(f"{scenario}[{variant}]: {result.verdict.value}: {result.reason}")
            continue
        for check in result.checks:
            expected = wanted.pop((scenario, variant, check.name), None)
            if expected is None and expectation is not None and check.verdict is not Verdict.PASS:
                expected = expectation.allowed.get(check.name)
            problems += _differences(f"{scenario}[{variant}] {check.name}", expected, check)
    for (scenario, variant, check_name), expected in wanted.items():
        problems.append(
            f"{scenario}[{variant}] {check_name}: expected {expected.verdict.value} of "
            f"{expected.requirement}, but this check was not made"
        )
    return problems


def _differences(where: str, expected: Optional[Expected], check: Check) -> Sequence[str]:
    verdict = expected.verdict if expected is not None else Verdict.PASS
    if check.verdict is not verdict:
        return [
            f"{where}: expected {verdict.value}, got {check.verdict.value} of {check.requirement}: "
            f"{check.observed}"
        ]
    if expected is not None and check.requirement != expected.requirement:
        return [f"{where}: is of {check.requirement}, expected of {expected.requirement}"]
    return []
