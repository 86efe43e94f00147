# SPDX-License-Identifier: Apache-2.0
"""The baseline: expected results of the profile, held against what a run finds.

An expected result covers the checks that it names, and no other. A check that breaks its row as
expected is EXPECTED FAIL; one that is INCONCLUSIVE or WARN as expected keeps its verdict, and the
exit code passes over the former. An expected result that does not come is FAIL.
"""

from __future__ import annotations

import datetime
from typing import Iterable, Mapping, Optional

from bootcheck.profile.expected import ExpectedResult
from bootcheck.requirement import Requirement
from bootcheck.runlog import VariantRecord
from bootcheck.verdict import Check, Result, Verdict, gravest

CHECK_NAME = "expected-result"
_PASSED = (Verdict.PASS, Verdict.WARN)


class Baseline:
    """The expected results of one run."""

    def __init__(
        self,
        expected: Iterable[ExpectedResult],
        catalogue: Mapping[str, Requirement],
        today: datetime.date,
        whole: bool,
    ) -> None:
        """`whole`: nothing was left out, so that what nowhere came can be told."""
        self._expected = tuple(expected)
        self._catalogue, self._today, self._whole = catalogue, today, whole
        self._met: set[ExpectedResult] = set()
        self._untold: set[ExpectedResult] = set()  # some variant could not show whether it comes
        self._passed: set[ExpectedResult] = set()

    def apply(self, variant: VariantRecord, result: Result, last: bool) -> Result:
        """Change the result of a variant by what was expected of it; `last` of the run."""
        concerned = [
            expected
            for expected in self._expected
            if expected.concerns(variant.scenario, variant.edition, variant.security)
        ]
        for expected in concerned:
            if expected.has_expired(self._today):
                self._tell_expired(expected, variant, result)
            elif self._cover(expected, variant, result):
                self._met.add(expected)
            elif result.verdict not in _PASSED:
                self._untold.add(expected)
        _judge(result)
        ended = result.verdict
        for expected in concerned:
            if not expected.has_expired(self._today):
                self._miss(expected, variant, result, ended)
        if last and self._whole:
            self._miss_everywhere(result)
        return result

    def _covered(
        self, expected: ExpectedResult, variant: VariantRecord, result: Result
    ) -> list[Check]:
        rows = [expected.requirement] if expected.requirement else variant.requirements
        return [
            check
            for check in result.checks
            if check.requirement in rows
            and (not expected.checks or check.name.partition("#")[0] in expected.checks)
        ]

    def _as_expected(self, expected: ExpectedResult, check: Check) -> bool:
        """Whether a check has the expected verdict, which --strict does not change."""
        if expected.verdict is Verdict.INCONCLUSIVE:
            return check.verdict is Verdict.INCONCLUSIVE
        if check.verdict not in (Verdict.FAIL, Verdict.WARN):
            return False
        row = self._catalogue.get(check.requirement)
        breach = row.breach(strict=False) if row is not None else check.verdict
        return breach is expected.verdict

    def _cover(self, expected: ExpectedResult, variant: VariantRecord, result: Result) -> bool:
        """Mark the checks that have the expected verdict; whether there is one."""
        found = False
        for check in self._covered(expected, variant, result):
            if check.baseline or self._as_expected(expected, check):
                found = True
                check.baseline = check.baseline or expected.text
                if check.verdict is Verdict.FAIL:
                    check.verdict = Verdict.EXPECTED_FAIL
        whole = result.verdict is Verdict.INCONCLUSIVE and not result.checks
        if expected.verdict is Verdict.INCONCLUSIVE and whole and not expected.checks:
            if expected.requirement in (None, *variant.requirements[:1]):
                found, result.baseline = True, expected.text
        return found

    def _miss(
        self, expected: ExpectedResult, variant: VariantRecord, result: Result, ended: Verdict
    ) -> None:
        """FAIL where what was expected was compared, and did not come."""
        covered = self._covered(expected, variant, result)
        if not all(check.verdict in _PASSED and not check.baseline for check in covered):
            return
        # a scenario that failed has not compared all: only a check that was named and made tells
        if ended in _PASSED or (ended is Verdict.EXPECTED_FAIL and expected.checks and covered):
            if expected.scenario is not None:
                _fail(result, expected, expected.requirement or variant.requirements[0], covered)
            elif covered:
                self._passed.add(expected)

    def _miss_everywhere(self, result: Result) -> None:
        """Of a requirement in any scenario: once, with the last variant of a whole run."""
        for expected in self._expected:
            if expected in self._passed and expected not in self._met | self._untold:
                assert expected.requirement is not None  # without a scenario there is one
                _fail(result, expected, expected.requirement, [])

    def _tell_expired(
        self, expected: ExpectedResult, variant: VariantRecord, result: Result
    ) -> None:
        covered = self._covered(expected, variant, result)
        if any(self._as_expected(expected, check) for check in covered):
            text = f"{expected.where}: expired on {expected.expires}, so that it counts no longer"
            result.facts.append(f"{text}: mend the client, or renew it")
            result.reason += f" ({text})"


def _judge(result: Result) -> None:
    """The verdict of a variant after its checks were marked."""
    if result.verdict is Verdict.ERROR or not any(check.baseline for check in result.checks):
        return
    verdict = gravest(check.verdict for check in result.checks)
    assert verdict is not None
    deciding = [check for check in result.checks if check.verdict is verdict]
    unexpected = [check for check in deciding if not check.baseline]
    result.verdict = verdict
    if unexpected:
        result.reason = unexpected[0].text
    else:
        result.baseline = result.reason = deciding[0].baseline


def _fail(result: Result, expected: ExpectedResult, row: str, covered: list[Check]) -> None:
    """Say that what was expected did not come."""
    came = gravest(check.verdict for check in covered) or Verdict.PASS
    how = "passed" if came is Verdict.PASS else f"is {came.value}"
    file, _, line = expected.where.rpartition(":")
    what = f"expected {expected.verdict.value} but {how}: drop line {line} of {file}"
    result.checks.append(
        Check(
            CHECK_NAME, row, Verdict.FAIL, what, expected.verdict.value, came.value, [expected.text]
        )
    )
    if result.verdict is not Verdict.FAIL and gravest([result.verdict, Verdict.FAIL]) is (
        Verdict.FAIL
    ):
        result.verdict, result.reason, result.baseline = Verdict.FAIL, f"{row}: {what}", ""


def unknown(
    expected: Iterable[ExpectedResult], variants: Iterable[tuple[str, str, str]]
) -> Optional[str]:
    """What is wrong with an expected result that concerns no variant; None when all concern one."""
    there = list(variants)
    scenarios = {scenario for scenario, _, _ in there}
    for result in expected:
        if result.scenario is not None and result.scenario not in scenarios:
            return f"{result.where}: there is no scenario {result.scenario}: --list shows all"
        if not any(result.concerns(*variant) for variant in there):
            return f"{result.where}: its scenario has no variant of these editions and securities"
    return None
