# SPDX-License-Identifier: Apache-2.0
"""JUnit documents hold to the schema, which refuses what common readers refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from bootcheck import junit
from bootcheck.runlog import RunRecord, VariantRecord
from bootcheck.verdict import Check, ErrorKind, Result, Verdict
from lxml import etree

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).parents[1] / "schemas" / "junit.xsd")))
HEADER = {
    "bootcheck": "0.1.0",
    "commit": None,
    "started": "2026-01-02T03:04:05Z",
    "profile": {"name": "client", "version": "1", "sha256": "ab"},
    "editions": ["CR", "1.1"],
    "seed": 7,
    "strict": False,
}


def variant(
    result: Result, name: str = "it", file: str = "scenarios/cleanup/a.py"
) -> VariantRecord:
    made = VariantRecord(f"{file}::{name}", file, name, ["CLN-05", "CLN-12"], "1.1", "psk", "tlv")
    made.result, made.duration, made.lane = result, 1.23456, f"lanes/{name}"
    return made


def check(verdict: Verdict, requirement: str = "CLN-05") -> Check:
    window = {"seconds": 6.0, "origin": "twice the control"}
    return Check("gone", requirement, verdict, "it is gone", "silence", "noise", ["+1 s"], window)


def tree(*variants: VariantRecord) -> etree._Element:
    """The document, after it was held against the schema."""
    parsed = etree.fromstring(
        junit.document(RunRecord(Path("out"), dict(HEADER), list(variants), None))
    )
    SCHEMA.assertValid(parsed)
    return parsed


@pytest.mark.parametrize(
    ("verdict", "element", "kind"),
    [
        (Verdict.FAIL, "failure", "CLN-12"),
        (Verdict.INCONCLUSIVE, "error", "INCONCLUSIVE"),
        (Verdict.NOT_RUN, "error", "NOT RUN"),
        (Verdict.NOT_APPLICABLE, "skipped", None),
        (Verdict.EXPECTED_FAIL, "skipped", None),
    ],
)
def test_verdicts_become_elements(verdict: Verdict, element: str, kind: str | None) -> None:
    checks = [check(Verdict.PASS), check(verdict, "CLN-12")]
    suite = tree(variant(Result(verdict, "because", checks)))[0]
    outcome = suite.find("testcase")[0]
    assert outcome.tag == element
    assert outcome.get("type") == kind
    assert "because" in outcome.get("message")
    counts = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    for tag, attribute in counts.items():
        assert suite.get(attribute) == ("1" if tag == element else "0")


def test_a_harness_error_tells_its_kind_and_details() -> None:
    result = Result(Verdict.ERROR, "peer lost", error_kind=ErrorKind.PEER, details="last words")
    outcome = tree(variant(result))[0].find("testcase/error")
    assert outcome.get("type") == "ERROR.peer"
    assert outcome.text == "last words"


def test_a_pass_has_no_outcome_element() -> None:
    case = tree(variant(Result(Verdict.PASS, checks=[check(Verdict.PASS)])))[0].find("testcase")
    assert [element.tag for element in case] == ["system-out"]


def test_a_warning_passes_and_is_told_twice() -> None:
    suite = tree(variant(Result(Verdict.WARN, "should have", [check(Verdict.WARN)])))[0]
    case = suite.find("testcase")
    assert [element.tag for element in case] == ["system-out"]
    assert case[0].text.startswith("WARN: should have")
    properties = {p.get("name"): p.get("value") for p in suite.find("properties")}
    assert properties["warning.it[1.1-psk-tlv]"] == "should have"


def test_a_failure_has_its_evidence() -> None:
    text = tree(variant(Result(Verdict.FAIL, "x", [check(Verdict.FAIL)], details="end")))[0]
    failure = text.find("testcase/failure").text
    for part in ("it is gone", "expected: silence", "observed: noise", "+1 s", "6.0 s", "end"):
        assert part in failure


def test_names_are_stable_and_times_have_three_decimals() -> None:
    case = tree(variant(Result(Verdict.PASS)))[0].find("testcase")
    assert case.get("name") == "it[1.1-psk-tlv]"
    assert case.get("classname") == "scenarios.cleanup.a"
    assert case.get("time") == "1.235"


def test_each_file_is_a_suite_and_counts_add_up() -> None:
    root = tree(
        variant(Result(Verdict.FAIL, "x", [check(Verdict.FAIL)])),
        variant(Result(Verdict.ERROR, "x"), "b", "scenarios/b.py"),
        variant(Result(Verdict.PASS), "c", "scenarios/b.py"),
    )
    assert [suite.get("name") for suite in root] == ["scenarios.cleanup.a", "scenarios.b"]
    assert [suite.get("tests") for suite in root] == ["1", "2"]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")


@pytest.mark.parametrize(
    "text", ["\x00", "\x0b", "\ud800", "\udcff", "\ufffe", "\x1b[31m", "<&>\"'"]
)
def test_any_text_makes_a_document(text: str) -> None:
    evidence = [f"evidence {text}"]
    found = Check(f"n{text}", f"R{text}", Verdict.FAIL, text, text, text, evidence)
    tree(variant(Result(Verdict.FAIL, f"why {text}", [found], [text], None, text)))
    tree(variant(Result(Verdict.NOT_APPLICABLE, f"why {text}")))
    tree(variant(Result(Verdict.WARN, text, [found], [text])))


def test_a_flood_of_output_is_cut() -> None:
    result = Result(Verdict.ERROR, "x", details="y" * 10_000_000)
    assert len(junit.document(RunRecord(Path(), dict(HEADER), [variant(result)], None))) < 200_000


GOOD = etree.tostring(tree(variant(Result(Verdict.FAIL, "why", [check(Verdict.FAIL)])))).decode()

# Each is a document that Jenkins' junit-10.xsd or Surefire's schema refuses.
WRONG = {
    "properties in a test case": ("<failure", "<properties/><failure"),
    "property without value": (' value="7"', ""),
    "property without name": ('name="seed" ', ""),
    "text in a property": ('value="7"/>', 'value="7">text</property>'),
    "unknown attribute of a case": ('time="1.235"', 'time="1.235" line="3"'),
    "file attribute of a case": ('time="1.235"', 'time="1.235" file="a.py"'),
    "case without name": ('name="it[1.1-psk-tlv]" ', ""),
    "case without time": (' time="1.235"', ""),
    "time in words": ('time="1.235"', 'time="a second"'),
    "time with an exponent": ('time="1.235" timestamp', 'time="1e-05" timestamp'),
    "time with too many decimals": ('time="1.235" timestamp', 'time="1.23456" timestamp'),
    "unknown element in a case": ("<failure", "<note/><failure"),
    "markup in a failure": ("</failure>", "<b>x</b></failure>"),
    "outcome after the output": ("</system-out>", '</system-out><error message="" type="x"/>'),
    "two errors": ("<failure", '<error message="" type="x"/><error message="" type="x"/><failure'),
    "two skipped": ("<failure", '<skipped message="x"/><skipped message="x"/><failure'),
    "type of skipped": ("<failure", '<skipped type="x" message="x"/><failure'),
    "unknown attribute of a failure": ("<failure", '<failure line="3"'),
    "suite without name": ('name="scenarios.cleanup.a" tests', "tests"),
    "suite without tests": ('name="scenarios.cleanup.a" tests="1"', 'name="scenarios.cleanup.a"'),
    "suite without failures": ('tests="1" failures="1" errors="0" skipped', 'tests="1" skipped'),
    "suite without skipped": (' skipped="0"', ""),
    "hostname of a suite": (' skipped="0"', ' skipped="0" hostname="h"'),
    "timestamp in words": ("2026-01-02T03:04:05", "yesterday"),
    "suite in a suite": (
        "</testcase>",
        '</testcase><testsuite name="x" tests="0" failures="0" errors="0" skipped="0"/>',
    ),
    "case before the properties": (
        "<properties>",
        '<testcase name="x" classname="x" time="0.000"/><properties>',
    ),
    "output of a suite": ("</testcase>", "</testcase><system-out>x</system-out>"),
    "skipped count of the whole": ('<testsuites name="bootcheck"', '<testsuites skipped="0"'),
    "a case at the top": ("</testsuites>", '<testcase name="x"/></testsuites>'),
    "another root": ("testsuites", "results"),
}


def test_the_document_that_is_made_wrong_is_right() -> None:
    SCHEMA.assertValid(etree.fromstring(GOOD))


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_documents_are_refused(fault: str) -> None:
    old, new = WRONG[fault]
    assert old in GOOD, "the fault is not made"
    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(etree.fromstring(GOOD.replace(old, new)))
