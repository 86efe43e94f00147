# SPDX-License-Identifier: Apache-2.0
"""Which checks the defects reach: what would be noticed if a check were disabled.

A check that is INCONCLUSIVE wherever it is made only says that nothing can be told: it is left out.
An always-on rule is one check, in whatever scenario it is made; so is the client's survival, which
is only told where it failed.

Each check is dropped in turn from everything that was recorded. It is reached by a defect whose
comparison then misses it. This shows that no check could be lost unseen, without a run for each; it
does not show what a scenario would do beyond a check that no longer ends it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Collection, Iterable, Mapping, Optional, Sequence

from bootcheck.always_on import PREFIX, SURVIVES
from bootcheck.proof.expectation import EVERY, Expectation, Outcome, compare
from bootcheck.runlog import VariantRecord
from bootcheck.verdict import Check, Verdict

ALWAYS_ON = "harness/peer/rules"  # where a check of an always-on rule is said to be
RUNNER = "harness/driver/bootcheck/runner.py"  # where that of the client's survival is
_BROKEN = (Verdict.FAIL, Verdict.WARN)  # INCONCLUSIVE is no proof that a check can find anything
# stands for what is left: a variant without any check is a problem of its own
_NOTHING = Check("(none)", "", Verdict.PASS, "nothing else was checked")


@dataclass(frozen=True, order=True)
class CheckPlace:
    """A check of a scenario, in all its variants."""

    file: str
    scenario: str
    check: str

    def __str__(self) -> str:
        return f"{self.file}::{self.scenario} {self.check}"


@dataclass
class Reach:
    """Every check that was seen in any run, with the defects that reach it."""

    by: dict[CheckPlace, list[str]] = field(default_factory=dict)

    def leave_out(self, scenarios: Collection[str]) -> int:
        """Say nothing of these scenarios; how many checks that are."""
        places = [place for place in self.by if place.scenario in scenarios]
        for place in places:
            del self.by[place]
        return len(places)

    def unreached(self) -> list[CheckPlace]:
        return sorted(place for place, names in self.by.items() if not names)

    def summary(self) -> str:
        """The counts, in one line."""
        scenarios = {(place.file, place.scenario) for place in self.by}
        reached = len(self.by) - len(self.unreached())
        return f"{reached} of {len(self.by)} checks in {len(scenarios)} scenarios are reached"

    def by_name(self) -> list[str]:
        """A line for each check that is not reached somewhere: in how many of its scenarios."""
        missing = Counter(place.check for place in self.unreached())
        total = Counter(place.check for place in self.by)
        return [
            f"{check}: not reached in {count} of {total[check]} scenarios"
            for check, count in missing.most_common()
        ]


def reach(runs: Iterable[tuple[Optional[Expectation], Sequence[VariantRecord]]]) -> Reach:
    """Drop each check in turn. The run without a defect (None) only tells what checks there are."""
    found = Reach()
    telling: set[CheckPlace] = set()  # those that tell something in some run
    for expectation, variants in runs:
        for (file, scenario), outcomes in _by_scenario(variants).items():
            checks = [check for _, _, result in outcomes for check in result.checks]
            names = {_name(check) for check in checks}
            tells = {_name(check) for check in checks if check.verdict is not Verdict.INCONCLUSIVE}
            missed = _missed(expectation, scenario, outcomes, names) if expectation else set()
            for name in names:
                place = _place(file, scenario, name)
                defects = found.by.setdefault(place, [])
                if name in tells:
                    telling.add(place)
                if expectation is not None and name in missed:
                    defects.append(expectation.name)
    found.by = {place: names for place, names in found.by.items() if place in telling}
    return found


def _place(file: str, scenario: str, name: str) -> CheckPlace:
    if name.startswith(PREFIX):
        return CheckPlace(ALWAYS_ON, EVERY, name)
    return CheckPlace(RUNNER, EVERY, name) if name == SURVIVES else CheckPlace(file, scenario, name)


def _name(check: Check) -> str:
    """Its name without the number that tells a check of a later session apart."""
    return check.name.partition("#")[0]


def _by_scenario(variants: Sequence[VariantRecord]) -> Mapping[tuple[str, str], list[Outcome]]:
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for variant in variants:
        outcome = (variant.scenario, variant.variant_id, variant.result)
        grouped.setdefault((variant.file, variant.scenario), []).append(outcome)
    return grouped


def _missed(
    expectation: Expectation, scenario: str, outcomes: Sequence[Outcome], names: set[str]
) -> set[str]:
    """The checks of a scenario that the comparison misses when they are dropped."""
    narrowed = _narrowed(expectation, scenario)
    before = set(compare(narrowed, outcomes))
    return {name for name in names if set(compare(narrowed, _without(outcomes, name))) - before}


def _narrowed(expectation: Expectation, scenario: str) -> Expectation:
    """What is expected to break in this scenario."""
    return replace(
        expectation,
        checks={
            place: expected
            for place, expected in expectation.checks.items()
            if place[0] == scenario and expected.verdict in _BROKEN
        },
        patterns=tuple(
            pattern
            for pattern in expectation.patterns
            if pattern.scenario in (EVERY, scenario) and pattern.expected.verdict in _BROKEN
        ),
    )


def _without(outcomes: Sequence[Outcome], name: str) -> list[Outcome]:
    return [
        (
            scenario,
            variant_id,
            replace(result, checks=[c for c in result.checks if _name(c) != name] or [_NOTHING]),
        )
        for scenario, variant_id, result in outcomes
    ]
