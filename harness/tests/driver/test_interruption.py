# SPDX-License-Identifier: Apache-2.0
"""A run that is interrupted keeps its results and leaves no process behind."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest
from bootcheck.peer import Peer
from bootcheck.process import Spawner
from bootcheck.profile.model import CoapParameters
from lxml import etree
from project import WAIT_S, Project
from test_junit import SCHEMA

SCENARIOS = """
@scenario("CLN-05", editions=["1.1"])
async def done(bench):
    '''It ends at once.'''

@scenario("CLN-06", editions=["1.1"])
async def waiting(bench):
    '''It waits with a client and a grandchild of it.'''
    pid = await bench.spawn("/bin/sh", "-c", "sleep 600 & sleep 600")
    with open("{root}/pids", "a") as file:
        print(pid, file=file)
    await bench.sleep(600)
"""


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {WAIT_S} s"
        time.sleep(0.02)


def begin(project: Project, body: str = SCENARIOS) -> "subprocess.Popen[str]":
    """Start a run and wait until both clients live."""
    project.scenario_file("a.py", body.replace("{root}", str(project.root)))
    process = project.start()
    wait_for("clients", lambda: len(pids(project)) == 2)
    wait_for("results", lambda: finished(project) == 2)
    return process


def pids(project: Project) -> list[int]:
    try:
        return [int(line) for line in (project.root / "pids").read_text().split()]
    except FileNotFoundError:
        return []


def finished(project: Project) -> int:
    try:
        return (project.output / "run.jsonl").read_text().count('"record": "finished"')
    except FileNotFoundError:
        return 0


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def no_orphans(project: Project) -> None:
    assert len(pids(project)) == 2
    wait_for("end of the clients", lambda: not any(alive(pid) for pid in pids(project)))


EXPECTED = {
    "done[1.1-nosec-tlv]": "PASS",
    "done[1.1-psk-tlv]": "PASS",
    "waiting[1.1-nosec-tlv]": "NOT RUN",
    "waiting[1.1-psk-tlv]": "NOT RUN",
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_writes_its_results(project: Project, number: signal.Signals) -> None:
    process = begin(project)
    process.send_signal(number)
    output, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == 4, output
    no_orphans(project)
    assert project.verdicts() == EXPECTED
    assert f"NOT RUN: interrupted by {number.name}" in output
    junit = etree.parse(str(project.output / "junit.xml"))
    SCHEMA.assertValid(junit)
    assert junit.getroot().get("errors") == "2"
    assert (project.output / "table.txt").read_text() in output


def test_more_signals_do_not_lose_the_results(project: Project) -> None:
    process = begin(project)
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.01)
        if process.poll() is not None:
            break
    output, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == 4, output
    no_orphans(project)
    assert project.verdicts() == EXPECTED
    SCHEMA.assertValid(etree.parse(str(project.output / "junit.xml")))


def test_a_second_signal_ends_a_clean_up_that_hangs(project: Project) -> None:
    body = SCENARIOS.replace(
        "    await bench.sleep(600)",
        "    try:\n        await bench.sleep(600)\n    finally:\n"
        "        print(file=open('{root}/cleaning', 'w'))\n        await bench.sleep(600)",
    )
    process = begin(project, body)
    process.send_signal(signal.SIGINT)
    wait_for("clean-up", (project.root / "cleaning").exists)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=WAIT_S)
    assert time.monotonic() - began < 6, "the clean-up was waited for"
    assert process.returncode == 4, output
    no_orphans(project)
    assert project.verdicts() == EXPECTED


def test_a_killed_run_can_be_reported(project: Project) -> None:
    # PR_SET_PDEATHSIG reaches the client, not what the client has started
    process = begin(project, SCENARIOS.replace("sleep 600 & sleep 600", "exec sleep 600"))
    process.kill()
    process.communicate(timeout=WAIT_S)
    no_orphans(project)
    assert not (project.output / "junit.xml").exists()

    report = project.run("report", str(project.output), output=False)
    assert report.returncode == 4, report.stderr
    assert "the run was killed" in report.stdout
    assert project.verdicts() == EXPECTED
    junit = etree.parse(str(project.output / "junit.xml"))
    SCHEMA.assertValid(junit)
    assert junit.getroot().get("tests") == "4" and junit.getroot().get("errors") == "2"


def test_a_report_repeats_what_the_run_said(project: Project) -> None:
    project.scenario("bench.verdict('FAIL')\nbench.event(t=1, event='acknowledged', server='bs')")
    run = project.run()
    assert run.returncode == 1
    junit = (project.output / "junit.xml").read_bytes()
    (project.output / "junit.xml").unlink()
    report = project.run("report", str(project.output), output=False)
    assert report.returncode == 1
    assert report.stdout in run.stdout
    assert (project.output / "junit.xml").read_bytes() == junit
    traces = list(project.output.glob("lanes/*/trace.txt"))
    assert len(traces) == 2
    assert all(re.search("empty ACK", trace.read_text()) for trace in traces)


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["nowhere"]])
def test_a_report_of_nothing_is_a_usage_error(project: Project, arguments: list[str]) -> None:
    report = project.run("report", *arguments, output=False)
    assert report.returncode == 2 and "bootcheck: " in report.stderr


def test_a_report_of_another_file_is_a_usage_error(project: Project) -> None:
    (project.root / "run.jsonl").write_text("no json\n")
    report = project.run("report", str(project.root), output=False)
    assert report.returncode == 2 and "run.jsonl:1" in report.stderr


DEAF = """\
#!/usr/bin/env python3
import json, sys
for line in sys.stdin:
    call = json.loads(line)
    if call["method"] == "hello":
        print(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": {}}), flush=True)
"""


def test_a_peer_is_ended_without_its_answer_when_the_loop_ends(tmp_path: Path) -> None:
    """The loop has cancelled what reads from the peer before the lane's clean-up is over."""
    program = tmp_path / "peer"
    program.write_text(DEAF)
    program.chmod(0o755)

    async def ended() -> bool:
        peer = await Peer.start(Spawner(), program, tmp_path, 0, CoapParameters())
        stopping = asyncio.create_task(peer.stop())
        await asyncio.sleep(0)
        peer._reader.cancel()
        await asyncio.wait_for(stopping, 10)  # it would wait for its answer for 30 s
        return peer._process.returncode is not None

    assert asyncio.run(ended())


def test_a_peer_whose_start_is_cancelled_is_ended(tmp_path: Path) -> None:
    """It was started, and says nothing yet: its lane has none to end."""
    program, file = tmp_path / "peer", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {file}.part && mv {file}.part {file}\nsleep 600\n")
    program.chmod(0o755)

    async def cancelled() -> bool:
        starting = asyncio.create_task(
            Peer.start(Spawner(), program, tmp_path, 0, CoapParameters())
        )
        await asyncio.to_thread(wait_for, "the peer", file.exists)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return alive(int(file.read_text()))  # in the loop: its end would end the peer

    assert not asyncio.run(cancelled())
