# SPDX-License-Identifier: Apache-2.0
"""What a defect or quirk of the reference client must lead to, and whether a run shows it.

The data are read by expectation_files.py, which says how they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, Mapping, Optional, Sequence

from bootcheck.scenario import place_of
from bootcheck.verdict import Check, Result, Verdict

Place = tuple[str, str, str]  # scenario, variant as edition and security, check
Outcome = tuple[str, str, Result]  # scenario, variant id, result

EVERY = "*"


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
    securities: tuple[str, ...] = ()  # none: all
    scenarios: tuple[str, ...] = ()  # those that can be run with it; none: all
    slow: bool = False  # where it runs all scenarios, these are slow ones too
    quirks: tuple[str, ...] = ()  # that the client has besides
    profile: tuple[tuple[str, str], ...] = ()  # what its profile says instead of what
    lawful_in: tuple[str, ...] = ()  # the editions in which a quirk breaks no rule; none: all
    alone: bool = False  # keeps too much from being seen for other quirks in the same client
    # Of a defect in a full selftest, by the name of the check: in which scenarios that are not
    # about it (or EVERY) it may be so, and need not. The cause is what the defect does.
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Of its run."""
        return " with ".join([self.name, *self.quirks])

    @property
    def client_arguments(self) -> list[str]:
        quirks = [word for quirk in self.quirks for word in ("--quirk", quirk)]
        return [f"--{self.kind}", self.name, *quirks]

    def breaks_elsewhere(self, scenario: str, check: str) -> bool:
        """`elsewhere` has it, however often the scenario makes the check."""
        there = self.elsewhere.get(check.partition("#")[0], ())
        return EVERY in there or scenario in there

    def everything(self) -> Iterator[tuple[str, tuple[str, ...], str, Expected]]:
        """All lines as (scenario or EVERY, variants, check, what is expected)."""
        for (scenario, variant, check), expected in self.checks.items():
            yield scenario, (variant,), check, expected
        for pattern in self.patterns:
            yield pattern.scenario, pattern.variants, pattern.check, pattern.expected


def compare(expectation: Optional[Expectation], results: Iterable[Outcome]) -> list[str]:
    """Differences of a run from what is expected; None: all pass."""
    outcomes = list(results)
    wanted = _wanted(expectation, outcomes) if expectation is not None else {}
    problems = _matching_nothing(expectation, outcomes) if expectation is not None else []
    for scenario, variant_id, result in outcomes:
        if result.verdict is Verdict.NOT_APPLICABLE:
            continue
        where = f"{scenario}[{variant_id}]"
        if result.verdict in (Verdict.ERROR, Verdict.NOT_RUN) or not result.checks:
            problems.append(f"{where}: {result.verdict.value}: {result.reason}")
            continue
        for check in result.checks:
            expected = wanted.pop((scenario, variant_id, check.name), None)
            if expected is None and expectation is not None and check.verdict is not Verdict.PASS:
                if expectation.breaks_elsewhere(scenario, check.name):
                    continue
                expected = expectation.allowed.get(check.name)
            problems += _differences(f"{where} {check.name}", expected, check)
    for (scenario, variant, check_name), expected in wanted.items():
        problems.append(
            f"{scenario}[{variant}] {check_name}: expected {expected.verdict.value} of "
            f"{expected.requirement}, but this check was not made"
        )
    return problems


def _wanted(expectation: Expectation, outcomes: Sequence[Outcome]) -> dict[Place, Expected]:
    """What must not pass, by scenario, variant id and check.

    A variant of a line stands for all of that edition and security, whatever their keys.
    """
    wanted: dict[Place, Expected] = {}
    # the later one goes first: names before EVERY, single places before both
    for pattern in sorted(expectation.patterns, key=lambda pattern: pattern.scenario != EVERY):
        for scenario, variant_id, result in outcomes:
            variant = place_of(variant_id)
            if result.verdict is not Verdict.NOT_APPLICABLE and pattern.covers(scenario, variant):
                wanted[scenario, variant_id, pattern.check] = pattern.expected
    for (name, place, check), expected in expectation.checks.items():
        run = [
            variant_id
            for scenario, variant_id, _ in outcomes
            if scenario == name and place_of(variant_id) == place
        ]
        for variant_id in run or [place]:
            wanted[name, variant_id, check] = expected
    return wanted


def _matching_nothing(expectation: Expectation, outcomes: Sequence[Outcome]) -> list[str]:
    """Lines that say something of variants or scenarios that this run does not contain."""
    run = [
        (scenario, place_of(variant_id))
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
