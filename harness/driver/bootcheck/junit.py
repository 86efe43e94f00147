# SPDX-License-Identifier: Apache-2.0
"""JUnit XML of a run, in the forms that Jenkins (junit-10) and Surefire 3 both accept.

One <testsuite> per scenario file. FAIL -> <failure type=requirement>; INCONCLUSIVE, ERROR and
NOT RUN -> <error>; NOT APPLICABLE, EXPECTED FAIL and an expected INCONCLUSIVE -> <skipped>; WARN
passes, and is told in <system-out> and in the suite's properties.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Iterable, Optional

from bootcheck import time_scale
from bootcheck.left_open import choice_text
from bootcheck.runlog import RunRecord, VariantRecord
from bootcheck.scenario import official_text
from bootcheck.verdict import Check, Result, Verdict

# XML 1.0, section 2.2: what a document may not hold, not even as a character reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_TEXT = 65536  # characters of a text; the rest is in run.jsonl

_ELEMENT = {
    Verdict.FAIL: "failure",
    Verdict.INCONCLUSIVE: "error",
    Verdict.ERROR: "error",
    Verdict.NOT_RUN: "error",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.EXPECTED_FAIL: "skipped",
}


_EXPECTED = {Verdict.EXPECTED_FAIL: "fail", Verdict.INCONCLUSIVE: "inconclusive"}


def _element(result: Result) -> Optional[str]:
    """What a testcase has inside; None: it passes."""
    return "skipped" if result.is_expected else _ELEMENT.get(result.verdict)


def document(record: RunRecord) -> bytes:
    """The whole document, UTF-8."""
    files: dict[str, list[VariantRecord]] = {}
    for variant in record.variants:
        files.setdefault(variant.file, []).append(variant)
    suites = [_suite(record, file, variants) for file, variants in files.items()]
    root = ET.Element("testsuites", name="bootcheck")
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", _seconds(sum(variant.duration for variant in record.variants)))
    root.extend(suites)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _suite(record: RunRecord, file: str, variants: list[VariantRecord]) -> ET.Element:
    elements = [_element(variant.result) for variant in variants]
    suite = ET.Element(
        "testsuite",
        {
            "name": cleaned(_class_name(file)),
            "tests": str(len(variants)),
            "failures": str(elements.count("failure")),
            "errors": str(elements.count("error")),
            "skipped": str(elements.count("skipped")),
            "time": _seconds(sum(variant.duration for variant in variants)),
        },
    )
    started = str(record.header.get("started", ""))
    if started:
        suite.set("timestamp", started.removesuffix("Z"))
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(record, variants):
        ET.SubElement(properties, "property", name=cleaned(name), value=cleaned(value))
    for variant in variants:
        suite.append(_case(record, variant))
    return suite


def _properties(record: RunRecord, variants: Iterable[VariantRecord]) -> list[tuple[str, str]]:
    header = record.header
    profile = header.get("profile", {})
    found = [
        ("bootcheck", str(header.get("bootcheck", ""))),
        ("commit", str(header.get("commit") or "unknown")),
        ("client", f"{profile.get('name', '')} {profile.get('version', '')}".strip()),
        ("profile.sha256", str(profile.get("sha256", ""))),
        ("editions", " ".join(header.get("editions", []))),
        ("seed", str(header.get("seed", ""))),
        ("strict", "true" if header.get("strict") else "false"),
    ]
    if profile.get("found_low"):
        found.append(("factory_key", f"{profile['found_low']}: judged as one of low entropy"))
    if header.get("time_scale"):
        found.append(("time_scale", time_scale.text(header["time_scale"])))
    for variant in variants:
        if variant.result.verdict is Verdict.WARN:
            found.append((f"warning.{variant.label}", variant.result.reason))
    return found


def _case(record: RunRecord, variant: VariantRecord) -> ET.Element:
    case = ET.Element(
        "testcase",
        name=cleaned(variant.label),
        classname=cleaned(_class_name(variant.file)),
        time=_seconds(variant.duration),
    )
    result = variant.result
    element = _element(result)
    if element is not None:
        message = result.reason
        if result.verdict is Verdict.EXPECTED_FAIL or result.is_expected:
            message = f"expected {_EXPECTED[result.verdict]}: {message}"
        outcome = ET.SubElement(case, element, message=cleaned(message))
        if element != "skipped":
            outcome.set("type", cleaned(_type(variant)))
            outcome.text = cleaned(_evidence(variant))
    text = _output(record, variant)
    if text:
        ET.SubElement(case, "system-out").text = cleaned(text)
    return case


def _type(variant: VariantRecord) -> str:
    result = variant.result
    if result.verdict is Verdict.FAIL:
        for check in result.checks:
            if check.verdict is Verdict.FAIL:
                return check.requirement
        return (variant.requirements or ["unknown"])[0]
    if result.verdict is Verdict.ERROR and result.error_kind is not None:
        return f"ERROR.{result.error_kind.value}"
    return result.verdict.value


def _evidence(variant: VariantRecord) -> str:
    """The checks that decided, and the details."""
    parts = [
        check_text(check)
        for check in variant.result.checks
        if check.verdict is variant.result.verdict
    ]
    return "\n\n".join([*parts, variant.result.details]).strip()


def _output(record: RunRecord, variant: VariantRecord) -> str:
    lines = [
        f"{check.verdict.value} {check.requirement}: {check.what}"
        for check in variant.result.checks
    ]
    if variant.result.verdict is Verdict.WARN:
        lines.insert(0, f"WARN: {variant.result.reason}")
    lines += [
        check_text(check)
        for check in variant.result.checks
        if check.verdict is Verdict.WARN or check.baseline
    ]
    if variant.official:
        lines.insert(0, official_text([variant.official], variant.errata))
    lines += [f"INFO {fact}" for fact in variant.result.facts]
    lines += [f"INFO {choice_text(choice)}" for choice in variant.result.choices]
    if variant.lane:
        lines.append(f"trace: {variant.lane}/trace.txt")
    return "\n".join(lines)


def check_text(check: Check) -> str:
    """A check with its evidence, on several lines."""
    lines = [f"{check.requirement} ({check.name}): {check.what}"]
    if check.expected or check.observed:
        lines += [f"  expected: {check.expected}", f"  observed: {check.observed}"]
    if check.window:
        lines.append("  window: " + window_text(check.window))
    lines += [f"  evidence: {item}" for item in check.evidence]
    if check.baseline:
        lines.append(f"  as expected: {check.baseline}")
    return "\n".join(lines)


def window_text(window: dict[str, object]) -> str:
    """How long was waited, and where that time comes from."""
    return ", ".join(
        f"{window[name]} s" if name == "seconds" else str(window[name])
        for name in ("seconds", "origin")
        if name in window
    )


def _class_name(file: str) -> str:
    """`scenarios/cleanup/purge.py` -> `scenarios.cleanup.purge`."""
    return file.removesuffix(".py").strip("/").replace("/", ".")


def _seconds(duration: float) -> str:
    return f"{max(0.0, duration):.3f}"


def cleaned(text: str) -> str:
    """Text as an XML document may hold it, and not too long."""
    text = _ILLEGAL.sub("\ufffd", text)
    if len(text) > _MOST_TEXT:
        text = text[:_MOST_TEXT] + "\n… cut: the whole is in run.jsonl"
    return text
