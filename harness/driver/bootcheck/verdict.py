# SPDX-License-Identifier: Apache-2.0
"""Verdicts, checks and results, and how they combine into an exit code."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Iterable, Optional, Sequence


class Verdict(enum.Enum):
    """What is said of a check or of a whole variant."""

    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_APPLICABLE = "NOT APPLICABLE"
    EXPECTED_FAIL = "EXPECTED FAIL"
    ERROR = "ERROR"
    NOT_RUN = "NOT RUN"


# A variant has the gravest verdict of its checks. INFO facts are recorded beside, never judged.
_GRAVITY = [
    Verdict.NOT_APPLICABLE,
    Verdict.NOT_RUN,
    Verdict.PASS,
    Verdict.WARN,
    Verdict.EXPECTED_FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.FAIL,
    Verdict.ERROR,
]


def gravest(verdicts: Iterable[Verdict]) -> Optional[Verdict]:
    """The gravest of several verdicts; None when there is none."""
    return max(verdicts, key=_GRAVITY.index, default=None)  # type: ignore[arg-type]


class ExitCode(enum.IntEnum):
    """Exit codes: 4 harness error > 1 fail > 3 inconclusive > 0; 2 usage or nothing applicable."""

    OK = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    ERROR = 4


class ErrorKind(enum.Enum):
    """Who has to mend an ERROR."""

    PROFILE = "profile"
    ENVIRONMENT = "environment"
    PEER = "peer"
    DRIVER = "driver"
    STALL = "stall"


@dataclass
class Check:
    """One comparison against one requirement, with its evidence."""

    name: str  # stable within a scenario: selftests address a check by it
    requirement: str
    verdict: Verdict
    what: str  # one sentence: what was compared
    expected: str = ""
    observed: str = ""
    evidence: list[str] = field(default_factory=list)  # each: what came when, in the trace's terms
    window: Optional[dict[str, Any]] = None  # {"from_us", "until_us", "seconds", "origin"}
    baseline: str = ""  # the expected result of the profile that covers it

    @property
    def text(self) -> str:
        """One line: what was compared, and what came instead."""
        return (
            f"{self.requirement}: {self.what}: expected {self.expected}, observed {self.observed}"
        )


@dataclass(frozen=True)
class Choice:
    """What a client does where the texts leave it a choice: recorded, never judged."""

    question: str
    case: str  # what else it may depend on; "" when nothing
    answer: str


@dataclass
class Result:
    """The outcome of one variant."""

    verdict: Verdict
    reason: str = ""  # one line for the console and JUnit's message
    checks: list[Check] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)  # INFO: recorded, never judged
    error_kind: Optional[ErrorKind] = None
    details: str = ""  # several lines: last output of the client, a traceback of the driver
    choices: list[Choice] = field(default_factory=list)
    baseline: str = ""  # the expected result of the profile that decided

    @property
    def is_expected(self) -> bool:
        """Nothing was shown, and the profile says why: the exit code passes over it."""
        return self.verdict is Verdict.INCONCLUSIVE and bool(self.baseline)


def exit_code(results: Sequence[Result]) -> ExitCode:
    """The exit code of a run with these results of its variants."""
    seen = {result.verdict for result in results if not result.is_expected}
    if seen & {Verdict.ERROR, Verdict.NOT_RUN}:
        return ExitCode.ERROR
    if Verdict.FAIL in seen:
        return ExitCode.FAIL
    if Verdict.INCONCLUSIVE in seen:
        return ExitCode.INCONCLUSIVE
    if all(result.verdict is Verdict.NOT_APPLICABLE for result in results):
        return ExitCode.USAGE
    return ExitCode.OK
