# SPDX-License-Identifier: Apache-2.0
"""The table and the reasons can be read in 100 columns."""

from __future__ import annotations

import io
from pathlib import Path

from bootcheck import console
from bootcheck.runlog import RunRecord, VariantRecord
from bootcheck.verdict import Check, Result, Verdict

LONG = "a_scenario_whose_name_says_at_great_length_what_it_is_about_and_more"


def variant(
    name: str, verdict: Verdict, edition: str = "1.1", security: str = "psk", **result: object
) -> VariantRecord:
    made = VariantRecord(f"f::{name}", "f.py", name, ["CLN-05"], edition, security, "tlv")
    made.result = Result(verdict, "the reason " * 12)
    for member, value in result.items():
        setattr(made.result, member, value)
    made.lane = f"lanes/{name}"
    return made


def table(*variants: VariantRecord, end: bool = True) -> str:
    header = {"profile": {"name": "client", "version": "2"}}
    finished = {"exit_code": 0, "duration": 1.5, "stopped": ""} if end else None
    return console.table(RunRecord(Path("out"), header, list(variants), finished))


def test_rows_are_requirements_and_columns_variants() -> None:
    check = Check("c", "CLN-12", Verdict.WARN, "w")
    lines = table(
        variant("it", Verdict.WARN, "CR", "psk", checks=[check]),
        variant("it", Verdict.NOT_APPLICABLE, "1.1", "nosec"),
    ).splitlines()
    assert lines[0].split() == ["requirement", "scenario", "CR", "1.1"]
    assert lines[1].split() == ["psk", "nosec"]
    assert lines[3].split() == ["CLN-05", "it", "-", "n/a"]
    assert lines[4].split() == ["CLN-12", "it", "WARN"]


def test_rules_that_passed_beside_are_named_once() -> None:
    passed, failed = Check("p", "FIN-01", Verdict.PASS, "w"), Check(
        "f", "WRI-01", Verdict.FAIL, "w"
    )
    primary = Check("c", "CLN-05", Verdict.PASS, "w")
    text = table(
        variant("a", Verdict.FAIL, checks=[primary, passed, failed]),
        variant("b", Verdict.PASS, checks=[primary, passed]),
    )
    rows = [line.split() for line in text.splitlines()[3:7]]
    assert rows[:3] == [["CLN-05", "a", "PASS"], ["CLN-05", "b", "PASS"], ["WRI-01", "a", "FAIL"]]
    assert " ".join(rows[3]) == "passed beside, in all scenarios: FIN-01"


def test_requirements_are_in_natural_order() -> None:
    made = variant("it", Verdict.PASS)
    made.requirements = ["CLN-10", "CLN-9", "BS-1"]
    rows = table(made).splitlines()[3:6]
    assert [row.split()[0] for row in rows] == ["BS-1", "CLN-9", "CLN-10"]


def test_no_line_is_longer_than_100_columns() -> None:
    check = Check("c", "CLN-05", Verdict.FAIL, "w " * 90, "e " * 90, "o " * 90, ["v " * 90])
    variants = [
        variant(LONG, Verdict.FAIL, edition, security, checks=[check], details="d " * 90)
        for edition in ("CR", "1.0", "1.1", "1.2")
        for security in ("nosec", "psk")
    ]
    variants.append(variant("other", Verdict.NOT_APPLICABLE))
    assert max(len(line) for line in table(*variants).splitlines()) <= 100


def test_each_verdict_that_is_no_pass_has_its_reason_and_trace() -> None:
    for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.ERROR):
        text = table(variant("it", verdict))
        assert f"{verdict.value} it[1.1-psk-tlv]\n    the reason" in text
        assert "trace: out/lanes/it/trace.txt" in text
    assert "the reason" not in table(variant("it", Verdict.PASS))


def test_variants_not_applicable_for_one_reason_are_told_together() -> None:
    text = table(variant("a", Verdict.NOT_APPLICABLE), variant("b", Verdict.NOT_APPLICABLE))
    assert text.count("NOT APPLICABLE: the reason") == 1
    assert "2 variants: a[1.1-psk-tlv] b[1.1-psk-tlv]" in text


def test_totals_count_every_variant() -> None:
    variants = [variant(str(index), verdict) for index, verdict in enumerate(Verdict)]
    last = table(*variants).splitlines()[-1]
    assert last.startswith(f"client 2: {len(Verdict)} variants: 1 PASS, 1 WARN, 1 FAIL")
    assert last.endswith("in 1.5 s")


def test_a_killed_run_is_told() -> None:
    assert "the run was killed" in table(variant("it", Verdict.PASS), end=False).splitlines()[-1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_line_a_variant_without_a_terminal() -> None:
    stream = io.StringIO()
    progress = console.Progress(stream, 2)
    progress.begin(Path("out"))
    progress.finished(variant("a", Verdict.PASS))
    progress.finished(variant("b", Verdict.FAIL))
    progress.end()
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()
    assert [line.split()[:2] for line in stream.getvalue().splitlines()[1:3]] == [
        ["PASS", "a[1.1-psk-tlv]"],
        ["FAIL", "b[1.1-psk-tlv]"],
    ]


def test_progress_is_one_line_on_a_terminal() -> None:
    stream = Terminal()
    progress = console.Progress(stream, 2)
    progress.begin(Path("out"))
    progress.finished(variant("a", Verdict.PASS))
    progress.finished(variant("b", Verdict.FAIL))
    progress.end()
    assert stream.getvalue().count("\n") == 1
    assert "[2/2]" in stream.getvalue() and "1 PASS, 1 FAIL" in stream.getvalue()


def test_colours_change_nothing_but_colours() -> None:
    text = table(variant("it", Verdict.FAIL), variant("b", Verdict.INCONCLUSIVE))
    coloured = console.coloured(text)
    assert "\x1b[31mFAIL\x1b[0m" in coloured
    for code in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == text
