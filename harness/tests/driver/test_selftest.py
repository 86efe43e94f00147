# SPDX-License-Identifier: Apache-2.0
"""The selftest counts every test once, and nothing that goes wrong goes unseen."""

from __future__ import annotations

import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Optional, Sequence
from unittest.mock import Mock

import pytest
from bootcheck.layout import Layout
from bootcheck.proof import ctest, selftest
from bootcheck.runlog import RunLog, VariantRecord
from bootcheck.verdict import Check, Result, Verdict

# Output of ctest 3.25 with Check 0.15, shortened.
CTEST = """\
1: Running suite(s): s
2: Running suite(s): t
1: 33%: Checks: 3, Failures: 1, Errors: 1
1: ck.c:4:F:c:bad:0: Assertion '1 == 2' failed: 1 == 1, 2 == 2
2: 100%: Checks: 4, Failures: 0, Errors: 0
1: ck.c:5:E:c:crash:0: (after this point) Received signal 6 (Aborted)
1/6 Test #1: mixed ............................***Failed    0.01 sec
2/6 Test #2: good .............................   Passed    0.01 sec
3/6 Test #3: dies .............................***Exception: SegFault  0.01 sec
4: 100%: Checks: 3, Failures: 0, Errors: 0
4: ==7==ERROR: LeakSanitizer: detected memory leaks
4/6 Test #4: leaks ............................***Failed    0.01 sec
5/6 Test #5: absent ...........................***Not Run   0.00 sec
6/6 Test #6: plain ............................   Passed    0.01 sec
"""


def test_check_tests_are_counted_one_by_one() -> None:
    found = {program.name: program for program in ctest.parse(CTEST)}
    assert (found["mixed"].passed, len(found["mixed"].problems)) == (1, 2)
    assert (found["good"].passed, len(found["good"].problems)) == (4, 0)
    assert "Assertion '1 == 2' failed" in found["mixed"].problems[0]


@pytest.mark.parametrize(
    ("name", "passed", "problem"),
    [
        ("dies", 0, "dies: Exception: SegFault"),
        ("leaks", 3, "leaks: Failed"),  # all tests passed, but the program did not
        ("absent", 0, "absent: Not Run"),
        ("plain", 1, None),
    ],
)
def test_programs_count_as_a_whole_where_check_says_nothing(
    name: str, passed: int, problem: Optional[str]
) -> None:
    program = next(found for found in ctest.parse(CTEST) if found.name == name)
    assert program.passed == passed
    assert program.problems == ([problem] if problem else [])


FILE = "scenarios/cleanup/a.py"
SCENARIO = """from bootcheck import scenario


@scenario("CLN-05", editions=["1.1"], securities=["psk"])
async def s(bench):
    \"""It is gone.\"""


@scenario("CLN-05", editions=["1.1"], securities=["psk"], slow=True)
async def late(bench):
    \"""It is gone later.\"""
"""


class Faked(selftest.SelfTest):
    """A selftest whose commands are answered here."""

    commands: list[list[str]]
    answers: dict[str, tuple[int, str]]
    known: list[tuple[str, str]]  # what the client lists

    def _execute(
        self, command: Sequence[str], log: str, environment: Optional[dict[str, str]] = None
    ) -> tuple[int, str]:
        self.commands.append(list(command))
        if "bootcheck" in command:
            output = next(word for word in command if word.startswith("--output="))
            self.made_run(Path(output.partition("=")[2]), command)
        if command[-1].startswith("--list-"):
            kind = command[-1].removeprefix("--list-").removesuffix("s")
            return 0, json.dumps([{"name": name} for k, name in self.known if k == kind])
        return self.answers.get(command[0], (0, ""))

    def made_run(self, output: Path, command: Sequence[str]) -> None:
        broken = any(argument.endswith("=drops") for argument in command)
        verdict = Verdict.FAIL if broken else Verdict.PASS
        output.mkdir()
        variant = VariantRecord("f::s", FILE, "s", ["CLN-05"], "1.1", "psk", "tlv")
        log = RunLog(output / "run.jsonl")
        log.run({"seed": 1}, [variant])
        variant.result = Result(verdict, "", [Check("gone", "CLN-05", verdict, "what")])
        variant.lane = "lanes/s"
        log.finished(variant, 1)
        log.end({"exit_code": 0, "duration": 1.0})
        log.close()


EXPECTATIONS = """
[[{kind}]]
name = "{name}"
[[{kind}.expect]]
scenario = "s"
variants = ["1.1-psk"]
check = "gone"
requirement = "CLN-05"
primary = true
"""


@pytest.fixture
def faked(tmp_path: Path) -> Faked:
    (tmp_path / "results").mkdir()
    Layout(tmp_path).expectations.mkdir(parents=True)
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(SCENARIO)
    made = Faked(Layout(tmp_path), tmp_path / "build", tmp_path / "results")
    made.commands, made.answers, made.known = [], {}, []
    return made


def expectations(faked: Faked, name: str) -> selftest.Tally:
    write(faked, EXPECTATIONS.format(kind="defect", name=name))
    faked.known = [("defect", name)]
    return faked.expectations()


def write(faked: Faked, text: str) -> None:
    (Layout(faked._root).expectations / "e.toml").write_text(text)


def test_a_defect_that_is_found_passes_and_so_does_the_client_without(faked: Faked) -> None:
    tally = expectations(faked, "drops")
    assert tally.passed == 2 and not tally.problems
    defect = next(command for command in faked.commands if "--client-argument=drops" in command)
    assert "--client-argument=--defect" in defect and "--strict" in defect


def test_a_defect_that_is_not_found_fails(faked: Faked) -> None:
    tally = expectations(faked, "hides")
    assert tally.passed == 1
    assert len(tally.problems) == 1 and tally.problems[0].startswith("defect hides\n")


def test_a_run_without_results_fails(faked: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faked, "made_run", lambda *_: None)
    tally = expectations(faked, "drops")
    assert tally.passed == 0 and len(tally.problems) == 2
    assert "no results" in tally.problems[0]


def test_a_capture_must_show_the_bootstrap_request(faked: Faked) -> None:
    faked.answers["tshark"] = (
        0,
        "7 0.3 127.1.2.4 -> 127.1.2.3 CoAP 90 CON, MID:1, POST, /bs?ep=x\n",
    )
    assert faked.capture() == selftest.Tally(1, [])
    assert not {"-o", "-d"} & set(faked.commands[-1]), "no option may be needed"
    for answer in ((0, ""), (2, "the file is cut short")):
        faked.answers["tshark"] = answer
        assert faked.capture().passed == 0


def test_check_needs_tests(faked: Faked) -> None:
    assert faked.check().problems == ["ctest ran no test"]
    faked.answers["ctest"] = (8, "no such directory")
    assert faked.check().problems == ["ctest ended with 8: no such directory"]
    faked.answers["ctest"] = (8, CTEST)
    tally = faked.check()
    assert tally.passed == 9 and len(tally.problems) == 5


def test_driver_tests_are_counted_from_their_results(faked: Faked) -> None:
    faked.answers[sys.executable] = (1, "1 failed")
    (faked._directory / "driver.xml").write_text(
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure message="m"/>'
        '</testcase><testcase name="c"><skipped/></testcase></testsuite></testsuites>'
    )
    assert faked.driver() == selftest.Tally(1, ["b: m"])
    (faked._directory / "driver.xml").unlink()
    assert faked.driver().problems == ["pytest ended with 1: 1 failed"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["everything"], "there is no part 'everything'"),
        (["rounds", "--rounds", "0"], "--rounds 0: 1 or more"),
        (["check", "--rounds", "2"], "--rounds goes with the part rounds"),
        (["--slow"], "--slow goes with the part rounds"),
        (["--seed", "0"], "--seed goes with the part rounds"),
    ],
)
def test_a_part_or_option_that_says_nothing_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert selftest.command(arguments, Layout(tmp_path)) == 2
    assert problem in capsys.readouterr().err


def test_the_last_line_is_the_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selftest.SelfTest, "build", lambda self: None)
    monkeypatch.setattr(
        selftest.SelfTest, "run", lambda self, parts: selftest.Tally(7, ["x: why", "y: why"])
    )
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert selftest.command([], Layout(tmp_path / "a")) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 2 failed"
    monkeypatch.setattr(selftest.SelfTest, "run", lambda self, parts: selftest.Tally())
    assert selftest.command([], Layout(tmp_path / "b")) == 1  # nothing tested is nothing passed


def test_processes_are_ended_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "_RUN_S", 0.1)
    made = selftest.SelfTest(Layout(tmp_path), tmp_path, tmp_path)
    code, output = made._execute(["sleep", "600"], "log")
    assert code < 0 and "ended after" in output


def test_reach_goes_over_the_recorded_runs(
    faked: Faked, capsys: pytest.CaptureFixture[str]
) -> None:
    expectations(faked, "drops")
    made = len(faked.commands)
    tally = faked.reach()
    assert len(faked.commands) == made, "the runs are those that were recorded"
    assert tally.passed == 1 and not tally.problems
    assert "reach: 1 of 1 checks in 1 scenarios are reached, by 2 runs" in capsys.readouterr().out


def test_reach_fails_for_a_check_that_no_defect_breaks(faked: Faked) -> None:
    write(faked, '[[quirk]]\nname = "q"\n')
    tally = faked.reach()
    assert tally.passed == 0
    assert tally.problems == [f"{FILE}::s gone: no defect breaks this check"]


def test_reach_fails_without_results(faked: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faked, "made_run", lambda *_: None)
    write(faked, EXPECTATIONS.format(kind="defect", name="drops"))
    assert "no results" in faked.reach().problems[0]


def test_a_selftest_that_goes_on_makes_only_what_did_not_come_to_its_end(faked: Faked) -> None:
    expectations(faked, "drops")
    for name, cut_off in (("defect-drops", '"exit_code": 0'), ("as-it-should-be", "no such text")):
        file = faked._directory / name / "run.jsonl"
        file.write_text(file.read_text().replace(cut_off, '"stopped": "SIGTERM"'))
    further = Faked(Layout(faked._root), faked._build, faked._directory)
    further.commands, further.answers, further.known = [], {}, faked.known
    assert further.expectations().passed == 2
    runs = [command for command in further.commands if "bootcheck" in command]
    assert len(runs) == 1 and "--client-argument=drops" in runs[0]


def test_a_run_that_does_not_come_to_its_end_is_not_made_twice(
    faked: Faked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunLog, "end", lambda *_: None)
    expectations(faked, "drops")
    made = len(faked.commands)
    faked.reach()
    assert len(faked.commands) == made


def test_an_interrupted_selftest_ends_what_runs_and_starts_nothing(tmp_path: Path) -> None:
    made = selftest.SelfTest(Layout(tmp_path), tmp_path, tmp_path)
    with ThreadPoolExecutor(1) as pool:
        runs = [pool.submit(made._execute, ["sleep", "600"], "log") for _ in range(3)]
        while not made._running:
            time.sleep(0.01)
        made.interrupt()
        assert [run.result(timeout=60)[0] for run in runs] == [-signal.SIGTERM] * 3


def test_an_interruption_leaves_a_run_the_time_to_end_its_clients(tmp_path: Path) -> None:
    made, run = selftest.SelfTest(Layout(tmp_path), tmp_path, tmp_path), Mock()
    made._running.add(run)
    made.interrupt()
    made.interrupt()
    run.terminate.assert_called_once()  # the second time it would be in a hurry


def test_results_of_another_selftest_must_be_there(tmp_path: Path) -> None:
    assert selftest.command(["--results", str(tmp_path / "none")], Layout(tmp_path)) == 2


def test_a_defect_is_run_where_it_says(faked: Faked) -> None:
    assert expectations(faked, "drops").passed == 2
    runs = {word for command in faked.commands for word in command if "::" in word}
    assert runs == {f"{faked._root}/{FILE}::{name}[1.1-psk-tlv]" for name in ("s", "late")}
    defect = next(command for command in faked.commands if "--client-argument=drops" in command)
    assert [word.rpartition("::")[2] for word in defect if "::" in word] == ["s[1.1-psk-tlv]"]


@pytest.mark.parametrize("known", [[], [("defect", "drops"), ("quirk", "odd")]])
def test_each_defect_and_quirk_has_an_expectation_and_the_other_way_round(
    faked: Faked, known: list[tuple[str, str]]
) -> None:
    write(faked, EXPECTATIONS.format(kind="defect", name="drops"))
    faked.known = known
    (problem,) = faked.expectations().problems
    assert problem.startswith("quirk odd: " if known else "defect drops: ")


def test_expectations_that_are_written_wrongly_fail(faked: Faked) -> None:
    write(faked, '[[quirk]]\nname = "q"\nx = 1\n')
    tally = faked.run(["expectations", "reach"])
    assert tally.passed == 0 and len(tally.problems) == 2
    assert "unknown x" in tally.problems[0]
