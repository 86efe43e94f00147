# SPDX-License-Identifier: Apache-2.0
"""The clean-up rules agree with the catalogue, the scenarios and their document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bootcheck import rules
from bootcheck.inventory import Filed
from bootcheck.layout import Layout
from bootcheck.requirement import Requirement
from bootcheck.rules import Cell, Rules, RulesError, Way, document, load_rules, problems
from bootcheck.scenario import EDITIONS, Scenario
from project import Project

PUBLISHED = ("1.0", "1.1", "1.2")
CATALOGUE = {
    "A": Requirement("A", "MUST", EDITIONS, "", "", "V"),
    "I": Requirement("I", "MUST", PUBLISHED, "", "", "I"),
}


async def _nothing(bench: object) -> None:
    """Never run."""


def filed(
    name: str,
    editions: tuple[str, ...] = EDITIONS,
    *,
    securities: tuple[str, ...] = ("nosec", "psk"),
    entropy: str | None = None,
    folder: str = "cleanup",
) -> Filed:
    scenario = Scenario(
        name, ("A",), editions, securities, (), entropy, "kept", False, "It is.", _nothing
    )
    return Filed(f"scenarios/{folder}/a.py", scenario)


def cell(**members: object) -> Cell:
    default = Cell("w", EDITIONS, "usable", "FAIL", "A", "TS 9", scenarios=("s",))
    return replace(default, **members)  # type: ignore[arg-type]


def found(*cells: Cell, scenarios: tuple[Filed, ...] = (filed("s"),)) -> list[str]:
    way = Way("w", "Keep", "A way", "It is done.")
    return problems(Rules("", (way,), cells), CATALOGUE, scenarios)


def test_the_shipped_matrix_is_whole_and_its_document_up_to_date() -> None:
    layout = Layout.of_this_package()
    wrong, text = rules.checked(layout)
    assert not wrong, "\n".join(wrong)
    made = (layout.root / rules.DOCUMENT).read_text(encoding="utf-8")
    assert made == text, "start ./run_tests.py rules"


def test_a_matrix_in_order_has_no_problem() -> None:
    assert found(cell()) == []


WRONG = {
    "there is no row B": cell(row="B"),
    "I does not hold in all these editions": cell(row="I", breach="WARN"),
    "a breach of A is FAIL, not WARN": cell(breach="WARN"),
    "breach 'SHRUG' is none of": cell(breach="SHRUG"),
    "there is no scenario t": cell(scenarios=("s", "t")),
    "needs either scenarios or the reason": cell(not_run="why"),
    "is not applicable, but names scenarios": cell(breach="NOT APPLICABLE"),
    "has no clause": cell(clause=""),
    "there is no way v": cell(way="v"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_cell_is_told(text: str) -> None:
    assert any(text in problem for problem in found(WRONG[text])), found(WRONG[text])


def test_neither_scenario_nor_reason_is_told() -> None:
    assert any("needs either" in problem for problem in found(cell(scenarios=()), scenarios=()))


def test_each_place_has_exactly_one_cell() -> None:
    psk = cell(security=("psk",))
    assert "w: 0 cells for CR nosec" in found(psk)
    low = cell(editions=("CR",), security=("psk",), entropy="low")
    others = [cell(security=("nosec",)), cell(editions=PUBLISHED, security=("psk",))]
    assert found(low, *others)[0] == "w: 0 cells for CR psk high"
    assert found(low, replace(low, entropy="high"), *others) == []
    assert "w: 2 cells for CR psk low" in found(cell(), low)


def test_a_scenario_must_be_run_wherever_its_cell_says() -> None:
    told = found(cell(), scenarios=(filed("s", PUBLISHED, securities=("psk",)),))
    assert len([text for text in told if "is not run with" in text]) == 3 + 3
    told = found(cell(), scenarios=(filed("s", entropy="low"),))
    assert [text.rpartition(": ")[2] for text in told] == ["scenario s is not run with CR psk high"]


def test_a_scenario_must_test_the_row_of_its_cell() -> None:
    told = found(cell(row="I", editions=PUBLISHED, breach="WARN"))
    assert any("scenario s does not test I" in text for text in told)


def test_no_clean_up_scenario_is_missing() -> None:
    more = (filed("s"), filed("new"), filed("elsewhere", folder="session"))
    assert found(cell(), scenarios=more) == ["scenarios/cleanup/a.py::new is in no cell"]
    split = (cell(editions=PUBLISHED), cell(editions=("CR",), scenarios=(), not_run="why"))
    assert "scenarios/cleanup/a.py::s is in no cell for CR psk high" in found(*split)


def test_the_document_shows_each_cell_with_its_clause() -> None:
    way = Way("w", "Keep", "T >= 1, after T", "It is done.")
    cells = (
        cell(editions=PUBLISHED),
        cell(editions=("CR",), breach="INFO", scenarios=(), not_run="a | b"),
    )
    text = document(Rules("About.\n", (way,), cells), [filed("s")])
    assert (
        "| [T >= 1, after T](#t--1-after-t) | INFO | INFO | INFO | A | A | A | A | A | A |" in text
    )
    link = "[s](../scenarios/cleanup/a.py)"
    assert f"| 1.0 1.1 1.2 | nosec psk | usable | FAIL | A | TS 9 | {link} |" in text
    assert "not run: a \\| b |" in text


DATA = """
[[way]]
id = "w"
branch = "Keep"
title = "A way"
what = "It is done."
[[cell]]
way = "w"
editions = ["1.1"]
accepted = "usable"
breach = "FAIL"
row = "CLN-05"
clause = "TS 9"
scenarios = ["s"]
"""


def test_a_key_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(DATA)
    assert load_rules(path).cells[0].security == ("nosec", "psk")
    for wrong in (DATA + "colour = 1\n", DATA.replace("clause", "claws"), "about = ''"):
        path.write_text(wrong)
        with pytest.raises(RulesError, match="rules.toml"):
            load_rules(path)


def test_the_command_makes_the_document_and_says_what_is_wrong(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = Layout(project.root)
    assert rules.command([], layout) == 4, "there is no data"
    (project.root / "scenarios" / "cleanup").mkdir()
    (project.root / "docs").mkdir()
    (project.root / rules.DATA).write_text(DATA)
    (project.root / "scenarios" / "requirements.toml").write_text("requirement = []")
    assert rules.command(["--check"], layout) == 1
    assert "is out of date" in capsys.readouterr().out
    assert rules.command([], layout) == 1
    assert "there is no row CLN-05" in capsys.readouterr().out
    assert rules.command(["--check"], layout) == 1
    assert "is out of date" not in capsys.readouterr().out
    assert rules.command(["--wrong"], layout) == 2
