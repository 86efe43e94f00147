# SPDX-License-Identifier: Apache-2.0
"""Everything that is made from run.jsonl: junit.xml, the table, the traces."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Sequence, TextIO

from bootcheck import console, junit, trace
from bootcheck.runlog import FILE_NAME, RunLogError, RunRecord, VariantRecord, read
from bootcheck.verdict import ExitCode, Verdict, exit_code

JUNIT_NAME = "junit.xml"
TABLE_NAME = "table.txt"


def totals(variants: Sequence[VariantRecord]) -> dict[str, int]:
    """How many variants have each verdict; verdicts that nobody has are left out."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for variant in variants:
        counts[variant.result.verdict.value] += 1
    return {name: count for name, count in counts.items() if count}


def write(directory: Path, stream: TextIO) -> RunRecord:
    """Make all reports of a run again, and print the table. Raises RunLogError and OSError."""
    record = read(directory / FILE_NAME)
    for variant in record.variants:
        if variant.lane:
            trace.write(directory / variant.lane)
    lanes = directory / "lanes"
    if lanes.is_dir():
        for lane in sorted(lanes.glob("control-*")):
            trace.write(lane)
    text = console.table(record)
    (directory / JUNIT_NAME).write_bytes(junit.document(record))
    (directory / TABLE_NAME).write_text(text, encoding="utf-8")
    stream.write(console.coloured(text) if stream.isatty() else text)
    stream.flush()
    return record


def command(arguments: Sequence[str], stream: TextIO) -> int:
    """`report DIR`: gives the exit code that the run had, or would have had were it not killed."""
    if len(arguments) != 1:
        print("bootcheck: usage: run_tests.py report DIR", file=sys.stderr)
        return ExitCode.USAGE
    directory = Path(arguments[0])
    if not (directory / FILE_NAME).is_file():
        print(
            f"bootcheck: {directory} has no {FILE_NAME}: give the folder of a run, as in reports/",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    try:
        record = write(directory, stream)
    except (RunLogError, OSError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.USAGE
    if record.end is not None:
        return int(record.end["exit_code"])
    return exit_code([variant.result for variant in record.variants])
