# SPDX-License-Identifier: Apache-2.0
"""The clean-up rules: edition × way × verdict, from scenarios/cleanup/rules.toml.

A way is something that a Bootstrap-Server does, or that happens to the account. Each way has one
cell for every edition, security mode and, where the edition asks for it, entropy of the factory
key. `problems` holds the cells against the catalogue and the scenarios; `rules` makes the document.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

from bootcheck.inventory import Filed, load_scenarios
from bootcheck.layout import Layout
from bootcheck.requirement import CatalogueError, Requirement, load_catalogue
from bootcheck.scenario import EDITIONS, SECURITIES, ScenarioError
from bootcheck.verdict import ExitCode

DATA = Path("scenarios/cleanup/rules.toml")
DOCUMENT = Path("docs/cleanup-rules.md")
ENTROPIES = ("low", "high")
JUDGED = ("FAIL", "WARN")
BREACHES = (*JUDGED, "INFO", "NOT APPLICABLE")

Place = tuple[str, str, str]  # edition, security, entropy ("" where it is not asked for)


class RulesError(Exception):
    """The data file is written wrongly."""


@dataclass(frozen=True)
class Way:
    """What is done to an account, or happens to it."""

    id: str
    branch: str  # the heading that it stands under
    title: str
    what: str


@dataclass(frozen=True)
class Cell:
    """What is accepted of a client for one way, in these editions and security modes."""

    way: str
    editions: tuple[str, ...]
    accepted: str
    breach: str  # one of BREACHES
    row: str
    clause: str
    security: tuple[str, ...] = SECURITIES
    entropy: str = ""  # CR with keys only; empty: whatever it is
    scenarios: tuple[str, ...] = ()
    not_run: str = ""  # why there is no scenario

    def places(self) -> Iterator[Place]:
        """All that the cell covers."""
        for edition in self.editions:
            for security in self.security:
                for entropy in _entropies(edition, security):
                    if self.entropy in ("", entropy):
                        yield edition, security, entropy

    def __str__(self) -> str:
        entropy = f" {self.entropy}" if self.entropy else ""
        return f"{self.way} [{' '.join(self.editions)}; {' '.join(self.security)}{entropy}]"


@dataclass(frozen=True)
class Rules:
    """The whole matrix."""

    about: str
    ways: tuple[Way, ...]
    cells: tuple[Cell, ...]

    def of(self, way: Way) -> list[Cell]:
        return [cell for cell in self.cells if cell.way == way.id]


def _entropies(edition: str, security: str) -> tuple[str, ...]:
    return ENTROPIES if (edition, security) == ("CR", "psk") else ("",)


def _all_places() -> list[Place]:
    return [
        (edition, security, entropy)
        for edition in EDITIONS
        for security in SECURITIES
        for entropy in _entropies(edition, security)
    ]


def load_rules(path: Path) -> Rules:
    """Read the data file. Raises RulesError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        ways = tuple(Way(**item) for item in data["way"])
        cells = tuple(_cell(item) for item in data["cell"])
    except (TypeError, KeyError) as problem:
        raise RulesError(f"{path}: {problem}") from None
    return Rules(data.get("about", ""), ways, cells)


def _cell(item: Mapping[str, Any]) -> Cell:
    lists = ("editions", "security", "scenarios")
    members = {name: tuple(item[name]) for name in lists if name in item}
    return Cell(**{**item, **members})


def problems(
    rules: Rules, catalogue: Mapping[str, Requirement], scenarios: Sequence[Filed]
) -> list[str]:
    """What is wrong with the matrix."""
    found: list[str] = []
    by_name = {filed.scenario.name: filed for filed in scenarios}
    for way in rules.ways:
        found += _coverage(way, rules.of(way))
    known = {way.id for way in rules.ways}
    if len(known) < len(rules.ways):
        found.append("two ways have the same id")
    for cell in rules.cells:
        if cell.way not in known:
            found.append(f"{cell}: there is no way {cell.way}")
        found += [f"{cell}: {problem}" for problem in _row_problems(cell, catalogue)]
        found += [f"{cell}: {problem}" for problem in _scenario_problems(cell, by_name)]
    return [*found, *_missing(rules, scenarios)]


def _coverage(way: Way, cells: Sequence[Cell]) -> Iterator[str]:
    """Exactly one cell for each place."""
    for place in _all_places():
        count = sum(place in list(cell.places()) for cell in cells)
        if count != 1:
            yield f"{way.id}: {count} cells for {' '.join(place)}".rstrip()


def _row_problems(cell: Cell, catalogue: Mapping[str, Requirement]) -> Iterator[str]:
    if cell.breach not in BREACHES:
        yield f"breach {cell.breach!r} is none of {', '.join(BREACHES)}"
    if not cell.clause or not cell.accepted:
        yield "has no clause, or says nothing of what is accepted"
    row = catalogue.get(cell.row)
    if row is None:
        yield f"there is no row {cell.row}"
    elif cell.breach in JUDGED:
        if not set(cell.editions) <= set(row.editions):
            yield f"{row.id} does not hold in all these editions"
        if row.breach(strict=False).value != cell.breach:
            yield f"a breach of {row.id} is {row.breach(strict=False).value}, not {cell.breach}"


def _scenario_problems(cell: Cell, scenarios: Mapping[str, Filed]) -> Iterator[str]:
    if bool(cell.scenarios) == bool(cell.not_run):
        yield "needs either scenarios or the reason why it is not run"
    if cell.scenarios and cell.breach == "NOT APPLICABLE":
        yield "is not applicable, but names scenarios"
    for name in cell.scenarios:
        if name not in scenarios:
            yield f"there is no scenario {name}"
            continue
        if cell.row not in scenarios[name].scenario.requirements:
            yield f"scenario {name} does not test {cell.row}"
        for place in sorted(set(cell.places()) - _run_by(scenarios[name])):
            yield f"scenario {name} is not run with {' '.join(place)}".rstrip()


def _run_by(filed: Filed) -> set[Place]:
    """Where a scenario is run; one that does not say which entropy is run with any."""
    scenario = filed.scenario
    return {
        (variant.edition, variant.security, entropy)
        for variant in scenario.variants()
        for entropy in _entropies(variant.edition, variant.security)
        if scenario.entropy is None or entropy in ("", scenario.entropy)
    }


def _missing(rules: Rules, scenarios: Sequence[Filed]) -> Iterator[str]:
    """Variants of clean-up scenarios that no cell names."""
    for filed in scenarios:
        if Path(filed.file).parent != DATA.parent:
            continue
        covered = {
            place
            for cell in rules.cells
            if filed.scenario.name in cell.scenarios
            for place in cell.places()
        }
        if not covered:
            yield f"{filed.id} is in no cell"
            continue
        for place in sorted(_run_by(filed) - covered):
            yield f"{filed.id} is in no cell for {' '.join(place)}".rstrip()


def document(rules: Rules, scenarios: Sequence[Filed]) -> str:
    """The matrix as Markdown."""
    files = {filed.scenario.name: filed.file for filed in scenarios}
    lines = [
        f"<!-- Made by `./run_tests.py rules` from {DATA}: change that file. -->",
        "# The clean-up rules: edition × way × verdict",
        "",
        rules.about.strip(),
        "",
        *_overview(rules),
    ]
    branch = ""
    for way in rules.ways:
        if way.branch != branch:
            branch = way.branch
            lines += ["", f"## {branch}"]
        lines += ["", f"### {way.title}", way.what, "", *_table(rules.of(way), files)]
    return "\n".join(lines) + "\n"


def _overview(rules: Rules) -> Iterator[str]:
    """All ways in one table, each with a link to its own."""
    yield "## Overview"
    yield "The row that is judged, in brackets where no scenario does; INFO; told: INFO that one"
    yield "records; – not applicable."
    yield ""
    places = _all_places()
    yield f"| way | {' | '.join(' '.join(place).strip() for place in places)} |"
    yield "|---" * (len(places) + 1) + "|"
    for way in rules.ways:
        cells = {place: cell for cell in rules.of(way) for place in cell.places()}
        shown = [_short(cells[place]) if place in cells else "?" for place in places]
        yield f"| [{way.title}](#{_anchor(way.title)}) | {' | '.join(shown)} |"


def _short(cell: Cell) -> str:
    if cell.breach == "NOT APPLICABLE":
        return "–"
    if cell.breach == "INFO":
        return "told" if cell.scenarios else "INFO"
    return cell.row if cell.scenarios else f"({cell.row})"


def _anchor(title: str) -> str:
    """The anchor that Markdown viewers give a heading."""
    kept = [character for character in title.lower() if character.isalnum() or character in " -_"]
    return "".join(kept).replace(" ", "-")


def _table(cells: Sequence[Cell], files: Mapping[str, str]) -> Iterator[str]:
    yield "| edition | security | accepted | breach | row | clause | scenario |"
    yield "|---|---|---|---|---|---|---|"
    for cell in cells:
        security = " ".join(cell.security)
        if cell.entropy:
            security += f", {cell.entropy} entropy"
        run = "<br>".join(f"[{name}](../{files.get(name, '')})" for name in cell.scenarios)
        columns = (
            " ".join(cell.editions),
            security,
            cell.accepted,
            cell.breach,
            cell.row,
            cell.clause,
            run or f"not run: {cell.not_run}",
        )
        yield f"| {' | '.join(column.replace('|', chr(92) + '|') for column in columns)} |"


def command(arguments: Sequence[str], layout: Layout) -> int:
    """`rules [--check]`: gives 1 when the matrix is wrong, or is not what the document says."""
    parser = argparse.ArgumentParser(prog="run_tests.py rules")
    parser.add_argument("--check", action="store_true", help="only say what is wrong")
    try:
        chosen = parser.parse_args(list(arguments))
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    try:
        found, text = checked(layout)
    except (RulesError, CatalogueError, ScenarioError, OSError, ValueError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.ERROR
    path = layout.root / DOCUMENT
    if chosen.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
        found.append(f"{DOCUMENT} is out of date: ./run_tests.py rules")
    if not chosen.check:
        path.write_text(text, encoding="utf-8")
    for problem_text in found:
        print(problem_text)
    return ExitCode.FAIL if found else ExitCode.OK


def checked(layout: Layout) -> tuple[list[str], str]:
    """What is wrong with the project's matrix, and the document. Raises as what it reads does."""
    rules = load_rules(layout.root / DATA)
    scenarios = load_scenarios(layout)
    catalogue = load_catalogue(layout.scenarios / "requirements.toml")
    return problems(rules, catalogue, scenarios), document(rules, scenarios)
