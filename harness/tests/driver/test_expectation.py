# SPDX-License-Identifier: Apache-2.0
"""A run that differs from its expectation in anything is a problem."""

from pathlib import Path

import pytest
from bootcheck.expectation import (
    Expectation,
    ExpectationError,
    Expected,
    compare,
    load_expectations,
)
from bootcheck.verdict import Check, Result, Verdict

DATA = Path(__file__).parents[3] / "fixtures" / "reference-client" / "expectations.toml"
EXPECTATION = Expectation(
    "defect", "d", {("s", "1.1-psk", "gone"): Expected("CLN-05", Verdict.FAIL, True, "")}
)


def result(verdict: Verdict, requirement: str = "CLN-05", name: str = "gone") -> Result:
    return Result(verdict, checks=[Check(name, requirement, verdict, "what")])


def test_expected_failure_is_no_problem() -> None:
    assert compare(EXPECTATION, [("s", "1.1-psk-tlv", result(Verdict.FAIL))]) == []


@pytest.mark.parametrize(
    "found",
    [
        result(Verdict.PASS),
        result(Verdict.WARN),
        result(Verdict.INCONCLUSIVE),
        result(Verdict.FAIL, requirement="CLN-03"),
        result(Verdict.FAIL, name="other"),
        Result(Verdict.ERROR, "peer"),
        Result(Verdict.INCONCLUSIVE, "not declared"),
    ],
)
def test_any_other_outcome_is_a_problem(found: Result) -> None:
    assert compare(EXPECTATION, [("s", "1.1-psk-tlv", found)])


def test_survivor_by_absence_is_a_problem() -> None:
    assert compare(EXPECTATION, [])
    assert compare(EXPECTATION, [("s", "1.1-nosec-tlv", result(Verdict.PASS))])


def test_unlisted_failure_is_a_problem() -> None:
    runs = [("s", "1.1-psk-tlv", result(Verdict.FAIL)), ("t", "CR-psk-tlv", result(Verdict.FAIL))]
    assert len(compare(EXPECTATION, runs)) == 1


def test_correct_run_must_pass_in_all() -> None:
    assert compare(None, [("s", "1.1-psk-tlv", result(Verdict.PASS))]) == []
    assert compare(None, [("s", "1.1-psk-tlv", result(Verdict.WARN))])


def test_shipped_expectations_name_the_eight_defects_and_four_quirks() -> None:
    found = load_expectations(DATA)
    assert {item.name for item in found if item.kind == "defect"} >= {
        "never-purges",
        "purges-at-finish",
        "purges-though-timeout-zero",
        "keeps-though-timeout-undefined",
        "drops-high-entropy-account",
        "old-identity-after-replacement",
        "keeps-both-accounts",
        "trigger-answered-after-purge",
    }
    assert {item.name for item in found if item.kind == "quirk"} >= {
        "no-bootstrap-trigger",
        "silent-after-purge",
        "hold-off-10",
        "close-notify-at-purge",
    }


def test_secondary_line_without_cause_and_defect_without_primary_are_refused(
    tmp_path: Path,
) -> None:
    line = 'scenario = "s"\nvariants = ["CR-psk"]\ncheck = "c"\nrequirement = "CLN-01"\n'
    path = tmp_path / "e.toml"
    path.write_text(f'[[defect]]\nname = "d"\n[[defect.expect]]\n{line}')
    with pytest.raises(ExpectationError, match="needs a cause"):
        load_expectations(path)
    path.write_text(f'[[defect]]\nname = "d"\n[[defect.expect]]\n{line}cause = "x"\n')
    with pytest.raises(ExpectationError, match="no primary row"):
        load_expectations(path)


def test_allowed_check_may_be_so_anywhere_but_not_otherwise() -> None:
    allowed = {"state-kept": Expected("CLN-14", Verdict.INCONCLUSIVE, False, "it forgets")}
    quirk = Expectation("quirk", "q", {}, allowed)

    def differences(verdict: Verdict) -> list[str]:
        return compare(quirk, [("s", "1.1-psk-tlv", result(verdict, "CLN-14", "state-kept"))])

    assert differences(Verdict.INCONCLUSIVE) == []
    assert differences(Verdict.PASS) == []
    assert differences(Verdict.FAIL)
    assert compare(quirk, [("s", "1.1-psk-tlv", result(Verdict.INCONCLUSIVE))])
