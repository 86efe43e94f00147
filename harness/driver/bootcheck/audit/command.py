# SPDX-License-Identifier: Apache-2.0
"""`audit-keys`: the keys of a CSV file, or the factory keys of a profile."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import IO, Iterable, Optional, Sequence

from bootcheck import __version__, options
from bootcheck import profile as profiles
from bootcheck.audit import report
from bootcheck.audit.factory_keys import of_profile
from bootcheck.audit.keyfile import Device, KeyFile, KeyFileError
from bootcheck.audit.outcome import FILE_NAME, FORMAT, Outcome
from bootcheck.audit.program import AuditError, Program, Searches
from bootcheck.layout import Layout
from bootcheck.verdict import ExitCode

_MOST_COMPLAINTS = 100  # on the console; the results have all
_MOST_BUDGET = 10**9


def command(arguments: Sequence[str], layout: Layout) -> int:
    """0: nothing low found, 1: a low key, 2: wrong input, 4: not finished (2 > 1, 4 > all)."""
    chosen = _parsed(arguments)
    if isinstance(chosen, int):
        return chosen
    try:
        output = _output(chosen.output, layout, chosen.name)
        try:
            with open(output / FILE_NAME, "w", encoding="utf-8") as log:
                return _Run(layout, chosen, output, log).run()
        finally:
            if (output / FILE_NAME).stat().st_size == 0:  # nothing could be read
                (output / FILE_NAME).unlink()
                if not any(output.iterdir()):
                    output.rmdir()
    except (KeyFileError, profiles.ProfileError) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.USAGE
    except AuditError as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return problem.code
    except OSError as problem:
        print(f"bootcheck: --output: {problem}: choose another folder", file=sys.stderr)
        return ExitCode.USAGE


class _Run:
    def __init__(
        self, layout: Layout, chosen: argparse.Namespace, output: Path, log: IO[str]
    ) -> None:
        self._layout, self._chosen, self._output, self._log = layout, chosen, output, log
        self._outcome, self._complaints = Outcome(quick=chosen.quick), 0
        self._program: Optional[Program] = None
        self._interrupted = ""

    def run(self) -> int:
        devices = self._devices()
        searches = Searches(
            tuple(self._chosen.words),
            tuple(self._chosen.known),
            self._chosen.budget,
            self._chosen.threads,
            self._chosen.quick,
        )
        self._put({"record": "audit", "format": FORMAT, "bootcheck": __version__})
        print(f"audit-keys: {self._chosen.name}, results in {self._output}", flush=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        self._program = Program(self._layout, searches)
        try:
            self._take(self._program, devices)
        finally:
            self._write()
        if self._interrupted or self._outcome.stopped or not self._outcome.ended:
            print(f"audit-keys: {self._interrupted or 'not finished'}", file=sys.stderr)
            return ExitCode.ERROR
        if self._complaints or self._outcome.refused:
            return ExitCode.USAGE
        return ExitCode.FAIL if self._outcome.low else ExitCode.OK

    def _devices(self) -> Iterable[Device]:
        if self._chosen.keys is None:
            return of_profile(
                profiles.load(options.profile_path(self._chosen.client, self._layout))
            )
        file = KeyFile(self._chosen.keys, self._complain)
        for name in file.unused:
            print(f"{self._chosen.keys}:1: column {name!r} is not used", file=sys.stderr)
        if file.absent:
            absent = ", ".join(file.absent)
            print(f"no column {absent}: what is made of it is not searched", file=sys.stderr)
        return file.devices()

    def _take(self, program: Program, devices: Iterable[Device]) -> None:
        progress = report.Progress(sys.stderr)
        for line in program.records(devices):
            record = self._outcome.take(line)
            kind = record["record"]
            if kind == "progress":
                progress.show(record)
                continue
            self._log.write(line.decode())
            if kind == "plan":
                blocks = record["blocks"] / 1e6
                print(
                    f"{record['searches']} searches, at most {blocks:.0f} million blocks",
                    flush=True,
                )
            elif kind == "refused":
                self._tell(record["line"], record["error"])
            elif kind == "finding":
                self._log.flush()  # what is found is not lost with this process
        progress.end()

    def _put(self, record: dict[str, object]) -> None:
        self._log.write(json.dumps(record) + "\n")

    def _complain(self, line: int, text: str) -> None:
        """In the thread that reads the file, before the program has read all."""
        self._put({"record": "refused", "line": line, "error": text})
        self._tell(line, text)
        self._complaints += 1

    def _tell(self, line: int, text: str) -> None:
        told = self._complaints + self._outcome.refused
        if told < _MOST_COMPLAINTS:
            print(f"{self._chosen.keys}:{line}: {text}", file=sys.stderr, flush=True)
        elif told == _MOST_COMPLAINTS:
            print(f"… and more: {self._output / FILE_NAME} has all", file=sys.stderr, flush=True)

    def _stop(self, number: int, frame: object) -> None:
        if self._program is not None:
            if self._interrupted:
                self._program.kill()
            else:
                self._program.stop()
        self._interrupted = f"interrupted by {signal.Signals(number).name}"

    def _write(self) -> None:
        self._log.flush()
        outcome = self._outcome
        outcome.refused += self._complaints
        whole = "\n".join(report.table(outcome, whole=True)) + "\n"
        (self._output / "table.txt").write_text(whole, encoding="utf-8")
        (self._output / "junit.xml").write_bytes(report.junit(outcome, self._chosen.name))
        if outcome.ended:
            print("\n".join(report.table(outcome, whole=False)))
        if outcome.refused:
            print(f"{outcome.refused} lines were not taken: see above", file=sys.stderr)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace | int:
    parser = argparse.ArgumentParser(
        prog="run_tests.py audit-keys",
        description="Tell whether keys show low entropy, and by what (docs/entropy.md).",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--keys", metavar="FILE", type=Path, help="CSV: identity,key,endpoint,…")
    source.add_argument("--client", metavar="PROFILE", help="the factory keys of a profile")
    add = parser.add_argument
    add("--words", metavar="FILE", type=Path, action="append", default=[], help="more words")
    add("--known", metavar="FILE", type=Path, action="append", default=[], help="more known keys")
    add("--budget", metavar="N", type=int, help="millions of hashed blocks per search (120)")
    add("--threads", metavar="N", type=int, help="default: all cores")
    add("--quick", action="store_true", help="neither PBKDF2 nor secrets with device values")
    add("--output", metavar="DIR", help="where results go (default: reports/TIME-audit-NAME)")
    try:
        chosen = parser.parse_args(list(arguments))
        for name, most in (("budget", _MOST_BUDGET), ("threads", 1024)):
            value = getattr(chosen, name)
            if value is not None and not 1 <= value <= most:
                parser.error(f"--{name} {value}: must be a number from 1 to {most}")
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    chosen.name = chosen.client if chosen.keys is None else chosen.keys.name
    return chosen


def _output(wanted: Optional[str], layout: Layout, name: str) -> Path:
    if wanted is None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        base = layout.reports / f"{stamp}-audit-{Path(name).stem}"
        path, number = base, 1
        while path.exists():
            number += 1
            path = base.with_name(f"{base.name}-{number}")
    else:
        path = Path(wanted).absolute()
        if (path / FILE_NAME).exists():
            raise KeyFileError(f"--output {wanted}: has results already; choose another folder")
    path.mkdir(parents=True, exist_ok=True)
    return path
