# SPDX-License-Identifier: Apache-2.0
"""What is run to hold the reference client against an expectation.

A defect runs the scenarios and variants that its lines name, and no more; a quirk, and a defect
with a line for every scenario, runs them all, a quirk over PSK unless it names its securities. In a
full selftest every defect does. Slow scenarios run in a full selftest only, for the lines that name
them and for an expectation that is `slow`.

Of the variants that differ in the class of the key only a defect or quirk runs the first, in a full
selftest all.

Editions are those of an ordinary run; of a scenario that has none of them, all that it has. A quirk
that is lawful in some editions only is run in these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterable, Optional, Sequence

from bootcheck.inventory import Filed
from bootcheck.options import DEFAULT_EDITIONS
from bootcheck.proof.expectation import EVERY, Expectation
from bootcheck.proof.expectation_files import ExpectationError
from bootcheck.scenario import SECURITIES, Scenario, Variant


@dataclass(frozen=True)
class Plan:
    """A run of the reference client, with what it must lead to."""

    expectation: Optional[Expectation]  # as far as it is run; None: the correct client, all pass
    node_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the run, also as a folder."""
        made = self.expectation
        return f"{made.kind} {made.title}" if made is not None else "as it should be"


def baseline(scenarios: Iterable[Filed]) -> Plan:
    """The correct client runs everything in the ordinary editions, slow scenarios too."""
    return Plan(
        None,
        tuple(
            _node_id(filed, variant)
            for filed in scenarios
            for variant in _variants(filed.scenario, (), SECURITIES, every_key=True)
        ),
    )


def plan(expectation: Expectation, scenarios: Sequence[Filed], *, full: bool) -> Plan:
    """What is run for an expectation. Raises ExpectationError for a line about nothing."""
    try:
        return _Planner(expectation, scenarios, full).plan()
    except ExpectationError as problem:
        where = f"{expectation.kind} {expectation.title}"
        raise ExpectationError(f"{where}: {problem}") from None


class _Planner:
    def __init__(self, expectation: Expectation, scenarios: Sequence[Filed], full: bool) -> None:
        self._expectation, self._scenarios, self._full = expectation, scenarios, full
        self._by_name = {filed.scenario.name: filed for filed in scenarios}
        self._editions = expectation.editions or expectation.lawful_in
        self._securities = expectation.securities or SECURITIES

    def plan(self) -> Plan:
        named = {
            (scenario, place)
            for scenario, variants, check, _ in self._expectation.everything()
            if scenario != EVERY
            for place in self._named(scenario, variants, check)
        }
        whole = self._full or self._expectation.kind == "quirk" or self._has_star()
        node_ids = []
        for filed in self._scenarios:
            scenario = filed.scenario
            also = whole and (not scenario.slow or self._expectation.slow)
            if (scenario.slow and not self._full) or not self._may_run(scenario.name):
                continue
            for variant in self._variants(scenario):
                told = also and self._tells(scenario, variant)
                if told or (scenario.name, variant.place) in named:
                    node_ids.append(_node_id(filed, variant))
        return Plan(self._restricted(), tuple(node_ids))

    def _tells(self, scenario: Scenario, variant: Variant) -> bool:
        """What an oddity does over NoSec it does over PSK, too: both are run in a full selftest."""
        twice = self._expectation.kind == "quirk" and not self._expectation.securities
        return self._full or not twice or variant.security == "psk" or len(scenario.securities) == 1

    def _has_star(self) -> bool:
        return any(pattern.scenario == EVERY for pattern in self._expectation.patterns)

    def _may_run(self, name: str) -> bool:
        return not self._expectation.scenarios or name in self._expectation.scenarios

    def _variants(self, scenario: Scenario) -> list[Variant]:
        return _variants(scenario, self._editions, self._securities, every_key=self._full)

    def _named(self, name: str, variants: Sequence[str], check: str) -> Sequence[str]:
        """The places of the variants that a line is about."""
        scenario = self._known(name, check)
        if not self._may_run(name):
            raise ExpectationError(f"{name} {check}: {name} is not among its `scenarios`")
        there = list(dict.fromkeys(variant.place for variant in self._variants(scenario)))
        for wanted in variants:
            if wanted not in there:
                known = ", ".join(there) or "none"
                raise ExpectationError(f"{name} {check}: no variant {wanted}: {known} can be run")
        if not there:
            raise ExpectationError(f"{name} {check}: no variant in the editions that are run")
        return variants or there

    def _known(self, name: str, check: str) -> Scenario:
        filed = self._by_name.get(name)
        if filed is None:
            raise ExpectationError(f"{name} {check}: there is no scenario {name}")
        return filed.scenario

    def _elsewhere(self) -> dict[str, tuple[str, ...]]:
        """Also what a line names, in the variants that it does not name."""
        found = {check: list(names) for check, names in self._expectation.elsewhere.items()}
        if self._expectation.kind == "defect":
            for scenario, variants, check, _ in self._expectation.everything():
                if variants:
                    found.setdefault(check.partition("#")[0], []).append(scenario)
        return {check: tuple(names) for check, names in found.items()}

    def _restricted(self) -> Expectation:
        """The lines about what is run."""
        expectation = self._expectation
        for name in expectation.scenarios:
            self._known(name, "scenarios")
        for pattern in expectation.patterns:
            for name in pattern.excepted:
                self._known(name, pattern.check)
        for check, names in expectation.elsewhere.items():
            for name in names:
                if name != EVERY:
                    self._known(name, check)
        left_out = set()
        if not self._full:
            left_out = {filed.scenario.name for filed in self._scenarios if filed.scenario.slow}
        return replace(
            expectation,
            checks={
                place: expected
                for place, expected in expectation.checks.items()
                if place[0] not in left_out
            },
            patterns=tuple(
                replace(
                    pattern,
                    excepted=tuple(name for name in pattern.excepted if name not in left_out),
                )
                for pattern in expectation.patterns
                if pattern.scenario not in left_out
            ),
            elsewhere=self._elsewhere() if self._full else {},
        )


def _variants(
    scenario: Scenario, editions: Sequence[str], securities: Sequence[str], *, every_key: bool
) -> list[Variant]:
    if not editions:
        ordinary = [edition for edition in scenario.editions if edition in DEFAULT_EDITIONS]
        editions = ordinary or scenario.editions
    return [
        variant
        for variant in scenario.variants()
        if variant.edition in editions
        and variant.security in securities
        and (every_key or variant.key in ("", *scenario.keys[:1]))
    ]


def _node_id(filed: Filed, variant: Variant) -> str:
    return f"{filed.id}[{variant.id}]"
