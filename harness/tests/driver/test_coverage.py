# SPDX-License-Identifier: Apache-2.0
"""Each row of the catalogue is tested, or says why it is not; nothing says what is not so."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bootcheck import coverage
from bootcheck.always_on import Rule
from bootcheck.layout import Layout
from bootcheck.requirement import CATALOGUE, CatalogueError, load_catalogue
from project import Project

ROW = """
[[requirement]]
id = "{id}"
level = "MUST"
editions = ["1.0", "1.1"]
statement = "It is done."
source = "TS 9"
verified = "V"
{more}
"""
SCENARIO = """
@scenario({rows}, editions=[{editions}])
async def it(bench):
    '''It is tested.'''
"""


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> dict[str, Rule]:
    """What the driver knows of the always-on rules: none."""
    known: dict[str, Rule] = {}
    monkeypatch.setattr(coverage, "RULES", known)
    return known


@pytest.fixture
def project(project: Project, rules: dict[str, Rule]) -> Project:
    return project


def catalogue(project: Project, **rows: str) -> None:
    """Rows by id, each with what its entry has besides; `_` stands for `-`."""
    text = '[capabilities]\nOSCORE = "object security"\n'
    for name, more in rows.items():
        text += ROW.format(id=name.replace("_", "-"), more=more)
    (project.root / "scenarios" / "requirements.toml").write_text(text)


def scenario(project: Project, *rows: str, editions: str = '"1.1"') -> None:
    named = ", ".join(f'"{row}"' for row in rows)
    project.scenario_file("sub/it.py", SCENARIO.format(rows=named, editions=editions))


def told(project: Project, *arguments: str, code: int = 0) -> list[str]:
    stream = io.StringIO()
    assert coverage.command(arguments, Layout(project.root), stream) == code, stream.getvalue()
    return stream.getvalue().splitlines()


def test_each_row_of_the_project_is_covered_or_says_why_not() -> None:
    stream = io.StringIO()
    code = coverage.command(["--check"], Layout.of_this_package(), stream)
    assert code == 0 and not stream.getvalue(), stream.getvalue()


def test_a_rule_whose_row_is_not_there_is_told(project: Project, rules: dict[str, Rule]) -> None:
    catalogue(project, A_01="")
    rules.update(one=Rule("A-01", "it is one", "1"), two=Rule("A-02", "it is two", "2"))
    assert told(project, "--check", code=1) == ["the always-on rule two: there is no row A-02"]


def test_a_watched_row_that_is_said_not_to_be_is_told(
    project: Project, rules: dict[str, Rule]
) -> None:
    catalogue(project, A_01="open = true")
    rules["one"] = Rule("A-01", "it is one", "1")
    (problem,) = told(project, "--check", code=1)
    assert problem == "A-01: its entry says 'no scenario yet', but one names it"


def test_the_table_tells_how_each_row_stands(project: Project, rules: dict[str, Rule]) -> None:
    rules["lists"] = Rule("F-01", "lists are whole", "whole")
    catalogue(
        project,
        A_01="",
        B_01='in_passing = "every Finish"',
        C_01='waits_for = "OSCORE"',
        D_01='not_testable = "it does not show"',
        E_01="open = true",
        F_01="",
    )
    scenario(project, "A-01")
    code = project.root / "harness" / "driver" / "bootcheck"
    code.mkdir(parents=True)
    (code / "session.py").write_text('row("B-01")\n')
    lines = told(project)
    assert lines[1:7] == [
        "A-01     MUST     1.0 1.1         1 scenario, none in 1.0",
        "B-01     MUST     1.0 1.1         checked in passing: every Finish",
        "C-01     MUST     1.0 1.1         waits for OSCORE: object security",
        "D-01     MUST     1.0 1.1         not testable from the network: it does not show",
        "E-01     MUST     1.0 1.1         no scenario yet",
        "F-01     MUST     1.0 1.1         watched by always-on rules: lists",
    ]
    assert lines[-1] == (
        "6 rows: 1 tested by scenarios, 1 watched by always-on rules, 1 checked in passing,"
        " 1 waits for a capability, 1 not testable from the network, 1 no scenario yet"
    )
    assert told(project, "--check") == []


def test_a_row_of_which_nothing_is_said_is_told(project: Project) -> None:
    catalogue(project, A_01="")
    (problem,) = told(project, "--check", code=1)
    assert problem.startswith("A-01: neither a scenario")
    assert told(project, code=1)[-2].endswith("1 of which nothing is said")


def test_a_scenario_whose_row_is_not_there_is_told(project: Project) -> None:
    catalogue(project, A_01="")
    scenario(project, "A-01", "A-02")
    assert told(project, "--check", code=1) == ["scenarios/sub/it.py::it: there is no row A-02"]


def test_a_scenario_in_an_edition_without_its_rows_is_told(project: Project) -> None:
    catalogue(project, A_01="")
    scenario(project, "A-01", editions='"1.1", "1.2"')
    (problem,) = told(project, "--check", code=1)
    assert problem == "scenarios/sub/it.py::it: none of its rows holds in edition 1.2"


@pytest.mark.parametrize("said", ['waits_for = "OSCORE"', 'not_testable = "no"', "open = true"])
def test_a_tested_row_that_is_said_not_to_be_is_told(project: Project, said: str) -> None:
    catalogue(project, A_01=said)
    scenario(project, "A-01")
    (problem,) = told(project, "--check", code=1)
    assert problem.startswith("A-01: its entry says '")
    assert problem.endswith("scenarios/sub/it.py::it names it")


def test_a_row_that_nothing_checks_in_passing_is_told(project: Project) -> None:
    catalogue(project, A_01='in_passing = "every Finish"')
    (problem,) = told(project, "--check", code=1)
    assert problem == "A-01: its entry says 'checked in passing', but nothing checks it"


@pytest.mark.parametrize(
    "more, wrong",
    [
        ('waits_for = "COSE"', "'COSE' is not under"),
        ('open = true\nnot_testable = "no"', "only one of"),
        ('colour = "red"', "colour"),
        ('in_edition = { "1.2" = { level = "MAY" } }', "in which the row does not hold"),
        ('in_edition = { "1.1" = { level = "OUGHT" } }', "unknown level 'OUGHT'"),
        ('in_edition = { "1.1" = { source = "TS" } }', "for level and verified only"),
        ('in_edition = { "1.1" = { verified = "X" } }', "is none of V, S, I, M"),
        (
            'readings = [{ reading = "a", prescribed = [], verdicts = { "1.1" = "PASS" } }]',
            "each edition of the row",
        ),
        (
            'readings = [{ reading = "a", prescribed = [], '
            'verdicts = { "1.0" = "PASS", "1.1" = "BAD" } }]',
            "one of PASS",
        ),
        (
            'readings = [{ reading = "a", prescribed = ["1.1"], '
            'verdicts = { "1.0" = "PASS", "1.1" = "WARN" } }]',
            "where it is prescribed",
        ),
    ],
)
def test_a_wrong_entry_is_refused(
    project: Project, capsys: pytest.CaptureFixture[str], more: str, wrong: str
) -> None:
    catalogue(project, A_01=more)
    told(project, code=4)
    error = capsys.readouterr().err
    assert "requirements.toml: row A-01" in error and wrong in error


def test_an_edition_may_have_a_weaker_level() -> None:
    row = load_catalogue(CATALOGUE)["REQ-02"]
    assert (row.of("1.0").level, row.of("1.1").level) == ("MUST", "SHOULD")
    assert row.of("1.0").breach(False).value == "FAIL"
    assert row.of("1.1").breach(False).value == "WARN"


def test_a_row_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "requirements.toml"
    path.write_text(2 * ROW.format(id="A-01", more=""))
    with pytest.raises(CatalogueError, match="row A-01 occurs twice"):
        load_catalogue(path)


def test_wrong_words_are_a_usage_error(project: Project) -> None:
    told(project, "--wrong", code=2)
