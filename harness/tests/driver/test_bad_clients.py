# SPDX-License-Identifier: Apache-2.0
"""Clients and machines that misbehave: the lane says what happened, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Awaitable, Callable, Optional

import pytest
from bootcheck.addresses import AddressBlock
from bootcheck.bench import Bench
from bootcheck.execution import use_pidfd_watcher
from bootcheck.lane import Lane, RunSettings
from bootcheck.layout import Layout
from bootcheck.profile import load
from bootcheck.runner import SharedControls, run_variant
from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import Check, ErrorKind, Result, Verdict

PROFILE = """\
[client]
name = "bad"
[supports]
editions = ["1.1"]
security = ["{security}"]
[start]
command = [{command}]
[timings]
start_s = {start_s}
reaction_s = 1
answer_s = 1
"""
CLIENT = """\
import os, socket, sys, time
port, host = int(sys.argv[2]), sys.argv[1]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((host, port))
# RFC 7252: Confirmable POST, message id 1, no token, Uri-Path bs, Uri-Query ep=x
request = bytes.fromhex("40020001") + b"\\xb2bs" + b"\\x44ep=x"
"""


async def _bootstraps(bench: Bench) -> None:
    """The client bootstraps and registers."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)


class BadClient:
    """One lane around a client that is a few lines of Python, or any command."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.block = AddressBlock.take()

    def profile(self, command: list[str], start_s: float, security: str) -> Path:
        words = ", ".join(f'"{word}"' for word in command)
        path = self.directory / "bad.toml"
        path.write_text(PROFILE.format(command=words, start_s=start_s, security=security))
        return path

    def run(
        self,
        script: str = "",
        command: Optional[list[str]] = None,
        security: str = "nosec",
        start_s: float = 2,
        body: Callable[[Bench], Awaitable[None]] = _bootstraps,
    ) -> Result:
        client = self.directory / "client.py"
        client.write_text(CLIENT + script)
        words = command or [sys.executable, str(client), "{bs_host}", "{bs_port}"]
        settings = RunSettings(
            load(self.profile(words, start_s, security)),
            Layout.of_this_package().peer_program,
            False,
            1,
        )
        lane_directory = self.directory / "lane"
        lane_directory.mkdir()
        lane = Lane("lane", lane_directory, self.block, settings)
        scenario = Scenario(
            "s", ("FIN-01",), ("1.1",), (security,), (), None, "kept", False, "", body
        )

        async def same_lane(name: str) -> Lane:
            return lane

        async def run() -> Result:
            shared = SharedControls(settings, same_lane)
            try:
                return await run_variant(scenario, Variant("1.1", security), lane, shared)
            finally:
                await shared.close()

        use_pidfd_watcher()
        result = asyncio.run(run())
        assert not list(_processes_in(lane_directory)), "a process was left behind"
        return result


def _processes_in(directory: Path) -> list[int]:
    """Processes that work in the directory or were started with it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if str(directory).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
                elif os.readlink(entry / "cwd").startswith(str(directory)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.fixture
def bad(tmp_path: Path) -> BadClient:
    return BadClient(tmp_path)


def error(result: Result, kind: ErrorKind, *words: str) -> None:
    assert result.verdict is Verdict.ERROR, result
    assert result.error_kind is kind, result
    for word in words:
        assert word in result.reason, result.reason


def broken(result: Result) -> list[Check]:
    return [check for check in result.checks if check.verdict is Verdict.FAIL]


def test_program_that_does_not_exist_is_named_with_its_line(bad: BadClient) -> None:
    result = bad.run(command=["/no/such/client"])
    error(result, ErrorKind.PROFILE, "bad.toml:7", "/no/such/client", "cannot be started")


def test_client_that_dies_at_once_is_an_error_with_its_last_output(bad: BadClient) -> None:
    result = bad.run("print('no licence file', flush=True); sys.exit(7)")
    error(result, ErrorKind.PROFILE, "exit code 7", "before its first Bootstrap-Request")
    assert "no licence file" in result.details


def test_client_that_never_calls_is_an_error_that_asks_for_the_uri(bad: BadClient) -> None:
    result = bad.run("time.sleep(60)", start_s=0.5)
    error(result, ErrorKind.PROFILE, "within timings.start_s = 0.5 s", "sent nothing")


def test_client_that_calls_something_else_is_told_what(bad: BadClient) -> None:
    script = 's.send(bytes.fromhex("40020001") + b"\\xb2rd" + b"\\x44ep=x"); time.sleep(60)'
    error(bad.run(script, start_s=0.5), ErrorKind.PROFILE, "the client sent POST /rd?ep=x to bs")


def test_client_that_sends_garbage_is_told_so(bad: BadClient) -> None:
    script = "s.send(b'\\xff' * 20); time.sleep(60)"
    error(bad.run(script, start_s=0.5), ErrorKind.PROFILE, "no CoAP over coap")


def test_client_that_speaks_plain_coap_to_a_dtls_server_is_told_so(bad: BadClient) -> None:
    result = bad.run("s.send(request); time.sleep(60)", security="psk", start_s=0.5)
    error(result, ErrorKind.PROFILE, "no CoAP over coaps")


def test_client_that_floods_takes_its_lane_down_by_name(bad: BadClient) -> None:
    script = "t = time.time()\nwhile time.time() < t + 20:\n    s.send(request)\n"
    error(bad.run(script, start_s=15), ErrorKind.PEER, "the peer gave up")


def test_client_that_dies_after_first_contact_fails_the_robustness_row(bad: BadClient) -> None:
    script = "s.send(request); s.recv(99); print('bug', flush=True); os.abort()"
    result = bad.run(script)
    assert result.verdict is Verdict.FAIL
    (died,) = broken(result)
    assert died.requirement == "ROB-01"
    assert f"signal {int(signal.SIGABRT)}" in died.observed
    assert "bug" in died.evidence[0]


def test_client_that_hangs_in_the_session_fails_what_it_did_not_answer(bad: BadClient) -> None:
    result = bad.run("s.send(request); time.sleep(60)")
    assert result.verdict is Verdict.FAIL
    (check,) = broken(result)
    assert (check.requirement, check.observed) == (
        "WRI-01",
        "no answer within 1 s",
    )


def test_address_in_use_is_an_error_of_the_environment(bad: BadClient) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((bad.block.address(1), 5683))
        result = bad.run("time.sleep(60)")
    error(result, ErrorKind.ENVIRONMENT, bad.block.address(1), "port 5683", "in use")


def test_peer_that_is_killed_is_an_error_of_the_peer(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        bs = await bench.bootstrap_server()
        await bench.start_client(account=bs.account())
        os.kill(bench.peer.versions["pid"], signal.SIGKILL)
        await bs.expect_bootstrap_request()

    error(bad.run("time.sleep(60)", body=body), ErrorKind.PEER, "exit code -9")


def test_scenario_that_breaks_is_an_error_of_the_driver_with_its_traceback(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        raise KeyError("oops")

    result = bad.run(body=body)
    error(result, ErrorKind.DRIVER, "KeyError")
    assert "Traceback" in result.details


def test_scenario_that_checks_nothing_does_not_pass(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        await bench.bootstrap_server()

    error(bad.run(body=body), ErrorKind.DRIVER, "checked nothing")


def test_scenario_that_checks_nothing_of_its_own_rows_does_not_pass(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        bench.check("other", bench.row("REQ-01"), True, "x", expected="x", observed="x")

    error(bad.run(body=body), ErrorKind.DRIVER, "checked nothing of FIN-01")


def test_key_in_the_output_of_a_client_is_removed(bad: BadClient) -> None:
    command = ["/bin/sh", "-c", "echo key {bs_key_hex}; exec sleep 60"]
    bad.run(command=command, security="psk", start_s=0.5)
    assert (bad.directory / "lane" / "client.log").read_text() == "key [key]\n"


def test_key_that_a_dying_client_prints_is_not_in_the_report(bad: BadClient) -> None:
    command = ["/bin/sh", "-c", "echo key {bs_key_hex}; exit 3"]
    assert "key [key]" in bad.run(command=command, security="psk").details
