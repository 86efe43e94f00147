# SPDX-License-Identifier: Apache-2.0
"""`selftest`: Bootcheck tests itself, on a build with sanitizers.

Parts: `check` (Check tests of the C layers), `driver` (pytest tests of the driver), `expectations`
(each defect and quirk of the reference client against what it must lead to), `reach` (each check of
a scenario is one that a defect breaks), `capture` (a capture is read by tshark without
any option). Only on demand: `rounds` (all quirks in every edition, again and again: rounds.py).
Ends with the line `N passed, N failed`.

With `--full` each defect runs every scenario, and not only its own; slow ones have defects too.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Optional, Sequence, Union

from bootcheck.layout import Layout
from bootcheck.proof import ctest
from bootcheck.proof.expectation import compare
from bootcheck.proof.expectation_files import ExpectationError
from bootcheck.proof.expectation_plan import Plan
from bootcheck.proof.reach import reach
from bootcheck.proof.reference_runs import ReferenceRuns
from bootcheck.proof.rounds import Rounds
from bootcheck.runlog import RunRecord
from bootcheck.scenario import ScenarioError
from bootcheck.verdict import ExitCode, Verdict

PARTS = ("check", "driver", "expectations", "capture", "reach")
ON_DEMAND = ("rounds",)
_RUN_S = 1200.0  # bound of one part or run; a hang must not hang a CI machine


@dataclass
class Tally:
    """What a part has found."""

    passed: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, problems: Sequence[str]) -> None:
        """One thing tested; it has passed when there are no problems."""
        if problems:
            self.problems.append("\n    ".join(problems))
        else:
            self.passed += 1


class SelfTest:
    """One selftest; results go to `directory`."""

    def __init__(
        self,
        layout: Layout,
        build: Path,
        directory: Path,
        compiler: Optional[str] = None,
        *,
        full: bool = False,
        rounds: int = 1,
        slow: bool = False,
        seed: int = 0,
    ) -> None:
        self._layout = layout
        self._root = layout.root
        self._rounds, self._slow, self._seed = rounds, slow, seed
        self._build = build
        self._compiler = compiler
        self._directory = directory
        self._running: set[subprocess.Popen[str]] = set()
        self._interrupted = False
        peer = build / "harness" / "peer" / "control" / "bootcheck-peer"
        self._environment = {
            **os.environ,
            "BOOTCHECK_BUILD": str(build),
            "BOOTCHECK_PEER": str(peer),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }

        self._full = full
        self._runs = ReferenceRuns(layout, directory, self._execute, self._environment, full=full)

    def run(self, parts: Sequence[str]) -> Tally:
        """Run these parts, tell of each, and give the sum."""
        total = Tally()
        # both wait most of the time: the tests of the driver run beside what comes after them
        with ThreadPoolExecutor(1) as beside:
            waiting = [beside.submit(self._part, part) for part in parts if part == "driver"]
            try:
                for part in parts:
                    if part != "driver":
                        self._tell(part, *self._part(part), total)
                for made in waiting:
                    self._tell("driver", *made.result(), total)
            except BaseException:
                self.interrupt()  # else the way out waits for them
                raise
        return total

    def _part(self, part: str) -> tuple[Tally, float]:
        """What the part has found, and the seconds that it took."""
        began = time.monotonic()
        try:
            tally: Tally = getattr(self, part)()
        except (ExpectationError, ScenarioError) as problem:
            tally = Tally(0, [str(problem)])
        return tally, time.monotonic() - began

    @staticmethod
    def _tell(part: str, tally: Tally, took: float, total: Tally) -> None:
        print(f"{part}: {tally.passed} passed, {len(tally.problems)} failed in {took:.1f} s")
        for text in tally.problems:
            print(f"  FAIL {text}")
        sys.stdout.flush()
        total.passed += tally.passed
        total.problems += tally.problems

    def build(self) -> Optional[str]:
        """Configure and build with sanitizers and tests; gives what went wrong."""
        configure = ["cmake", "-S", str(self._root), "-B", str(self._build), "-G", "Ninja"]
        options = ["-DBOOTCHECK_SANITIZE=ON", "-DBOOTCHECK_TESTS=ON"]
        if self._compiler is not None:
            options.append(f"-DCMAKE_C_COMPILER={self._compiler}")
        for command in ([*configure, *options], ["cmake", "--build", str(self._build)]):
            code, output = self._execute(command, "build.log")
            if code:
                return f"{' '.join(command)}\n{_end(output, 40)}"
        return None

    # The parts.

    def check(self) -> Tally:
        command = ["ctest", "--test-dir", str(self._build), "-V", "-j2", "--timeout", "300"]
        code, output = self._execute(command, "ctest.log")
        tally = Tally()
        for test in ctest.parse(output):
            tally.passed += test.passed
            tally.problems += test.problems
        if code and not tally.problems:
            tally.problems.append(f"ctest ended with {code}: {_end(output, 10)}")
        if not tally.passed and not tally.problems:
            tally.problems.append("ctest ran no test")
        return tally

    def driver(self) -> Tally:
        results = self._directory / "driver.xml"
        command = [sys.executable, "-m", "pytest", "-q", str(self._root / "harness/tests/driver")]
        configuration = [f"--rootdir={self._root}", f"-c{self._root / 'pyproject.toml'}"]
        code, output = self._execute(
            [*command, *configuration, f"--junitxml={results}"], "driver.log"
        )
        tally = Tally()
        if results.exists():
            for case in ET.parse(results).iter("testcase"):
                found = [e.get("message") or e.tag for e in case if e.tag in ("failure", "error")]
                skipped = case.find("skipped")
                if skipped is None:
                    tally.add([f"{case.get('name')}: {text}" for text in found])
                else:  # neither passed nor failed
                    print(f"driver: not run: {case.get('name')}: {skipped.get('message')}")
        if code and not tally.problems:
            tally.problems.append(f"pytest ended with {code}: {_end(output, 10)}")
        return tally

    def expectations(self) -> Tally:
        program = self._build / "fixtures" / "reference-client" / "bootcheck-reference-client"
        tally = Tally()
        for problem in self._runs.unknown(program):
            tally.add([problem])
        for made, record in self._runs.all():
            tally.add(_differences(made, record))
        return tally

    def reach(self) -> Tally:
        tally, runs = Tally(), []
        for made, record in self._runs.all():
            if isinstance(record, RunRecord):
                runs.append((made.expectation, record.variants))
            else:
                tally.add(_differences(made, record))
        found = reach(runs)
        if not self._full:
            slow = {filed.scenario.name for filed in self._runs.scenarios if filed.scenario.slow}
            left_out = found.leave_out(slow)
            if left_out:
                told = f"reach: {left_out} checks of {len(slow)} slow scenarios are left out"
                print(f"{told}: selftest --full has defects for them")
        print(f"reach: {found.summary()}, by {len(runs)} runs")
        for line in found.by_name():
            print(f"  {line}")
        for place, names in sorted(found.by.items()):
            tally.add([] if names else [f"{place}: no defect breaks this check"])
        return tally

    def rounds(self) -> Tally:
        tally = Tally()
        quirks = [item for item in self._runs.expectations() if item.kind == "quirk"]
        rounds = Rounds(self._layout, self._directory, self._execute, self._runs.release)
        for found in rounds.run(quirks, self._rounds, self._seed, slow=self._slow):
            tally.add([found.group.name, *found.problems] if found.problems else [])
        return tally

    def capture(self) -> Tally:
        tally = Tally()
        record = self._runs.correct()
        if isinstance(record, str):
            tally.add([f"capture: {record}"])
            return tally
        lanes = [
            record.directory / variant.lane
            for variant in record.variants
            if variant.security == "psk" and variant.lane and variant.result.verdict is Verdict.PASS
        ]
        if not lanes:
            tally.add(["capture: no psk lane has passed"])
        for lane in lanes[:1]:
            tally.add(self._dissected(lane / "capture.pcapng"))
        return tally

    def _dissected(self, capture: Path) -> list[str]:
        """Whether tshark, without a key or a preference, sees the Bootstrap-Request inside DTLS."""
        wanted = 'dtls && coap.code == 2 && coap.opt.uri_path == "bs"'
        home = self._directory / "tshark-home"
        home.mkdir(exist_ok=True)
        environment = {**self._environment, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        command = ["tshark", "-r", str(capture), "-Y", wanted]
        code, output = self._execute(command, "tshark.log", environment)
        if code:
            return [f"capture: tshark ended with {code}: {_end(output, 5)}"]
        if "POST" not in output:
            return [f"capture: tshark finds no decrypted POST /bs in {capture}"]
        return []

    # Processes.

    def _execute(
        self, command: Sequence[str], log: str, environment: Optional[dict[str, str]] = None
    ) -> tuple[int, str]:
        """Run a command; gives its exit code and its output, which also goes to a log."""
        process = subprocess.Popen(
            command,
            env=environment or self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._running.add(process)
        if self._interrupted:  # another thread was about to start it
            process.terminate()
        try:
            output, _ = process.communicate(timeout=_RUN_S)
        except subprocess.TimeoutExpired:
            process.terminate()
            output, _ = process.communicate()
            output += f"\nended after {_RUN_S:.0f} s"
        finally:
            self._running.discard(process)
        with open(self._directory / log, "a", encoding="utf-8") as file:
            file.write(output)
        return process.returncode, output

    def interrupt(self) -> None:
        """End all processes, now and later: runs that get SIGTERM end their clients themselves."""
        if self._interrupted:
            return  # a second SIGTERM would not leave them the time for it
        self._interrupted = True
        for process in list(self._running):
            process.terminate()


def command(arguments: Sequence[str], layout: Layout) -> int:
    """`selftest [OPTIONS] [PART ...]`: gives 0, or 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="run_tests.py selftest")
    parser.add_argument("--compiler", metavar="CC", help="build with this C compiler")
    parser.add_argument(
        "--full", action="store_true", help="each defect runs every scenario; slow ones too"
    )
    parser.add_argument(
        "--results", metavar="DIR", help="go on with the runs that a selftest has recorded there"
    )
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="how many rounds the part rounds has (1)"
    )
    parser.add_argument(
        "--slow", action="store_true", help="the rounds are of the slow scenarios only"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="which quirks a round puts together (drawn, and told)"
    )
    parts = f"{', '.join(PARTS)} (default: these), {', '.join(ON_DEMAND)}"
    parser.add_argument("parts", nargs="*", metavar="PART", help=parts)
    try:
        chosen = parser.parse_args(list(arguments))
        for part in chosen.parts:
            if part not in (*PARTS, *ON_DEMAND):
                known = ", ".join((*PARTS, *ON_DEMAND))
                parser.error(f"there is no part {part!r}: parts are {known}")
        given = {"--rounds": chosen.rounds, "--slow": chosen.slow, "--seed": chosen.seed}
        for option, value in given.items():
            if value is not None and value is not False and "rounds" not in chosen.parts:
                parser.error(f"{option} goes with the part rounds: selftest rounds {option} …")
        if chosen.rounds is not None and chosen.rounds < 1:
            parser.error(f"--rounds {chosen.rounds}: 1 or more")
        if chosen.results is not None and not Path(chosen.results).is_dir():
            parser.error(f"--results {chosen.results}: there is no such folder")
    except SystemExit as ended:
        return ExitCode.USAGE if ended.code else ExitCode.OK
    build = "sanitize" if chosen.compiler is None else f"sanitize-{Path(chosen.compiler).name}"
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    directory = layout.reports / f"{stamp}-selftest-{os.getpid()}"
    if chosen.results is not None:
        directory = Path(chosen.results).absolute()
    directory.mkdir(parents=True, exist_ok=chosen.results is not None)
    selftest = SelfTest(
        layout,
        layout.root / "build" / build,
        directory,
        chosen.compiler,
        full=chosen.full,
        rounds=chosen.rounds or 1,
        slow=chosen.slow,
        seed=random.SystemRandom().getrandbits(32) if chosen.seed is None else chosen.seed,
    )

    def interrupted(number: int, frame: object) -> NoReturn:
        selftest.interrupt()  # what waits for a run in another thread is not left until it ends
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    try:
        print(f"selftest: building with sanitizers, results in {directory}", flush=True)
        problem = selftest.build()
        if problem is not None:
            print(f"selftest: the build failed: {problem}", file=sys.stderr)
            print("0 passed, 1 failed")
            return ExitCode.FAIL
        total = selftest.run(chosen.parts or PARTS)
    except KeyboardInterrupt:
        print("selftest: interrupted", file=sys.stderr)
        return ExitCode.ERROR
    print(f"{total.passed} passed, {len(total.problems)} failed")
    return ExitCode.FAIL if total.problems or not total.passed else ExitCode.OK


def _differences(made: Plan, record: Union[RunRecord, str]) -> list[str]:
    """What is wrong with a run, headed by its name."""
    if isinstance(record, str):
        return [made.name, record]
    found = [(v.scenario, v.variant_id, v.result) for v in record.variants]
    problems = compare(made.expectation, found)
    return [made.name, *problems] if problems else []


def _end(text: str, lines: int) -> str:
    return "\n".join(text.splitlines()[-lines:])
