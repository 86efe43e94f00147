# SPDX-License-Identifier: Apache-2.0
"""What a defect or quirk of the reference client must lead to, and whether a run shows it.

In the data file a `[[defect]]` or `[[quirk]]` has a `name`, its lines `expect`, and which runs it
is judged by: `editions` and `scenarios` (as after `--edition` and `-k`; without them those of an
ordinary run), `slow` (slow scenarios too). Its lines `allow` name checks that may be so in any
scenario, and need not. A line of `expect` has

    scenario      a name, or "*": every scenario in which a variant was run; `except` names those
                  that are left out. A line with a name goes before one with "*".
    variants      as ["1.1-psk"]; without it every variant of the scenario that was run
    check         its name, `requirement` its row, `verdict` what it must have (FAIL)
    primary       what the defect is made for; every other line has a `cause`
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence

from bootcheck.scenario import EDITIONS
from bootcheck.verdict import Check, Result, Verdict

Place = tuple[str, str, str]  # scenario, variant without its format, check
Outcome = tuple[str, str, Result]  # scenario, variant id, result

EVERY = "*"
_ITEM_KEYS = {"name", "editions", "scenarios", "slow", "expect", "allow"}
_ALLOW_KEYS = {"check", "requirement", "verdict", "cause"}
_LINE_KEYS = {
    *("scenario", "except", "variants", "check", "requirement", "verdict", "primary", "cause")
}


@dataclass(frozen=True)
class Expected:
    """A check that must not pass."""

    requirement: str
    verdict: Verdict
    primary: bool
    cause: str


@dataclass(frozen=True)
class Pattern:
    """The same check expected in many variants."""

    scenario: str  # or EVERY
    variants: tuple[str, ...]  # none: every variant
    check: str
    excepted: tuple[str, ...]
    expected: Expected

    def covers(self, scenario: str, variant: str) -> bool:
        return (
            self.scenario in (EVERY, scenario)
            and scenario not in self.excepted
            and (not self.variants or variant in self.variants)
        )


@dataclass(frozen=True)
class Expectation:
    """All that must not pass in a run with this defect or quirk."""

    kind: str  # "defect" or "quirk"
    name: str
    checks: Mapping[Place, Expected]
    # by the name of the check alone: may be so in any scenario, and need not
    allowed: Mapping[str, Expected] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    editions: tuple[str, ...] = ()  # none: those of an ordinary run
    scenarios: str = ""  # the expression that selects them; empty: all
    slow: bool = False

    @property
    def client_arguments(self) -> list[str]:
        return [f"--{self.kind}", self.name]

    @property
    def run_arguments(self) -> list[str]:
        """Options that select what is run."""
        arguments = [f"--edition={edition}" for edition in self.editions]
        if self.scenarios:
            arguments += ["-k", self.scenarios]
        if self.slow:
            arguments += ["-m", "slow or not slow"]
        return arguments

    def everything(self) -> Iterator[tuple[str, tuple[str, ...], str, Expected]]:
        """All lines as (scenario or EVERY, variants, check, what is expected)."""
        for (scenario, variant, check), expected in self.checks.items():
            yield scenario, (variant,), check, expected
        for pattern in self.patterns:
            yield pattern.scenario, pattern.variants, pattern.check, pattern.expected


class ExpectationError(Exception):
    """The data file is written wrongly."""


def load_expectations(path: Path) -> list[Expectation]:
    """Read the data file. Raises ExpectationError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    found: list[Expectation] = []
    for kind in ("defect", "quirk"):
        for item in data.get(kind, []):
            where = f"{path}: {kind} {item.get('name')}"
            try:
                found.append(_expectation(kind, item))
            except KeyError as missing:
                raise ExpectationError(f"{where}: {missing} is missing") from None
            except (ExpectationError, ValueError) as problem:
                raise ExpectationError(f"{where}: {problem}") from None
            if any(other.name == item["name"] for other in found[:-1]):
                raise ExpectationError(f"{where} occurs twice")
    return found


@dataclass
class _Lines:
    """The lines of one item, read one by one."""

    editions: tuple[str, ...]
    checks: dict[Place, Expected] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)

    def add(self, line: Mapping[str, Any]) -> None:
        expected = _expected(line, _LINE_KEYS)
        variants = tuple(line.get("variants", ()))
        for variant in variants:
            edition = variant.partition("-")[0]
            if edition not in (self.editions or EDITIONS):
                raise ExpectationError(f"{dict(line)}: edition {edition} is not run")
        scenario, check, excepted = line["scenario"], line["check"], tuple(line.get("except", ()))
        if excepted and scenario != EVERY:
            raise ExpectationError(f'{dict(line)}: `except` goes with scenario = "{EVERY}"')
        if scenario == EVERY or not variants:
            self.patterns.append(Pattern(scenario, variants, check, excepted, expected))
            return
        for variant in variants:
            if (scenario, variant, check) in self.checks:
                raise ExpectationError(f"{scenario}[{variant}] {check} is listed twice")
            self.checks[scenario, variant, check] = expected


def _expectation(kind: str, item: Mapping[str, Any]) -> Expectation:
    _refuse_unknown(item, _ITEM_KEYS)
    editions, scenarios = tuple(item.get("editions", ())), item.get("scenarios", "")
    for edition in editions:
        if edition not in EDITIONS:
            raise ExpectationError(f"there is no edition {edition!r}")
    if scenarios.startswith("-"):
        raise ExpectationError(f"scenarios = {scenarios!r}: give the expression alone, without -k")
    lines = _Lines(editions)
    for line in item.get("expect", []):
        lines.add(line)
    made = Expectation(
        kind,
        item["name"],
        lines.checks,
        {line["check"]: _expected(line, _ALLOW_KEYS) for line in item.get("allow", [])},
        tuple(lines.patterns),
        editions,
        scenarios,
        item.get("slow", False),
    )
    if kind == "defect" and not any(expected.primary for *_, expected in made.everything()):
        raise ExpectationError("it has no primary row")
    return made


def _expected(line: Mapping[str, Any], known: set[str]) -> Expected:
    _refuse_unknown(line, known)
    expected = Expected(
        line["requirement"],
        Verdict(line.get("verdict", "FAIL")),
        line.get("primary", False),
        line.get("cause", ""),
    )
    if not expected.primary and not expected.cause:
        raise ExpectationError(f"{dict(line)} needs a cause")
    return expected


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(table) - known
    if unknown:
        raise ExpectationError(f"unknown {', '.join(sorted(unknown))} in {dict(table)}")


def compare(expectation: Optional[Expectation], results: Iterable[Outcome]) -> list[str]:
    """Differences of a run from what is expected; None: all pass."""
    outcomes = list(results)
    wanted = _wanted(expectation, outcomes) if expectation is not None else {}
    problems = _matching_nothing(expectation, outcomes) if expectation is not None else []
    for scenario, variant_id, result in outcomes:
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


def _wanted(expectation: Expectation, outcomes: Sequence[Outcome]) -> dict[Place, Expected]:
    """What must not pass, by its place in this run."""
    wanted: dict[Place, Expected] = {}
    # the later one goes first: names before EVERY, single places before both
    for pattern in sorted(expectation.patterns, key=lambda pattern: pattern.scenario != EVERY):
        for scenario, variant_id, result in outcomes:
            variant = variant_id.rsplit("-", 1)[0]
            if result.verdict is not Verdict.NOT_APPLICABLE and pattern.covers(scenario, variant):
                wanted[scenario, variant, pattern.check] = pattern.expected
    wanted.update(expectation.checks)
    return wanted


def _matching_nothing(expectation: Expectation, outcomes: Sequence[Outcome]) -> list[str]:
    """Lines that say something of variants or scenarios that this run does not contain."""
    run = [
        (scenario, variant_id.rsplit("-", 1)[0])
        for scenario, variant_id, result in outcomes
        if result.verdict is not Verdict.NOT_APPLICABLE
    ]
    problems = []
    for pattern in expectation.patterns:
        if not any(pattern.covers(*place) for place in run):
            problems.append(f"{pattern.scenario} {pattern.check}: no variant of it was run")
        for name in pattern.excepted:
            if name not in {scenario for scenario, _ in run}:
                problems.append(
                    f"{pattern.scenario} {pattern.check}: {name}, excepted, was not run"
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
