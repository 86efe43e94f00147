# SPDX-License-Identifier: Apache-2.0
"""Counts of single Check tests from the output of `ctest -V`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Check's own summary of a suite: `100%: Checks: 12, Failures: 0, Errors: 0`
_SUMMARY = re.compile(r"^(\d+): \d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)")
# Check's line of a test that did not pass: `path/file.c:12:F:case:test:0: message`
_FAILURE = re.compile(r"^(\d+): (\S+:\d+:[FE]:.*)")
# ctest's line of a program: ` 3/12 Test #3: name ....***Failed  0.02 sec`
_STATUS = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.*\s*(\**)(.*?)\s+[\d.]+ sec")


@dataclass
class Program:
    """What one test program has found."""

    name: str = ""
    passed: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)
    summaries: int = 0


def parse(output: str) -> list[Program]:
    """All programs of a ctest run. One that passes counts its Check tests, or one without them.

    A program that fails counts at least one problem, though all its tests passed: a sanitizer may
    have spoken at its end, or it crashed before Check's summary.
    """
    programs: dict[str, Program] = {}
    for line in output.splitlines():
        if match := _SUMMARY.match(line):
            program = programs.setdefault(match[1], Program())
            broken = int(match[3]) + int(match[4])
            program.passed += int(match[2]) - broken
            program.failed += broken
            program.summaries += 1
        elif match := _FAILURE.match(line):
            programs.setdefault(match[1], Program()).problems.append(match[2])
        elif match := _STATUS.match(line):
            program = programs.setdefault(match[1], Program())
            program.name = match[2]
            passed = not match[3] and match[4] == "Passed"
            if passed and not program.summaries:
                program.passed = 1
            if not passed and not program.failed:
                program.problems.append(f"{program.name}: {match[4] or 'failed'}")
    for program in programs.values():
        program.problems = [_named(program, text) for text in program.problems]
        missing = program.failed - len(program.problems)
        program.problems += [f"{program.name}: a test failed"] * max(0, missing)
    return list(programs.values())


def _named(program: Program, text: str) -> str:
    return text if text.startswith(f"{program.name}: ") else f"{program.name}: {text}"
