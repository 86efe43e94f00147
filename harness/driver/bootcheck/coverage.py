# SPDX-License-Identifier: Apache-2.0
"""`coverage`: how each row of the catalogue is tested, or why it is not.

That a scenario tests a row is told by its mark, that an always-on rule watches it by the rule. A
row that neither names says itself how it stands; `problems` holds that against what there is.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence, TextIO

from bootcheck.always_on import RULES
from bootcheck.inventory import Filed, load_scenarios
from bootcheck.layout import Layout
from bootcheck.requirement import CatalogueError, Requirement, load_catalogue
from bootcheck.scenario import ScenarioError
from bootcheck.verdict import ExitCode

TESTED = "tested by scenarios"
WATCHED = "watched by always-on rules"
IN_PASSING = "checked in passing"
WAITS = "waits for a capability"
NOT_TESTABLE = "not testable from the network"
OPEN = "no scenario yet"
STATES = (TESTED, WATCHED, IN_PASSING, WAITS, NOT_TESTABLE, OPEN)


@dataclass(frozen=True)
class Coverage:
    """How one row stands."""

    row: Requirement
    scenarios: tuple[Filed, ...]  # those whose mark names the row
    rules: tuple[str, ...]  # the always-on rules that name it
    state: Optional[str]  # one of STATES; None: nothing is said

    @property
    def editions(self) -> tuple[str, ...]:
        """Those of the row in which a scenario that names it runs."""
        run = {edition for filed in self.scenarios for edition in filed.scenario.editions}
        return tuple(edition for edition in self.row.editions if edition in run)

    @property
    def told(self) -> str:
        """The state with what is behind it, in one line."""
        row = self.row
        if self.scenarios:
            count = len(self.scenarios)
            text = f"{count} scenario{'s' if count > 1 else ''}"
            missing = [edition for edition in row.editions if edition not in self.editions]
            text += f", none in {' '.join(missing)}" if missing else ""
            return f"{text}; rules {', '.join(self.rules)}" if self.rules else text
        if row.waits_for is not None:
            return f"waits for {row.waits_for.name}: {row.waits_for.what}"
        reasons = {
            WATCHED: ", ".join(self.rules),
            IN_PASSING: row.in_passing,
            NOT_TESTABLE: row.not_testable,
        }
        why = reasons.get(self.state or "")
        return f"{self.state or 'nothing is said'}{f': {why}' if why else ''}"


def cover(row: Requirement, scenarios: Sequence[Filed]) -> Coverage:
    """How a row stands among all scenarios."""
    testing = tuple(filed for filed in scenarios if row.id in filed.scenario.requirements)
    rules = tuple(name for name, rule in RULES.items() if rule.requirement == row.id)
    state = TESTED if testing else WATCHED if rules else _said(row)
    return Coverage(row, testing, rules, state)


def _said(row: Requirement) -> Optional[str]:
    """What the row says of itself."""
    if row.in_passing:
        return IN_PASSING
    if row.waits_for is not None:
        return WAITS
    if row.not_testable:
        return NOT_TESTABLE
    return OPEN if row.open else None


def problems(
    catalogue: Mapping[str, Requirement], scenarios: Sequence[Filed], checked: set[str]
) -> Iterator[str]:
    """What is wrong. `checked`: the rows that the code of scenarios and of the driver names."""
    for row in catalogue.values():
        covered = cover(row, scenarios)
        if covered.state is None:
            yield (
                f"{row.id}: neither a scenario nor an always-on rule names it, and its entry has"
                " none of in_passing, waits_for, not_testable, open"
            )
        said = _said(row)
        if covered.state != said and said in (WAITS, NOT_TESTABLE, OPEN):
            names = [filed.id for filed in covered.scenarios] or list(covered.rules)
            yield f"{row.id}: its entry says '{said}', but {names[0]} names it"
        if said == IN_PASSING and row.id not in checked:
            yield f"{row.id}: its entry says '{said}', but nothing checks it"
    for name, rule in RULES.items():
        if rule.requirement not in catalogue:
            yield f"the always-on rule {name}: there is no row {rule.requirement}"
    for filed in scenarios:
        scenario = filed.scenario
        known = [catalogue[name] for name in scenario.requirements if name in catalogue]
        for name in scenario.requirements:
            if name not in catalogue:
                yield f"{filed.id}: there is no row {name}"
        for edition in scenario.editions:
            if known and not any(edition in row.editions for row in known):
                yield f"{filed.id}: none of its rows holds in edition {edition}"


def rows_in_code(layout: Layout, catalogue: Mapping[str, Requirement]) -> set[str]:
    """The rows whose id is a string in the code of a scenario or of the driver."""
    found: set[str] = set()
    for folder in (layout.scenarios, layout.root / "harness" / "driver" / "bootcheck"):
        for path in folder.rglob("*.py"):
            found |= _strings(path) & set(catalogue)
    return found


def _strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def table(catalogue: Mapping[str, Requirement], scenarios: Sequence[Filed]) -> Iterator[str]:
    """A line for each row, and the counts."""
    form = "{:<8} {:<8} {:<15} {}"
    yield form.format("row", "level", "editions", "coverage")
    counts: Counter[Optional[str]] = Counter()
    for row in catalogue.values():
        covered = cover(row, scenarios)
        counts[covered.state] += 1
        yield form.format(row.id, row.level, " ".join(row.editions), covered.told)
    told = [f"{counts[state]} {state}" for state in STATES]
    told += [f"{counts[None]} of which nothing is said"] if counts[None] else []
    yield ""
    yield f"{len(catalogue)} rows: {', '.join(told)}"


def command(arguments: Sequence[str], layout: Layout, stream: Optional[TextIO] = None) -> int:
    """`coverage [--check]`: gives 1 when an entry and the scenarios do not agree."""
    parser = argparse.ArgumentParser(prog="run_tests.py coverage")
    parser.add_argument("--check", action="store_true", help="only say what is wrong")
    try:
        chosen = parser.parse_args(list(arguments))
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    out = stream or sys.stdout
    try:
        catalogue = load_catalogue(layout.scenarios / "requirements.toml")
        scenarios = load_scenarios(layout)
        found = list(problems(catalogue, scenarios, rows_in_code(layout, catalogue)))
    except (CatalogueError, ScenarioError, OSError, ValueError, SyntaxError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.ERROR
    if not chosen.check:
        for line in table(catalogue, scenarios):
            print(line, file=out)
    for problem_text in found:
        print(problem_text, file=out)
    return ExitCode.FAIL if found else ExitCode.OK
