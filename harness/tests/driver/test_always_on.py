# SPDX-License-Identifier: Apache-2.0
"""The always-on rules: their data, and how the edition judges what the peer tells of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Optional, Sequence

import pytest
from bootcheck import always_on
from bootcheck.peer import Event
from bootcheck.requirement import load_catalogue
from peer_process import ROOT

CATALOGUE = load_catalogue()
BROKEN = {"server": "dm", "rule": "object-list", "requirement": "ACC-02", "what": "it has /0/1"}


@dataclass
class FakePeer:
    """A peer that has told this."""

    tallies: dict[str, Any]
    events: list[Event]

    async def call(self, method: str) -> dict[str, Any]:
        return {"rules": self.tallies}


@dataclass
class FakeBench:
    """A bench that records what it is asked to check."""

    peer: FakePeer
    edition: str
    checks: dict[str, Optional[bool]] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    restarts: list[int] = field(default_factory=list)

    @property
    def variant(self) -> "FakeBench":
        return self

    @property
    def shared(self) -> "FakeBench":
        return self

    @property
    def catalogue(self) -> Any:
        return CATALOGUE

    def fact(self, text: str) -> None:
        self.facts.append(text)

    def check(self, name: str, row: Any, passed: Optional[bool], what: str, **more: Any) -> bool:
        assert more["expected"] and more["observed"]
        assert bool(more["evidence"]) is not passed
        self.checks[name] = passed
        return passed is True


def judged(
    edition: str, tallies: dict[str, Any], *breaches: dict[str, Any], restarts: Sequence[int] = ()
) -> FakeBench:
    events = [Event(1, 1, "peer_started", {})]
    events += [Event(9, 2, "rule_broken", breach) for breach in breaches]
    bench = FakeBench(FakePeer(tallies, events), edition, restarts=list(restarts))
    asyncio.run(always_on.judge(bench))  # type: ignore[arg-type]
    return bench


def tally(held: int, broken: int = 0, requirement: str = "ACC-02") -> dict[str, Any]:
    return {"requirement": requirement, "held": held, "broken": broken}


def test_each_rule_of_the_peer_has_its_words_and_a_row() -> None:
    source = (ROOT / "harness/peer/rules/rules.c").read_text()
    rules = dict(re.findall(r'\[RULE_\w+\] =\s*\{"([a-z0-9-]+)",\s*"([A-Z0-9-]+)"', source))
    assert rules == {name: rule.requirement for name, rule in always_on.RULES.items()}
    assert set(rules.values()) <= set(CATALOGUE)


def test_a_rule_that_held_nothing_says_nothing() -> None:
    assert judged("1.1", {}).checks == {}


def test_a_rule_that_nothing_broke_passes() -> None:
    assert judged("1.1", {"object-list": tally(3)}).checks == {"rule-object-list": True}


def test_a_breach_fails_the_check() -> None:
    bench = judged("1.1", {"object-list": tally(3, 1)}, BROKEN)
    assert bench.checks == {"rule-object-list": False}


def test_a_breach_of_another_rule_does_not() -> None:
    tallies = {"object-list": tally(3), "confirmable": tally(3, 1, "SEQ-20")}
    other = BROKEN | {"rule": "confirmable", "requirement": "SEQ-20"}
    bench = judged("1.1", tallies, other)
    assert bench.checks == {"rule-object-list": True, "rule-confirmable": False}


@pytest.mark.parametrize("rule, edition", [("object-list", "CR"), ("object-list-oscore", "1.0")])
def test_a_breach_of_what_is_no_rule_of_the_edition_is_a_fact(rule: str, edition: str) -> None:
    bench = judged(edition, {rule: tally(3, 1)}, BROKEN | {"rule": rule})
    assert not bench.checks and len(bench.facts) == 1 and "it has /0/1" in bench.facts[0]


@pytest.mark.parametrize("restart, passed", [(3, False), (5, True), (9, True), (10, False)])
def test_what_is_at_odds_with_an_earlier_life_is_no_breach(restart: int, passed: bool) -> None:
    breach = BROKEN | {"rule": "message-id", "requirement": "MSG-02", "earlier_us": 4}
    bench = judged("1.1", {"message-id": tally(2, 1, "MSG-02")}, breach, restarts=[restart])
    assert bench.checks == {"rule-message-id": passed}
