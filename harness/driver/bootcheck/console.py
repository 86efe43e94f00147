# SPDX-License-Identifier: Apache-2.0
"""What a run shows on the console: progress, then a table, then what did not pass and why."""

from __future__ import annotations

import os
import re
import textwrap
import time
from pathlib import Path
from typing import Iterable, Optional, Sequence, TextIO

from bootcheck import left_open, time_scale
from bootcheck.collection import ScenarioItem
from bootcheck.junit import window_text
from bootcheck.runlog import RunRecord, VariantRecord
from bootcheck.scenario import EDITIONS, SECURITIES, official_text
from bootcheck.verdict import Check, Verdict, gravest

WIDTH = 100

SHORT = {
    Verdict.PASS: "PASS",
    Verdict.WARN: "WARN",
    Verdict.FAIL: "FAIL",
    Verdict.INCONCLUSIVE: "INCON",
    Verdict.NOT_APPLICABLE: "n/a",
    Verdict.EXPECTED_FAIL: "XFAIL",
    Verdict.ERROR: "ERROR",
    Verdict.NOT_RUN: "NORUN",
}
_COLOURS = {
    "PASS": 32,
    "WARN": 33,
    "INCON": 33,
    "INCONCLUSIVE": 33,
    "FAIL": 31,
    "ERROR": 31,
    "NORUN": 31,
    "NOT RUN": 31,
}
# A variant may have these without a check that has: they stand in its primary requirement's row.
_WHOLE = {
    Verdict.INCONCLUSIVE,
    Verdict.NOT_APPLICABLE,
    Verdict.EXPECTED_FAIL,
    Verdict.ERROR,
    Verdict.NOT_RUN,
}


_TOLD = (Verdict.WARN, Verdict.EXPECTED_FAIL, Verdict.INCONCLUSIVE, Verdict.FAIL)


class Progress:
    """Tells what is going on while a run lasts: one line that changes, or one a variant."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream = stream
        self._tty = stream.isatty()
        self._total = total
        self._done = 0
        self._counts: dict[Verdict, int] = {}
        self._began = time.monotonic()

    def begin(self, directory: Path) -> None:
        self._stream.write(f"bootcheck: {self._total} variants, results in {directory}\n")
        self._stream.flush()

    def finished(self, variant: VariantRecord) -> None:
        verdict = variant.result.verdict
        self._done += 1
        self._counts[verdict] = self._counts.get(verdict, 0) + 1
        if self._tty:
            counts = ", ".join(f"{count} {name.value}" for name, count in self._counts.items())
            elapsed = time.monotonic() - self._began
            text = f"[{self._done}/{self._total}] {elapsed:.0f} s: {counts}"
            self._stream.write(f"\r\x1b[K{text[: WIDTH - 1]}")
        else:
            self._stream.write(f"{verdict.value:14} {variant.label} {variant.duration:.1f} s\n")
        self._stream.flush()

    def end(self) -> None:
        self._stream.write("\r\x1b[K" if self._tty else "\n")
        self._stream.flush()


def list_items(items: Sequence[ScenarioItem], stream: TextIO) -> None:
    """`--list`: each scenario with its requirements, purpose and variants."""
    variants: dict[str, list[str]] = {}
    scenarios = {}
    for item in items:
        key = f"{item.file}::{item.scenario.name}"
        scenarios[key] = item.scenario
        variants.setdefault(key, []).append(item.variant.id)
    for key, scenario in scenarios.items():
        stream.write(key + (" (slow)" if scenario.slow else "") + "\n")
        for text in (
            ", ".join(scenario.requirements) + ": " + " ".join(scenario.purpose.split()),
            "variants: " + " ".join(variants[key]),
            official_text(sorted(set(scenario.official.values())), scenario.errata),
        ):
            if text:
                stream.write(_filled(text, "    ") + "\n")
    stream.write(f"{len(scenarios)} scenarios, {len(items)} variants\n")


def table(record: RunRecord) -> str:
    """The whole report as plain text."""
    parts = [_matrix(record.variants), *_reasons(record)]
    if record.header.get("time_scale"):
        scaled = time_scale.text(record.header["time_scale"])
        parts.append(_filled(f"time scale: {scaled}", "") + "\n")
    parts.append(left_open.section(record.variants))
    parts.append(_totals(record))
    return "\n".join(part for part in parts if part)


def coloured(text: str) -> str:
    """The same for a terminal."""
    pattern = r"\b(" + "|".join(sorted(_COLOURS, key=len, reverse=True)) + r")\b"
    return re.sub(pattern, lambda match: f"\x1b[{_COLOURS[match[1]]}m{match[1]}\x1b[0m", text)


def _matrix(variants: Sequence[VariantRecord]) -> str:
    """Requirement × scenario × variants."""
    columns = sorted({(v.edition, v.security, v.content_format) for v in variants}, key=_order)
    formats = {content_format for _, _, content_format in columns}
    heads = [
        [edition, security] + ([content_format] if len(formats) > 1 else [])
        for edition, security, content_format in columns
    ]
    rows, others = _rows(variants)
    first = max([len("requirement"), *(len(requirement) for requirement, _ in rows)])
    longest = max([len("scenario"), *(len(scenario) for _, scenario in rows)])
    second = max(20, min(longest, WIDTH - first - 2 - 7 * len(columns)))
    lines = []
    for level in range(max((len(head) for head in heads), default=0)):
        left = (
            f"{'requirement':{first}}  {'scenario':{second}}"
            if level == 0
            else " " * (first + 2 + second)
        )
        lines.append((left + "".join(f"  {head[level]:5}" for head in heads)).rstrip())
    lines.append("-" * min(WIDTH, first + 2 + second + 7 * len(columns)))
    for requirement, scenario in sorted(rows, key=lambda row: (_natural(row[0]), row[1])):
        cells = "".join(f"  {rows[requirement, scenario].get(column, ''):5}" for column in columns)
        name = _wrapped_name(scenario, second)
        lines.append((f"{requirement:{first}}  {name[0]:{second}}" + cells).rstrip())
        lines += [" " * (first + 4) + rest for rest in name[1:]]
    if others:
        lines.append(_filled("passed beside, in all scenarios: " + ", ".join(others), ""))
    return "\n".join(lines) + "\n"


def _rows(
    variants: Sequence[VariantRecord],
) -> tuple[dict[tuple[str, str], dict[tuple[str, str, str], str]], list[str]]:
    """Cells by requirement and scenario, and requirements that have no row.

    Rules that are held against every message would fill the table; they have a row where a
    scenario is about them and where they did not pass.
    """
    rows: dict[tuple[str, str], dict[tuple[str, str, str], str]] = {}
    beside: set[str] = set()
    for variant in variants:
        column = (variant.edition, variant.security, variant.content_format)
        for requirement in variant.requirements:
            cell = _cell(variant, requirement)
            rows.setdefault((requirement, variant.scenario), {})[column] = cell
        for requirement in {check.requirement for check in variant.result.checks}:
            cell = _cell(variant, requirement)
            if cell != SHORT[Verdict.PASS]:
                rows.setdefault((requirement, variant.scenario), {})[column] = cell
            beside.add(requirement)
    return rows, sorted(beside - {requirement for requirement, _ in rows}, key=_natural)


def _wrapped_name(name: str, width: int) -> list[str]:
    """A name in pieces that end at underscores where they can."""
    spaced = textwrap.wrap(name.replace("_", "_ "), width - 1)
    return [piece.replace("_ ", "_") for piece in spaced]


def _cell(variant: VariantRecord, requirement: str) -> str:
    verdicts = [c.verdict for c in variant.result.checks if c.requirement == requirement]
    whole = variant.result.verdict
    primary = variant.requirements[:1] == [requirement]
    if whole in _WHOLE and (primary or not verdicts):
        verdicts.append(whole)
    worst = gravest(verdicts)
    return SHORT[worst] if worst is not None else "-"


def _reasons(record: RunRecord) -> Iterable[str]:
    """Each variant that did not pass, with its evidence; what was known before, by its reason."""
    skipped: dict[tuple[str, str], list[VariantRecord]] = {}
    for variant in record.variants:
        verdict = variant.result.verdict
        if verdict in (Verdict.NOT_APPLICABLE, Verdict.NOT_RUN, Verdict.EXPECTED_FAIL) or (
            variant.result.is_expected
        ):
            skipped.setdefault((verdict.value, variant.result.reason), []).append(variant)
        elif verdict is not Verdict.PASS:
            yield _reason(record, variant)
    for (value, reason), variants in skipped.items():
        names = " ".join(variant.label for variant in variants)
        count = f"{len(variants)} variants: " if len(variants) > 1 else ""
        yield f"{_filled(f'{value}: {reason}', '')}\n{_filled(count + names, '    ')}\n"


def _reason(record: RunRecord, variant: VariantRecord) -> str:
    result = variant.result
    kind = f" ({result.error_kind.value})" if result.error_kind else ""
    lines = [f"{result.verdict.value}{kind} {variant.label}"]
    if not any(check.verdict is result.verdict for check in result.checks):
        lines.append(_filled(result.reason, "    "))  # else it is the text of that check
    for check in result.checks:
        if check.verdict in _TOLD:
            lines += _check_lines(check)
    if result.details:
        lines += ["    details:"]
        lines += [_filled(line, "      ") for line in result.details.splitlines()[-12:]]
    if variant.lane:
        lines.append(f"    trace: {_shortest(record.directory / variant.lane / 'trace.txt')}")
    return "\n".join(lines) + "\n"


def _check_lines(check: Check) -> list[str]:
    lines = [_filled(f"{check.verdict.value} {check.requirement}: {check.what}", "    ")]
    if check.expected or check.observed:
        lines.append(_filled(f"expected: {check.expected}", "      "))
        lines.append(_filled(f"observed: {check.observed}", "      "))
    if check.window:
        lines.append(_filled("window: " + window_text(check.window), "      "))
    lines += [_filled(f"- {item}", "      ") for item in check.evidence]
    if check.baseline:
        lines.append(_filled(f"as expected: {check.baseline}", "      "))
    return lines


def _totals(record: RunRecord) -> str:
    counts: dict[str, int] = {}
    for variant in record.variants:
        value = variant.result.verdict.value
        counts[value] = counts.get(value, 0) + 1
    text = ", ".join(f"{counts[v.value]} {v.value}" for v in Verdict if v.value in counts)
    profile = record.header.get("profile", {})
    client = f"{profile.get('name', '')} {profile.get('version', '')}".strip()
    end = record.end
    took = f" in {end['duration']:.1f} s" if end else ": the run was killed"
    stopped = f" ({end['stopped']})" if end and end.get("stopped") else ""
    return f"{client}: {len(record.variants)} variants: {text}{took}{stopped}\n"


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )


def _shortest(path: Path) -> str:
    """A path that can be opened from here."""
    return min(str(path), os.path.relpath(path), key=len)


def _order(column: tuple[str, str, str]) -> tuple[int, int, str]:
    edition, security, content_format = column
    return (EDITIONS.index(edition), SECURITIES.index(security), content_format)


def _natural(name: str) -> list[tuple[int, Optional[int], str]]:
    parts = re.split(r"(\d+)", name)
    return [(1, int(part), "") if part.isdigit() else (0, None, part) for part in parts]
