# SPDX-License-Identifier: Apache-2.0
"""A requirement is explained by the catalogue, the scenarios and the defects."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bootcheck import explain
from bootcheck.inventory import load_scenarios
from bootcheck.layout import Layout
from bootcheck.scenario import ScenarioError
from project import Project

CATALOGUE = """
[[requirement]]
id = "CLN-05"
level = "MUST"
editions = ["1.0", "1.1"]
statement = "The account is purged."
source = "TS 9"
verified = "V"
in_edition = { "1.1" = { level = "SHOULD" } }
[[requirement.readings]]
reading = "It is purged late."
prescribed = ["1.1"]
verdicts = { "1.0" = "WARN", "1.1" = "PASS" }
[[requirement]]
id = "CLN-12"
level = "MUST(d)"
editions = ["1.1"]
statement = "The trigger is refused."
source = "TS 10"
verified = "I"
[[requirement]]
id = "CLN-14"
level = "INFO"
editions = ["1.1"]
statement = "Not specified."
source = "none"
verified = "I"
open = true
"""
SCENARIOS = """
@scenario("CLN-05", "CLN-12", editions=["CR", "1.1"], securities=["psk"], needs=["x"], slow=True)
async def purged(bench):
    '''It is gone
    after T.'''
"""
EXPECTATIONS = """
[[defect]]
name = "never-purges"
expect = [
    { scenario = "purged", check = "gone", requirement = "CLN-05", primary = true },
    { scenario = "*", check = "answered", requirement = "CLN-12", cause = "it is there" },
]
[[defect]]
name = "cannot-tell"
expect = [
    { scenario = "other", check = "gone", requirement = "CLN-14", primary = true },
    { scenario = "o", check = "g", requirement = "CLN-12", verdict = "INCONCLUSIVE", cause = "c" },
]
"""


@pytest.fixture
def layout(project: Project) -> Layout:
    project.scenario_file("sub/a.py", SCENARIOS)
    (project.root / "scenarios" / "requirements.toml").write_text(CATALOGUE)
    layout = Layout(project.root)
    layout.expectations.mkdir(parents=True)
    (layout.expectations / "e.toml").write_text(EXPECTATIONS)
    return layout


def told(layout: Layout, *arguments: str, code: int = 0) -> str:
    stream = io.StringIO()
    assert explain.command(arguments, layout, stream) == code
    return stream.getvalue()


def test_a_rule_is_told_with_what_tests_and_proves_it(layout: Layout) -> None:
    assert (
        told(layout, "cln-05")
        == """\
CLN-05  MUST
  The account is purged.

  source    TS 9
  verified  V: read in a primary text
  editions  1.0, 1.1
  breach    FAIL
  in 1.1    SHOULD, V: WARN, FAIL with --strict (no MUST)
  coverage  1 scenario, none in 1.0

read in different ways
  1 It is purged late.
      1.0 WARN, 1.1 PASS (prescribed)

tested by
  scenarios/sub/a.py::purged (slow: -m slow)
      1.1; psk; needs x
      It is gone after T.

proved by defects of the reference client
  never-purges (primary)
      gone in purged
"""
    )


def test_a_rule_beside_another_and_a_defect_that_breaks_it_too(layout: Layout) -> None:
    text = told(layout, "CLN-12")
    assert "breach    WARN, FAIL with --strict (an interpretation)" in text
    assert "a.py::purged (beside CLN-05, slow: -m slow)" in text
    assert "  never-purges\n      answered in every scenario\n" in text
    assert "cannot-tell" not in text, "what only makes a check INCONCLUSIVE proves nothing"


def test_a_rule_that_nothing_tests(layout: Layout) -> None:
    text = told(layout, "CLN-14")
    assert "breach    nothing: recorded, never judged" in text
    assert "coverage  no scenario yet" in text
    assert "tested by no scenario of its own" in text
    assert "cannot-tell (primary)" in text


def test_without_an_id_each_row_is_a_line(layout: Layout) -> None:
    lines = told(layout).splitlines()
    assert [line.split()[0] for line in lines] == ["CLN-05", "CLN-12", "CLN-14"]
    assert lines[1] == "CLN-12  MUST(d)  I 1.1            The trigger is refused."


def test_an_unknown_id_is_a_usage_error(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(layout, "CLN-55", code=2) == ""
    assert "no requirement 'CLN-55': nearest are CLN-05" in capsys.readouterr().err
    told(layout, "zzz", code=2)
    assert "`explain` alone lists all" in capsys.readouterr().err
    told(layout, "CLN-05", "CLN-12", code=2)


def test_a_scenario_that_cannot_be_read_is_told(
    layout: Layout, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.scenario_file("b.py", "raise RuntimeError('no')")
    told(layout, "CLN-05", code=4)
    assert "b.py cannot be read: RuntimeError: no" in capsys.readouterr().err


def test_the_shipped_rows_can_all_be_told() -> None:
    known = explain.Knowledge.load(Layout.of_this_package())
    for row in known.catalogue.values():
        assert len(list(explain.explanation(row, known))) > 6, row.id


def test_the_inventory_is_what_pytest_collects(project: Project) -> None:
    project.scenario_file("a.py", SCENARIOS)
    project.scenario_file("_b.py", "raise RuntimeError")
    project.scenario_file("sub/c.py", "from a_module_that_is_not_there import x\n")
    with pytest.raises(ScenarioError, match="c.py cannot be read"):
        load_scenarios(Layout(project.root))
    Path(project.root / "scenarios" / "sub" / "c.py").unlink()
    (filed,) = load_scenarios(Layout(project.root))
    assert filed.id == "scenarios/a.py::purged"
    assert filed.scenario.purpose == "It is gone\nafter T."
