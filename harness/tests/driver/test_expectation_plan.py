# SPDX-License-Identifier: Apache-2.0
"""What is run for an expectation is what it is about, and a line about nothing is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bootcheck.inventory import Filed
from bootcheck.proof.expectation import Expectation
from bootcheck.proof.expectation_files import ExpectationError, load_expectations
from bootcheck.proof.expectation_plan import Plan, baseline, plan
from bootcheck.scenario import Scenario, scenario


def filed(name: str, editions: tuple[str, ...] = ("CR", "1.0", "1.1"), **more: Any) -> Filed:
    async def function(bench: object) -> None:
        """Something happens."""

    function.__name__ = name
    made: Scenario = getattr(scenario("CLN-05", editions=editions, **more)(function), "scenario")
    return Filed("a.py", made)


SCENARIOS = [filed("one"), filed("two", ("1.1",)), filed("old", ("1.0",)), filed("late", slow=True)]
ROW = 'check = "c", requirement = "CLN-05", primary = true'


def expectation(folder: Path, lines: str, head: str = "", kind: str = "defect") -> Expectation:
    (folder / "e.toml").write_text(f'[[{kind}]]\nname = "d"\n{head}\nexpect = [{lines}]')
    (made,) = load_expectations(folder)
    return made


def ids(made: Plan) -> list[str]:
    return [node_id.removeprefix("a.py::").removesuffix("-tlv]") for node_id in made.node_ids]


ALL = [
    *("one[CR-nosec", "one[CR-psk", "one[1.1-nosec", "one[1.1-psk"),
    *("two[1.1-nosec", "two[1.1-psk", "old[1.0-nosec", "old[1.0-psk"),
]
LATE = ["late[CR-nosec", "late[CR-psk", "late[1.1-nosec", "late[1.1-psk"]


def test_the_correct_client_runs_everything() -> None:
    assert ids(baseline(SCENARIOS)) == ALL + LATE


def test_a_defect_runs_what_its_lines_name_and_in_a_full_selftest_everything(
    tmp_path: Path,
) -> None:
    made = expectation(tmp_path, f'{{ scenario = "one", variants = ["1.1-psk"], {ROW} }}')
    assert ids(plan(made, SCENARIOS, full=False)) == ["one[1.1-psk"]
    assert ids(plan(made, SCENARIOS, full=True)) == ALL
    made = expectation(tmp_path, f'{{ scenario = "old", {ROW} }}')
    assert ids(plan(made, SCENARIOS, full=False)) == ["old[1.0-nosec", "old[1.0-psk"]


def test_what_breaks_elsewhere_is_for_the_full_selftest(tmp_path: Path) -> None:
    lines = f'{{ scenario = "one", {ROW} }}'
    head = 'elsewhere = { c = ["two", "*"] }'
    made = expectation(tmp_path, lines, head)
    run, full = plan(made, SCENARIOS, full=False), plan(made, SCENARIOS, full=True)
    assert run.expectation is not None and run.expectation.elsewhere == {}
    assert full.expectation is not None and full.expectation.elsewhere == made.elsewhere
    lines = f'{{ scenario = "one", variants = ["1.1-psk"], {ROW} }}'
    full = plan(expectation(tmp_path, lines, head), SCENARIOS, full=True)
    assert full.expectation is not None, "nor must other variants of the same scenario pass"
    assert full.expectation.elsewhere == {"c": ("two", "*", "one")}
    with pytest.raises(ExpectationError, match="no scenario three"):
        plan(expectation(tmp_path, lines, head.replace("two", "three")), SCENARIOS, full=False)


def test_a_line_for_every_scenario_runs_them_all_and_so_does_a_quirk(tmp_path: Path) -> None:
    star = expectation(tmp_path, f'{{ scenario = "*", {ROW} }}', 'securities = ["psk"]')
    assert ids(plan(star, SCENARIOS, full=False)) == [name for name in ALL if "psk" in name]
    quirk = expectation(tmp_path, "", kind="quirk")
    assert ids(plan(quirk, SCENARIOS, full=False)) == [name for name in ALL if "psk" in name]
    assert ids(plan(quirk, SCENARIOS, full=True)) == ALL
    both = expectation(tmp_path, "", 'securities = ["nosec", "psk"]', kind="quirk")
    assert ids(plan(both, SCENARIOS, full=False)) == ALL
    lawful = expectation(tmp_path, "", 'lawful_in = ["1.0"]', kind="quirk")
    assert ids(plan(lawful, SCENARIOS, full=False)) == ["one[1.0-psk", "old[1.0-psk"]
    only = expectation(tmp_path, f'{{ scenario = "*", {ROW} }}', 'scenarios = ["two"]')
    for full in (False, True):
        assert ids(plan(only, SCENARIOS, full=full)) == ["two[1.1-nosec", "two[1.1-psk"]


def test_slow_scenarios_are_for_the_full_selftest(tmp_path: Path) -> None:
    lines = f'{{ scenario = "late", variants = ["CR-psk"], {ROW} }}'
    made = plan(expectation(tmp_path, lines), SCENARIOS, full=False)
    assert made.node_ids == () and made.expectation is not None and not made.expectation.checks
    made = plan(expectation(tmp_path, lines), SCENARIOS, full=True)
    assert ids(made) == [*ALL, "late[CR-psk"]
    assert made.expectation is not None and len(made.expectation.checks) == 1
    star = f'{{ scenario = "*", except = ["late"], {ROW} }}'
    made = plan(expectation(tmp_path, star), SCENARIOS, full=False)
    assert made.expectation is not None and made.expectation.patterns[0].excepted == ()
    made = plan(expectation(tmp_path, star, "slow = true"), SCENARIOS, full=True)
    assert ids(made) == ALL + LATE


WRONG = {
    f'{{ scenario = "none", {ROW} }}': "there is no scenario none",
    f'{{ scenario = "one", variants = ["1.2-psk"], {ROW} }}': "no variant 1.2-psk: CR-nosec",
    f'{{ scenario = "*", except = ["none"], {ROW} }}': "there is no scenario none",
}


@pytest.mark.parametrize("lines", WRONG)
def test_a_line_about_nothing_is_an_error(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ExpectationError, match=f"defect d: .*{WRONG[lines]}"):
        plan(expectation(tmp_path, lines), SCENARIOS, full=False)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ('editions = ["1.2"]', "no variant in the editions"),
        ('scenarios = ["two"]', "one is not among its `scenarios`"),
        ('scenarios = ["none"]', "there is no scenario none"),
    ],
)
def test_a_line_that_cannot_be_run_is_an_error(tmp_path: Path, head: str, text: str) -> None:
    name = "one" if "none" not in head else "*"
    made = expectation(tmp_path, f'{{ scenario = "{name}", {ROW} }}', head)
    with pytest.raises(ExpectationError, match=text):
        plan(made, SCENARIOS, full=False)
