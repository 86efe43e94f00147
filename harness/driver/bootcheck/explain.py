# SPDX-License-Identifier: Apache-2.0
"""`explain [ID]`: a rule, what tests it, and the defects that prove that the tests can fail."""

from __future__ import annotations

import argparse
import difflib
import sys
import textwrap
from dataclasses import dataclass
from typing import Iterator, Mapping, Optional, Sequence, TextIO

from bootcheck.always_on import RULES
from bootcheck.coverage import cover
from bootcheck.inventory import Filed, load_scenarios
from bootcheck.layout import Layout
from bootcheck.proof.expectation import EVERY, Expectation
from bootcheck.proof.expectation_files import ExpectationError, load_expectations
from bootcheck.requirement import VERIFIED, CatalogueError, Requirement, load_catalogue
from bootcheck.scenario import ScenarioError
from bootcheck.verdict import ExitCode, Verdict

WIDTH = 100


@dataclass(frozen=True)
class Knowledge:
    """What is known of the rules: the catalogue, the scenarios, the defects."""

    catalogue: Mapping[str, Requirement]
    scenarios: Sequence[Filed]
    expectations: Sequence[Expectation]

    @classmethod
    def load(cls, layout: Layout) -> "Knowledge":
        """Raises CatalogueError, ScenarioError, ExpectationError, OSError."""
        return cls(
            load_catalogue(layout.scenarios / "requirements.toml"),
            load_scenarios(layout),
            load_expectations(layout.expectations),
        )


def command(arguments: Sequence[str], layout: Layout, stream: TextIO = sys.stdout) -> int:
    """Gives 0, or 2 for an id that is not in the catalogue."""
    parser = argparse.ArgumentParser(prog="run_tests.py explain")
    parser.add_argument("id", nargs="?", metavar="ID", help="as CLN-05; without it all are listed")
    try:
        wanted = parser.parse_args(list(arguments)).id
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    try:
        known = Knowledge.load(layout)
    except (CatalogueError, ScenarioError, ExpectationError, OSError, ValueError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.ERROR
    if wanted is None:
        for row in known.catalogue.values():
            print(_line(row), file=stream)
        return ExitCode.OK
    found = known.catalogue.get(wanted.upper())
    if found is None:
        print(f"bootcheck: {_unknown(wanted, known.catalogue)}", file=sys.stderr)
        return ExitCode.USAGE
    for line in explanation(found, known):
        print(line, file=stream)
    return ExitCode.OK


def breach_text(row: Requirement) -> str:
    """What a breach of the row is."""
    if row.level == "INFO":
        return "nothing: recorded, never judged"
    if row.level == "MAY":
        return "nothing: a permission"
    if row.breach(strict=False) is Verdict.FAIL:
        return "FAIL"
    why = "no MUST" if not row.level.startswith("MUST") else VERIFIED[row.verified]
    return f"WARN, FAIL with --strict ({why})"


def explanation(row: Requirement, known: Knowledge) -> Iterator[str]:
    """All about a row, line by line."""
    yield f"{row.id}  {row.level}"
    yield from _filled(row.statement, "  ")
    yield ""
    yield from _member("source", row.source)
    yield from _member("verified", f"{row.verified}: {VERIFIED[row.verified]}")
    yield from _member("editions", ", ".join(row.editions))
    yield from _member("breach", breach_text(row))
    for edition in row.in_edition:
        there = row.of(edition)
        yield from _member(
            f"in {edition}", f"{there.level}, {there.verified}: {breach_text(there)}"
        )
    yield from _member("coverage", cover(row, known.scenarios).told)
    yield from _readings(row)
    yield from _watched(row, known)
    yield ""
    yield from _tests(row, known)
    yield ""
    yield from _proofs(row, known)


def _readings(row: Requirement) -> Iterator[str]:
    """How the sources can be read, with the verdict of each."""
    if row.readings:
        yield ""
        yield "read in different ways"
    for number, reading in enumerate(row.readings, 1):
        yield from _filled(f"{number}  {reading.reading}", "  ", "     ")
        verdicts = [
            f"{edition} {verdict}{' (prescribed)' if edition in reading.prescribed else ''}"
            for edition, verdict in reading.verdicts.items()
        ]
        yield f"      {', '.join(verdicts)}"


def _watched(row: Requirement, known: Knowledge) -> Iterator[str]:
    """The always-on rules of the row."""
    names = cover(row, known.scenarios).rules
    if names:
        yield ""
        yield "watched in every scenario by always-on rules"
    for name in names:
        rule = RULES[name]
        fewer = set(row.editions) - set(rule.editions)
        where = [edition for edition in row.editions if edition in rule.editions]
        yield f"  {name}" + (f" ({' '.join(where)})" if fewer else "")
        yield from _filled(rule.what, "      ")


def _tests(row: Requirement, known: Knowledge) -> Iterator[str]:
    testing = cover(row, known.scenarios).scenarios
    if not testing:
        yield "tested by no scenario of its own"
        return
    yield "tested by"
    for filed in testing:
        scenario = filed.scenario
        notes = ["beside " + scenario.requirements[0]] if scenario.requirements[0] != row.id else []
        notes += ["slow: -m slow"] if scenario.slow else []
        yield f"  {filed.id}" + (f" ({', '.join(notes)})" if notes else "")
        applies = [edition for edition in scenario.editions if edition in row.editions]
        where = f"{' '.join(applies)}; {' '.join(scenario.securities)}"
        needs = f"; needs {', '.join(scenario.needs)}" if scenario.needs else ""
        yield f"      {where}{needs}"
        yield from _filled(scenario.purpose, "      ")


def _proofs(row: Requirement, known: Knowledge) -> Iterator[str]:
    """The defects, those first that are made to break this row."""
    defects = [expectation for expectation in known.expectations if expectation.kind == "defect"]
    primary = {defect.title: _broken(defect, row, primary=True) for defect in defects}
    other = {defect.title: _broken(defect, row, primary=False) for defect in defects}
    if not any(primary.values()) and not any(other.values()):
        yield "proved by no defect of the reference client"
        return
    yield "proved by defects of the reference client"
    for found, mark in ((primary, " (primary)"), (other, "")):
        for name, checks in found.items():
            if not checks or (not mark and primary[name]):
                continue
            yield f"  {name}{mark}"
            for check, scenarios in sorted(checks.items()):
                yield from _filled(
                    f"{check} in {', '.join(sorted(scenarios))}", "      ", "        "
                )


def _broken(defect: Expectation, row: Requirement, *, primary: bool) -> dict[str, set[str]]:
    """The checks of the row that the defect breaks, with their scenarios."""
    checks: dict[str, set[str]] = {}
    for scenario, _, check, expected in defect.everything():
        if expected.requirement == row.id and expected.primary == primary:
            if expected.verdict in (Verdict.FAIL, Verdict.WARN):
                where = "every scenario" if scenario == EVERY else scenario
                checks.setdefault(check, set()).add(where)
    return checks


def _unknown(wanted: str, catalogue: Mapping[str, Requirement]) -> str:
    near = difflib.get_close_matches(wanted.upper(), catalogue, n=4, cutoff=0.5)
    advice = f"nearest are {', '.join(near)}" if near else "`explain` alone lists all"
    return f"there is no requirement {wanted!r}: {advice}"


def _line(row: Requirement) -> str:
    """A row in one line, whole: for grep."""
    return f"{row.id:<7} {row.level:<8} {row.verified} {' '.join(row.editions):<14} {row.statement}"


def _member(name: str, text: str) -> list[str]:
    return _filled(text, f"  {name:<10}", " " * 12)


def _filled(text: str, indent: str, further: Optional[str] = None) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
    )
