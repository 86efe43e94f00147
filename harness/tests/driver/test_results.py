# SPDX-License-Identifier: Apache-2.0
"""Several clients side by side: no FAIL gets lost, and rows stand only where they hold."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from bootcheck import results
from bootcheck.layout import Layout
from bootcheck.requirement import Requirement
from bootcheck.runlog import FILE_NAME, RunLog, RunRecord, VariantRecord
from bootcheck.verdict import Check, ExitCode, Result, Verdict

CATALOGUE = {
    row_id: Requirement(row_id, "MUST", editions, "A rule.", "TS 1.0", "V")
    for row_id, editions in {
        "CLN-02": ("CR",),
        "CLN-05": ("1.0", "1.1"),
        "CLN-08": ("1.1",),
    }.items()
}


def variant(
    scenario: str,
    *checks: Check,
    rows: tuple[str, ...] = ("CLN-05",),
    edition: str = "1.1",
    **more: Any,
) -> VariantRecord:
    made = VariantRecord(
        f"f::{scenario}[{edition}]", "f.py", scenario, list(rows), edition, "psk", "tlv"
    )
    worst = more.get("verdict") or (checks[0].verdict if checks else Verdict.PASS)
    made.result = Result(worst, more.get("reason", ""), list(checks))
    return made


def check(verdict: Verdict, row: str = "CLN-05", observed: str = "a contact") -> Check:
    return Check("gone", row, verdict, "the account is gone", "none", observed)


def run(name: str, *variants: VariantRecord, commit: str = "c0ffee", day: int = 1) -> RunRecord:
    header = {
        "profile": {"name": name, "version": "1"},
        "bootcheck": "0.1.0",
        "commit": commit,
        "started": f"2026-11-{day:02}T00:00:00Z",
    }
    return RunRecord(Path("out"), header, list(variants), {"exit_code": 0, "duration": 1.0})


def page(*runs: RunRecord) -> list[str]:
    return results.document(results.clients(runs), CATALOGUE).splitlines()


def test_a_cell_has_the_gravest_verdict_and_its_share() -> None:
    lines = page(run("a", variant("x", check(Verdict.PASS)), variant("y", check(Verdict.FAIL))))
    assert "| CLN-05 | FAIL (1 of 2) |" in lines


def test_an_expected_failure_is_no_pass() -> None:
    expected = variant("x", check(Verdict.EXPECTED_FAIL))
    assert "| CLN-05 | EXPECTED FAIL (1 of 2) |" in page(
        run("a", expected, variant("y", check(Verdict.PASS)))
    )


def test_a_breach_of_another_row_is_no_verdict_of_what_was_not_reached() -> None:
    ended = variant("x", check(Verdict.EXPECTED_FAIL, "CLN-08"))
    assert "| CLN-05 | 1 not reached (CLN-08) |" in page(run("a", ended))
    both = page(run("a", ended, variant("y", check(Verdict.PASS))))
    assert "| CLN-05 | PASS, 1 not reached (CLN-08) |" in both
    assert "| CLN-08 | EXPECTED FAIL (1 of 1) |" in both


def test_a_broken_rule_ends_no_scenario() -> None:
    rule = Check("rule-token", "CLN-08", Verdict.FAIL, "a token", "one", "none")
    lines = page(run("a", variant("x", rule, check(Verdict.PASS))))
    assert "| CLN-05 | PASS |" in lines


def test_clients_stand_side_by_side_and_what_one_did_not_run_is_a_dash() -> None:
    lines = page(
        run("a", variant("x", check(Verdict.PASS))),
        run("b", variant("y", check(Verdict.PASS, "CLN-08"), rows=("CLN-08",))),
    )
    assert "| CLN-05 | PASS | – |" in lines
    assert "| CLN-08 | – | PASS |" in lines


def test_a_row_stands_only_in_editions_in_which_it_holds() -> None:
    skipped = variant(
        "x", rows=("CLN-02", "CLN-08"), verdict=Verdict.NOT_APPLICABLE, reason="not declared"
    )
    lines = page(run("a", skipped))
    assert "| CLN-08 | NOT APPLICABLE |" in lines
    assert not any(line.startswith("| CLN-02") for line in lines)


def test_a_later_run_of_a_variant_counts() -> None:
    lines = page(
        run("a", variant("x", check(Verdict.PASS)), day=2),
        run("a", variant("x", check(Verdict.FAIL)), day=1),
    )
    assert "| CLN-05 | PASS |" in lines
    assert "| a 1 | 2026-11-01, 2026-11-02 | 1.1 | 1 | 0.1.0 (c0ffee) |" in lines


def test_runs_of_different_versions_are_refused() -> None:
    with pytest.raises(results.ResultsError, match="a 1 are of different versions"):
        results.clients([run("a", commit="one"), run("a", commit="two")])


def test_what_is_behind_a_failure_names_its_variants() -> None:
    lines = page(run("a", variant("x", check(Verdict.FAIL, observed="a contact | late"))))
    what = "the account is gone | a contact \\| late"
    assert f"| CLN-05 | FAIL | {what} | x<br>1.1-psk-tlv | – |" in lines


def test_what_many_scenarios_show_stands_once_with_its_reason() -> None:
    expected = check(Verdict.EXPECTED_FAIL)
    expected.baseline = "it never purges"
    lines = page(run("a", *(variant(name, expected) for name in "vwxyz")))
    where = "<br>".join(f"{name}<br>1.1-psk-tlv" for name in "vwx")
    found = f"| CLN-05 | EXPECTED FAIL | the account is gone | a contact | {where}"
    assert f"{found}<br>and 2 scenarios more | it never purges |" in lines


def test_an_error_without_checks_is_told_by_its_reason() -> None:
    lines = page(run("a", variant("x", verdict=Verdict.ERROR, reason="the client is missing")))
    assert "| CLN-05 | ERROR |" in lines
    assert "| CLN-05 | ERROR | the client is missing | – | x<br>1.1-psk-tlv | – |" in lines


def test_command_reads_runs_from_their_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = RunLog(tmp_path / FILE_NAME)
    made = variant("x", check(Verdict.FAIL))
    log.run(run("a").header, [made])
    log.finished(made, 1)
    log.close()
    out = io.StringIO()
    assert results.command([str(tmp_path)], Layout.of_this_package(), out) == ExitCode.OK
    assert "| CLN-05 | FAIL (1 of 1) |" in out.getvalue()
    assert results.command([str(tmp_path / "no")], Layout.of_this_package(), out) == ExitCode.USAGE
    assert "no/run.jsonl" in capsys.readouterr().err
