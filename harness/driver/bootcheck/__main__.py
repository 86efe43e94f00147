# SPDX-License-Identifier: Apache-2.0
"""`python3 -m bootcheck`: what run_tests.py starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Optional, Sequence

import pytest

from bootcheck import __version__, options, reports
from bootcheck.layout import Layout
from bootcheck.verdict import ExitCode

# Collecting by our own file type, asserts rewritten; nothing of the current directory is read.
PYTEST_ARGUMENTS = (
    "--import-mode=importlib",
    "--noconftest",
    "--capture=no",
    "-c{ini}",
    "--rootdir={root}",
    "-pno:junitxml",
    "-pno:logging",
    "-pno:unraisableexception",
    "-pno:threadexception",
)


def main(arguments: Sequence[str], layout: Optional[Layout] = None) -> int:
    """Run a command; gives the exit code (see bootcheck.verdict.ExitCode)."""
    layout = layout or Layout.of_this_package()
    command = arguments[0] if arguments else "run"
    if {"-h", "--help"} & set(arguments):
        print(options.USAGE, end="")
        return ExitCode.OK
    if "--version" in arguments:
        print(f"bootcheck {__version__}")
        return ExitCode.OK
    if command == "report":
        return reports.command(arguments[1:], sys.stdout)
    if command == "coverage":
        from bootcheck import coverage

        return coverage.command(arguments[1:], layout)
    if command == "explain":
        from bootcheck import explain

        return explain.command(arguments[1:], layout)
    if command == "results":
        from bootcheck import results

        return results.command(arguments[1:], layout)
    if command == "rules":
        from bootcheck import rules

        return rules.command(arguments[1:], layout)
    if command == "review":
        from bootcheck import review

        return review.command(arguments[1:], layout)
    if command == "probe":
        from bootcheck import probe

        return probe.command(arguments[1:], layout)
    if command == "audit-keys":
        from bootcheck.audit import command as audit_keys

        return audit_keys.command(arguments[1:], layout)
    if command == "doctor":
        from bootcheck import doctor

        return doctor.command(arguments[1:], layout)
    if command == "selftest":
        from bootcheck.proof import selftest

        return selftest.command(arguments[1:], layout)
    return run(arguments, layout)


def run(arguments: Sequence[str], layout: Layout) -> int:
    """Run scenarios. pytest's own codes mean other things than ours, so they are mapped here."""
    from bootcheck.plugin import Plugin  # it needs pytest's plugin machinery, `report` does not

    os.environ.pop("PYTEST_ADDOPTS", None)
    ini = Path(__file__).with_name("scenarios.ini")
    fixed = [argument.format(ini=ini, root=layout.root) for argument in PYTEST_ARGUMENTS]
    given = [options.STRICT if argument == "--strict" else argument for argument in arguments]
    plugin = Plugin(layout)
    code = pytest.main([*fixed, *given], plugins=[plugin])
    if plugin.outcome is not None:
        return plugin.outcome
    if code == pytest.ExitCode.USAGE_ERROR:
        print("bootcheck: run_tests.py --help shows the options", file=sys.stderr)
        return ExitCode.USAGE
    return ExitCode.ERROR  # an internal error, or interrupted while collecting


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
