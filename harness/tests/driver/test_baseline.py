# SPDX-License-Identifier: Apache-2.0
"""Expected results of a profile: what they change in a run, and what they never hide."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import real_run
from bootcheck import reports
from bootcheck.baseline import CHECK_NAME, Baseline, unknown
from bootcheck.layout import Layout
from bootcheck.profile.expected import ExpectedResult
from bootcheck.requirement import load_catalogue
from bootcheck.runlog import VariantRecord, read
from bootcheck.verdict import Check, ExitCode, Result, Verdict, exit_code

TODAY = datetime.date(2030, 6, 1)
FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
INCONCLUSIVE, EXPECTED_FAIL = Verdict.INCONCLUSIVE, Verdict.EXPECTED_FAIL
SHOULD = "CLN-01"  # a row whose breach is WARN; CLN-05 and ROB-01 are FAIL


def check(name: str, row: str, verdict: Verdict) -> Check:
    return Check(name, row, verdict, "it is gone", "nothing", "a contact")


def result(*checks: Check) -> Result:
    order = [PASS, WARN, INCONCLUSIVE, FAIL]
    verdict = max((c.verdict for c in checks), key=order.index, default=INCONCLUSIVE)
    return Result(verdict, "because", list(checks))


def applied(
    found: Result,
    *expected: ExpectedResult,
    rows: tuple[str, ...] = ("CLN-05",),
    edition: str = "1.1",
    whole: bool = False,
) -> Result:
    """What a run with one variant makes of the result."""
    variant = VariantRecord("a.py::it", "a.py", "it", list(rows), edition, "psk", "tlv")
    baseline = Baseline(expected, load_catalogue(), TODAY, whole)
    return baseline.apply(variant, found, last=True)


def known(verdict: Verdict = FAIL, **members: object) -> ExpectedResult:
    members = {"scenario": "it", **members}
    return ExpectedResult("p.toml:40", verdict, "it never purges", **members)  # type: ignore


def test_an_expected_fail_is_told_as_such_with_its_reason() -> None:
    found = applied(
        result(check("registered", "FIN-11", PASS), check("gone", "CLN-05", FAIL)), known()
    )
    assert found.verdict is EXPECTED_FAIL
    assert found.reason == "p.toml:40: it never purges"
    assert [c.verdict for c in found.checks] == [PASS, EXPECTED_FAIL]
    assert exit_code([found]) is ExitCode.OK


def test_it_covers_only_what_it_names() -> None:
    gone, crash = check("gone", "CLN-05", FAIL), check("survives", "ROB-01", FAIL)
    found = applied(result(gone, crash), known())
    assert found.verdict is FAIL and found.reason.startswith("ROB-01")
    assert [c.verdict for c in found.checks] == [EXPECTED_FAIL, FAIL]
    other = applied(
        result(check("early", "CLN-05", FAIL), check("gone", "CLN-05", FAIL)),
        known(checks=("gone",)),
    )
    assert [c.verdict for c in other.checks] == [FAIL, EXPECTED_FAIL]
    assert other.verdict is FAIL


@pytest.mark.parametrize(
    "members",
    [{"scenario": "that"}, {"editions": ("CR",)}, {"securities": ("nosec",)}],
)
def test_it_covers_only_its_variants(members: dict[str, Any]) -> None:
    found = applied(result(check("gone", "CLN-05", FAIL)), known(**members))
    assert found.verdict is FAIL and not found.checks[0].baseline


def test_an_unexpected_pass_is_a_fail_that_names_the_line() -> None:
    found = applied(result(check("gone", "CLN-05", PASS)), known())
    assert found.verdict is FAIL
    assert found.reason == "CLN-05: expected FAIL but passed: drop line 40 of p.toml"
    assert found.checks[-1].name == CHECK_NAME
    assert exit_code([found]) is ExitCode.FAIL


def test_a_check_that_was_not_reached_is_no_unexpected_pass() -> None:
    found = applied(
        result(check("early", "CLN-05", PASS), check("answered", "FIN-01", FAIL)),
        known(requirement="CLN-05"),
    )
    assert [c.name for c in found.checks] == ["early", "answered"]
    error = Result(Verdict.ERROR, "the peer died", [check("early", "CLN-05", PASS)])
    assert applied(error, known()).verdict is Verdict.ERROR


def test_a_named_check_that_passes_beside_an_expected_fail_is_told() -> None:
    checks = (check("gone", "CLN-05", FAIL), check("alive", "CLN-13", PASS))
    found = applied(
        result(*checks),
        known(checks=("gone",)),
        known(requirement="CLN-13", checks=("alive",)),
    )
    assert found.verdict is FAIL
    assert found.checks[0].verdict is EXPECTED_FAIL
    assert found.checks[-1].what.startswith("expected FAIL but passed")


def test_a_later_session_s_check_is_covered_by_the_name_of_the_first() -> None:
    found = applied(result(check("gone#2", "CLN-05", FAIL)), known(checks=("gone",)))
    assert found.verdict is EXPECTED_FAIL


def test_an_expired_one_counts_no_longer_and_is_told() -> None:
    day = known(expires=TODAY)
    assert applied(result(check("gone", "CLN-05", FAIL)), day).verdict is EXPECTED_FAIL
    past = known(expires=TODAY - datetime.timedelta(days=1))
    found = applied(result(check("gone", "CLN-05", FAIL)), past)
    assert found.verdict is FAIL and "p.toml:40: expired on 2030-05-31" in found.reason
    assert applied(result(check("gone", "CLN-05", PASS)), past).verdict is PASS


def test_an_expected_warning_stays_one_and_strict_does_not_turn_it() -> None:
    expected = known(WARN)
    found = applied(result(check("kept", SHOULD, WARN)), expected, rows=(SHOULD,))
    assert found.verdict is WARN
    strict = applied(result(check("kept", SHOULD, FAIL)), expected, rows=(SHOULD,))
    assert strict.verdict is EXPECTED_FAIL


def test_an_expected_warning_covers_no_must_even_when_strict() -> None:
    checks = (check("kept", SHOULD, WARN), check("gone", "CLN-05", FAIL))
    found = applied(result(*checks), known(WARN), rows=(SHOULD, "CLN-05"))
    assert found.verdict is FAIL and found.checks[1].verdict is FAIL


def test_what_is_expected_to_show_nothing_stays_inconclusive_and_is_passed_over() -> None:
    cases: list[list[Check]] = [[], [check("gone", "CLN-05", INCONCLUSIVE)]]
    for checks in cases:
        found = applied(result(*checks), known(INCONCLUSIVE))
        assert found.verdict is INCONCLUSIVE and found.baseline == "p.toml:40: it never purges"
        assert exit_code([found]) is ExitCode.OK
    other = [check("gone", "CLN-05", INCONCLUSIVE), check("alive", "CLN-13", INCONCLUSIVE)]
    found = applied(result(*other), known(INCONCLUSIVE))
    assert exit_code([found]) is ExitCode.INCONCLUSIVE


def test_an_expected_fail_that_cannot_be_told_is_inconclusive() -> None:
    found = applied(result(check("gone", "CLN-05", INCONCLUSIVE)), known())
    assert found.verdict is INCONCLUSIVE and not found.baseline


def test_a_requirement_in_any_scenario_must_break_somewhere_in_a_whole_run() -> None:
    anywhere = known(scenario=None, requirement="CLN-05")
    passed = [check("gone", "CLN-05", PASS)]
    assert applied(result(*passed), anywhere).verdict is PASS  # perhaps it was not selected
    assert applied(result(*passed), anywhere, whole=True).verdict is FAIL
    broken = [check("gone", "CLN-05", FAIL)]
    assert applied(result(*broken), anywhere, whole=True).verdict is EXPECTED_FAIL
    unsure = [check("gone", "CLN-05", INCONCLUSIVE)]
    assert applied(result(*unsure), anywhere, whole=True).verdict is INCONCLUSIVE


def test_one_that_speaks_of_nothing_is_told() -> None:
    there = [("it", "1.1", "psk")]
    assert unknown([known()], there) is None
    assert "no scenario that" in str(unknown([known(scenario="that")], there))
    assert "no variant" in str(unknown([known(editions=("CR",))], there))


PROFILE = Layout.of_this_package().profiles / "reference-client.toml"
NEVER = ("--client-argument=--defect", "--client-argument=never-purges")


def test_all_reports_of_a_run_agree(tmp_path: Path) -> None:
    """The reference client with a defect, and a profile that expects it."""
    profile = tmp_path / "p.toml"
    text = PROFILE.read_text()
    row = "\n[[expected]]\nrequirement = 'CLN-05'\nverdict = 'FAIL'\nreason = 'known'\n"
    names = ["account_is_purged_after_one_second"]
    profile.write_text(text + row + f"scenario = '{names[0]}'\n")
    ran = real_run.run(("--client", str(profile), *real_run.PURGE, *NEVER), tmp_path / "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    variant = read(tmp_path / "out" / "run.jsonl").variants[0]
    assert variant.result.verdict is EXPECTED_FAIL
    line = text.count("\n") + 2
    assert f"EXPECTED FAIL: p.toml:{line}: known" in ran.stdout and "XFAIL" in ran.stdout
    junit = (tmp_path / "out" / "junit.xml").read_text()
    assert f'<skipped message="expected fail: p.toml:{line}: known"' in junit
    with open(tmp_path / "again", "w") as stream:
        assert reports.command([str(tmp_path / "out")], stream) == 0
    assert (tmp_path / "again").read_text().splitlines()[-1] in ran.stdout
    good = real_run.run(("--client", str(profile), *real_run.PURGE), tmp_path / "good")
    assert good.returncode == 1
    assert f"expected FAIL but passed: drop line {line} of p.toml" in good.stdout
