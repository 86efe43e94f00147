# SPDX-License-Identifier: Apache-2.0
"""What an audit shows: progress, a table, and JUnit."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from typing import Any, Iterator, TextIO

from bootcheck.audit.outcome import FILE_NAME, NO_EVIDENCE, Key, Outcome
from bootcheck.junit import cleaned

_WIDTH = 100
_MOST_ROWS, _MOST_LEFT = 40, 12
_EVERY_S = 10.0  # between lines of progress, where no terminal shows them
_NEVER_HIGH = (
    f'"{NO_EVIDENCE}" does not say high: the entropy of a key cannot be proven by its value, and',
    "what is told above was not searched. See docs/entropy.md.",
)


class Progress:
    """One line that changes on a terminal, else one every ten seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._tty = stream, stream.isatty()
        self._last = time.monotonic()

    def show(self, record: dict[str, Any]) -> None:
        left = record["seconds_left"]
        estimate = f", some {_time(left)} left" if left >= 0 else ""
        text = (
            f"[{record['number']}/{record['count']}] {100 * record['part']:.0f} %{estimate}, "
            f"{record['rate'] / 1e6:.3g} million/s, {record['open']} keys open: {record['text']}"
        )
        if self._tty:
            self._stream.write(f"\r\x1b[K{text[: _WIDTH - 1]}")
        elif time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self._stream.write(text + "\n")
        self._stream.flush()

    def end(self) -> None:
        if self._tty:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def table(outcome: Outcome, *, whole: bool) -> Iterator[str]:
    """The keys with their evidence, the sums, and what was not searched."""
    rows = sorted(outcome.keys, key=lambda key: (not key.is_low, key.line))
    shown = rows if whole else rows[:_MOST_ROWS]
    width = min(max((len(key.device) for key in shown), default=6), 40)
    yield f"{'device':{width}}  {'key':8}  {'verdict':18}  evidence"
    for key in shown:
        reasons = key.reasons or ["-"]
        yield f"{key.device[:width]:{width}}  {key.fingerprint}  {key.verdict:18}  {reasons[0]}"
        for reason in reasons[1:]:
            yield f"{'':{width + 32}}{reason}"
    more = outcome.low + outcome.no_evidence - len(shown)
    if more > 0:
        yield f"… and {more} more: {FILE_NAME} has all"
    yield ""
    yield from _sums(outcome, whole)


def _sums(outcome: Outcome, whole: bool) -> Iterator[str]:
    yield f"{outcome.low} low, {outcome.no_evidence} {NO_EVIDENCE}"
    for name, count in outcome.counts.most_common():
        yield f"  {count:8}  {name}"
    if outcome.hints.get("keys"):
        yield f"seen in {outcome.hints['keys']} keys that are no text, and expected by chance:"
        for name, counts in sorted(outcome.hints["of"].items()):
            yield f"  {name:10} {counts['seen']}, by chance {counts['expected']:.3g}"
    if outcome.not_needed:
        yield f"{outcome.not_needed} searches were ended or not made: each key had been found"
    left = outcome.not_searched()
    if outcome.stopped:
        yield "the searches were interrupted"
    if left:
        yield "not searched:"
        yield from (f"  {text}" for text in (left if whole else left[:_MOST_LEFT]))
        if len(left) > _MOST_LEFT and not whole:
            yield f"  … and {len(left) - _MOST_LEFT} more: table.txt has all"
    yield from _NEVER_HIGH


def junit(outcome: Outcome, name: str) -> bytes:
    """A testcase for each key, of very many for the first ones; a low one has failed."""
    failures = sum(key.is_low for key in outcome.keys)
    root = ET.Element("testsuites", name="bootcheck", time="0.000")
    for at, value in (("tests", len(outcome.keys)), ("failures", failures), ("errors", 0)):
        root.set(at, str(value))
    suite = ET.SubElement(
        root,
        "testsuite",
        name="audit-keys",
        tests=str(len(outcome.keys)),
        failures=str(failures),
        errors="0",
        skipped="0",
        time="0.000",
        timestamp=time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
    )
    properties = ET.SubElement(suite, "properties")
    for at, text in (
        ("source", name),
        ("low", str(outcome.low)),
        ("no_evidence", str(outcome.no_evidence)),
        ("refused", str(outcome.refused)),
        ("stopped", str(outcome.stopped).lower()),
    ):
        ET.SubElement(properties, "property", name=at, value=cleaned(text))
    for key in outcome.keys:
        suite.append(_case(key))
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _case(key: Key) -> ET.Element:
    name = cleaned(f"{key.device} (line {key.line}, key {key.fingerprint})")
    case = ET.Element("testcase", name=name, classname="audit-keys", time="0.000")
    text = cleaned("\n".join(key.reasons))
    if key.is_low:
        failure = ET.SubElement(case, "failure", message=cleaned(f"low: {key.reasons[0]}"))
        failure.set("type", "low")
        failure.text = text
    else:
        ET.SubElement(case, "system-out").text = f"{NO_EVIDENCE}\n{text}".strip()
    return case
