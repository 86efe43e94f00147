# SPDX-License-Identifier: Apache-2.0
"""A check that no defect breaks is found, on records alone."""

from __future__ import annotations

from typing import Optional

import pytest
from bootcheck.proof.expectation import EVERY, Expectation, Expected, Pattern
from bootcheck.proof.reach import CheckPlace, reach
from bootcheck.runlog import VariantRecord
from bootcheck.verdict import Check, Result, Verdict

FILE = "scenarios/cleanup/a.py"


def run(scenario: str = "s", verdict: Optional[Verdict] = None, **checks: str) -> VariantRecord:
    """A variant in which these checks were made: name = verdict."""
    record = VariantRecord("id", FILE, scenario, ["CLN-05"], "1.1", "psk", "tlv")
    made = [Check(name, "CLN-05", Verdict(value), "what") for name, value in checks.items()]
    record.result = Result(verdict or Verdict.PASS, checks=made)
    return record


def defect(*names: str, verdict: Verdict = Verdict.FAIL, scenario: str = "s") -> Expectation:
    expected = Expected("CLN-05", verdict, True, "")
    return Expectation("defect", "d", {(scenario, "1.1-psk", name): expected for name in names})


def unreached(*runs: tuple[Optional[Expectation], list[VariantRecord]]) -> list[str]:
    return [f"{place.scenario} {place.check}" for place in reach(runs).unreached()]


def test_a_check_that_a_defect_breaks_is_reached() -> None:
    found = reach([(None, [run(a="PASS", b="PASS")]), (defect("a"), [run(a="FAIL", b="PASS")])])
    assert found.by == {CheckPlace(FILE, "s", "a"): ["d"], CheckPlace(FILE, "s", "b"): []}
    assert found.unreached() == [CheckPlace(FILE, "s", "b")]
    assert found.summary() == "1 of 2 checks in 1 scenarios are reached"
    assert found.by_name() == ["b: not reached in 1 of 1 scenarios"]


def test_the_same_check_of_another_scenario_is_not_reached_by_it() -> None:
    runs = [run(a="FAIL"), run("t", a="PASS")]
    assert unreached((defect("a"), runs)) == ["t a"]


def test_a_check_that_only_a_defect_brings_is_counted() -> None:
    late = run(a="FAIL", late="PASS")
    assert unreached((None, [run(a="PASS")]), (defect("a"), [late])) == ["s late"]


def test_the_only_check_of_a_scenario_is_not_reached_by_its_being_the_only_one() -> None:
    assert unreached((None, [run(a="PASS")]), (defect("b"), [run(a="PASS")])) == ["s a"]


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.PASS])
def test_a_check_that_cannot_tell_is_not_reached(verdict: Verdict) -> None:
    runs = [run(a=verdict.value)]
    assert unreached((None, [run(a="PASS")]), (defect("a", verdict=verdict), runs)) == ["s a"]


def test_a_check_that_never_tells_anything_is_left_out() -> None:
    runs = [run(a="INCONCLUSIVE", b="PASS")]
    assert unreached((None, runs), (defect("a", verdict=Verdict.INCONCLUSIVE), runs)) == ["s b"]


def test_slow_scenarios_can_be_left_out() -> None:
    found = reach([(None, [run(a="PASS"), run("t", a="PASS", b="PASS")])])
    assert found.leave_out({"t"}) == 2
    assert [place.scenario for place in found.by] == ["s"]


def test_an_allowed_outcome_reaches_nothing() -> None:
    expected = Expected("CLN-05", Verdict.FAIL, False, "it may")
    quirk = Expectation("quirk", "q", {}, {"a": expected})
    assert unreached((quirk, [run(a="FAIL")])) == ["s a"]


def test_a_line_for_every_scenario_reaches_all_but_the_excepted() -> None:
    expected = Expected("CLN-05", Verdict.FAIL, True, "")
    everywhere = Expectation("defect", "d", {}, {}, (Pattern(EVERY, (), "a", ("t",), expected),))
    runs = [run(a="FAIL"), run("t", a="PASS"), run("u", a="FAIL", b="FAIL")]
    assert unreached((everywhere, runs)) == ["t a", "u b"]


def test_an_always_on_rule_is_reached_in_any_scenario() -> None:
    runs = [run(), run("t")]
    for record, verdict in zip(runs, (Verdict.FAIL, Verdict.PASS)):
        assert record.result is not None
        record.result.checks = [Check("rule-confirmable", "SEQ-20", verdict, "what")]
    assert unreached((None, runs)) == [f"{EVERY} rule-confirmable"]
    assert unreached((defect("rule-confirmable"), runs)) == []


def test_what_did_not_run_has_no_checks() -> None:
    assert reach([(defect("a"), [run(verdict=Verdict.NOT_APPLICABLE)])]).by == {}


def test_a_check_that_comes_again_is_one_check() -> None:
    again = run(a="PASS", b="PASS")
    for name, verdict in (("a#2", Verdict.FAIL), ("b#2", Verdict.PASS)):
        again.result.checks.append(Check(name, "CLN-05", verdict, "what"))
    assert unreached((defect("a#2"), [again])) == ["s b"]


def test_the_client_s_survival_is_one_check_in_whatever_scenario() -> None:
    runs = [run(survives="FAIL"), run("t", survives="FAIL")]
    assert unreached((defect("a"), runs)) == [f"{EVERY} survives"]
    assert unreached((defect("survives"), runs)) == []
