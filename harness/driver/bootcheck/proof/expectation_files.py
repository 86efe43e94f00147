# SPDX-License-Identifier: Apache-2.0
"""The data files of expectations: a folder of TOML files, one a subject.

A `[[defect]]` or `[[quirk]]` has a `name`, its lines `expect`, and what it is run with (see
expectation_plan.py): `editions` and `securities`, without which they are those of an ordinary run;
`scenarios`, where only these can be; `slow`, where slow ones are among all of them; `quirks`, which
the client has besides, for scenarios that apply to no other client; `profile`, pairs of texts, what
its profile says instead of what. A quirk may also say in which editions it is `lawful_in`, and that
it is `alone` in its client in `selftest rounds`. The lines
`allow` name checks that may be so in any scenario, and need not. What a quirk leads to is
INCONCLUSIVE at most. The table `elsewhere` of a defect is for a full selftest, in which it runs
scenarios of other subjects, too: a check (without the #2 of a second one), and in which of them
(or "*") it may fail or tell nothing by whatever requirement it has, and need not. A line of
`expect` has

    scenario      a name, several, or "*": every scenario in which a variant was run; `except` names
                  those that are left out. A line with a name goes before one with "*".
    variants      as ["1.1-psk"], whatever the class of the key; without it every variant of the
                  scenario that was run
    check         its name, `requirement` its row, `verdict` what it must have (FAIL)
    primary       what the defect is made for; every other line has a `cause`
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

from bootcheck.proof.expectation import (
    EVERY,
    Expectation,
    Expected,
    Pattern,
    Place,
)
from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.verdict import Verdict

_KINDS = ("defect", "quirk")
_ITEM_KEYS = {
    *("name", "editions", "securities", "scenarios", "slow", "quirks", "expect", "allow"),
    *("profile", "lawful_in", "alone", "elsewhere"),
}
_ALLOW_KEYS = {"check", "requirement", "verdict", "cause"}
_LINE_KEYS = {
    *("scenario", "except", "variants", "check", "requirement", "verdict", "primary", "cause")
}


class ExpectationError(Exception):
    """A data file is written wrongly; the text names its line."""


def load_expectations(folder: Path) -> list[Expectation]:
    """Read all files of the folder. Raises ExpectationError."""
    found: list[Expectation] = []
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        for where, expectation in _in_file(path):
            first = places.setdefault(expectation.title, where)
            if first != where:
                raise ExpectationError(f"{where}: {expectation.title} is in {first} already")
            found.append(expectation)
    if not found:
        raise ExpectationError(f"{folder}: no file *.toml with an expectation is there")
    return found


def _in_file(path: Path) -> Iterator[tuple[str, Expectation]]:
    """Each expectation with its file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ExpectationError(f"{path}: {problem}") from None
    unknown = set(data) - set(_KINDS)
    if unknown:
        raise ExpectationError(f"{path}: unknown {', '.join(sorted(unknown))}")
    for kind in _KINDS:
        lines = _lines_of(kind, text)
        for line, item in zip(lines, data.get(kind, []), strict=True):
            where = f"{path}:{line}"
            try:
                yield where, _expectation(kind, item)
            except KeyError as missing:
                raise ExpectationError(f"{where}: {missing} is missing") from None
            except (ExpectationError, ValueError) as problem:
                raise ExpectationError(f"{where}: {problem}") from None


def _lines_of(kind: str, text: str) -> list[int]:
    """The numbers of the lines that begin an item of this kind."""
    head = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    return [number for number, line in enumerate(text.splitlines(), 1) if head.match(line)]


@dataclass
class _Lines:
    """The lines of one item, read one by one."""

    editions: tuple[str, ...]
    checks: dict[Place, Expected] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)

    def add(self, line: Mapping[str, Any]) -> None:
        expected = _expected(line, _LINE_KEYS)
        variants = tuple(line.get("variants", ()))
        for variant in variants:
            edition = variant.partition("-")[0]
            if edition not in (self.editions or EDITIONS):
                raise ExpectationError(f"{dict(line)}: edition {edition} is not run")
        check, excepted = line["check"], tuple(line.get("except", ()))
        if excepted and line["scenario"] != EVERY:
            raise ExpectationError(f'{dict(line)}: `except` goes with scenario = "{EVERY}"')
        scenarios = line["scenario"]
        for scenario in [scenarios] if isinstance(scenarios, str) else scenarios:
            if scenario == EVERY or not variants:
                self.patterns.append(Pattern(scenario, variants, check, excepted, expected))
                continue
            for variant in variants:
                if (scenario, variant, check) in self.checks:
                    raise ExpectationError(f"{scenario}[{variant}] {check} is listed twice")
                self.checks[scenario, variant, check] = expected


def _expectation(kind: str, item: Mapping[str, Any]) -> Expectation:
    _refuse_unknown(item, _ITEM_KEYS)
    editions = _choice(item, "editions", "edition", EDITIONS)
    securities = _choice(item, "securities", "security", SECURITIES)
    if not isinstance(item.get("scenarios", []), list):
        raise ExpectationError("`scenarios` is a list of names")
    lines = _Lines(editions)
    for line in item.get("expect", []):
        lines.add(line)
    made = Expectation(
        kind,
        item["name"],
        lines.checks,
        {line["check"]: _expected(line, _ALLOW_KEYS) for line in item.get("allow", [])},
        tuple(lines.patterns),
        editions,
        securities,
        tuple(item.get("scenarios", ())),
        item.get("slow", False),
        tuple(item.get("quirks", ())),
        _changes(item),
        _choice(item, "lawful_in", "edition", EDITIONS),
        item.get("alone", False),
        _elsewhere(item),
    )
    if kind == "defect" and not any(expected.primary for *_, expected in made.everything()):
        raise ExpectationError("it has no primary row")
    if kind == "quirk":
        _refuse_failures(made)
        if made.elsewhere:
            raise ExpectationError("a quirk breaks nothing: `elsewhere` is for defects")
    elif made.lawful_in or made.alone:
        raise ExpectationError("only a quirk can be `lawful_in` editions, or `alone`")
    return made


def _elsewhere(item: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    lines = item.get("elsewhere", {})
    if not isinstance(lines, dict) or not all(isinstance(lines[key], list) for key in lines):
        raise ExpectationError("`elsewhere` has for a check a list of scenarios")
    return {check: tuple(scenarios) for check, scenarios in lines.items()}


def _changes(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = item.get("profile", [])
    for pair in pairs:
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(t, str) for t in pair)
        ):
            raise ExpectationError(
                "`profile` is a list of pairs of texts: what stands there, and what instead"
            )
    return tuple((old, new) for old, new in pairs)


def _choice(item: Mapping[str, Any], key: str, what: str, known: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(item.get(key, ()))
    for value in chosen:
        if value not in known:
            raise ExpectationError(f"there is no {what} {value!r}: {', '.join(known)}")
    return chosen


def _refuse_failures(quirk: Expectation) -> None:
    """A quirk is lawful: it may keep a check from telling, and no more."""
    places = [(check, expected) for _, _, check, expected in quirk.everything()]
    for check, expected in [*places, *quirk.allowed.items()]:
        if expected.verdict is not Verdict.INCONCLUSIVE:
            raise ExpectationError(f"{check}: a quirk leads to INCONCLUSIVE at most")


def _expected(line: Mapping[str, Any], known: set[str]) -> Expected:
    _refuse_unknown(line, known)
    expected = Expected(
        line["requirement"],
        Verdict(line.get("verdict", "FAIL")),
        line.get("primary", False),
        line.get("cause", ""),
    )
    if not expected.primary and not expected.cause:
        raise ExpectationError(f"{dict(line)} needs a cause")
    return expected


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(table) - known
    if unknown:
        raise ExpectationError(f"unknown {', '.join(sorted(unknown))} in {dict(table)}")
