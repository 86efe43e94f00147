# SPDX-License-Identifier: Apache-2.0
"""The built peer as a process: its control protocol over pipes, its files and its end."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from coap_client import POST, CoapClient
from peer_process import PeerProcess, peer_program, read_events

KEY = bytes.fromhex("00112233445566778899aabbccddeeff")


def test_reader_that_does_not_read_overloads_the_peer(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [peer_program(), "--output", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    line = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n'
    try:
        for _ in range(200_000):
            process.stdin.write(line)
    except BrokenPipeError:
        pass
    assert process.wait(10) == 3
    assert read_events(tmp_path)[-1]["event"] in ("overloaded", "peer_stopped")
    assert any(event["event"] == "overloaded" for event in read_events(tmp_path))
    process.stdout.close()


def test_sigkill_leaves_readable_files(peer: PeerProcess, address: str, tmp_path: Path) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    peer.wait("response_sent")
    peer.kill()
    events = read_events(tmp_path)
    assert {"peer_started", "server_opened", "request_received", "response_sent"} <= {
        event["event"] for event in events
    }
    blocks = list(pcapng_blocks((tmp_path / "capture.pcapng").read_bytes()))
    assert blocks[0] == 0x0A0D0D0A and blocks.count(6) == 2  # two Enhanced Packet Blocks


def pcapng_blocks(data: bytes) -> Iterator[int]:
    """The block types of a capture without damage (pcapng, section 3.1)."""
    while data:
        length = int.from_bytes(data[4:8], "little")
        assert 12 <= length <= len(data) and data[length - 4 : length] == data[4:8]
        yield int.from_bytes(data[:4], "little")
        data = data[length:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_in_order(peer: PeerProcess, number: signal.Signals) -> None:
    peer.process.send_signal(number)
    assert peer.ended() == 0
    peer.wait("peer_stopped")


def test_shutdown_ends_in_order(peer: PeerProcess) -> None:
    assert peer.call("shutdown") == {}
    assert peer.ended() == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["--output"], ["--output", "/nonexistent/x"], ["--seed", "x", "--output", "."], ["more"]],
    ids="none value directory seed word".split(),
)
def test_bad_usage_exits_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [peer_program(), *arguments], stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_input_from_a_file_is_played(tmp_path: Path) -> None:
    lines = tmp_path / "input"
    lines.write_text('{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n')
    with open(lines, "rb") as source:
        command = [peer_program(), "--output", str(tmp_path)]
        done = subprocess.run(command, stdin=source, capture_output=True, timeout=10)
    assert done.returncode == 0 and b'"id":1,"result":' in done.stdout
    assert read_events(tmp_path)[-1]["event"] == "peer_stopped"


def test_hello_tells_versions_and_limits(peer: PeerProcess) -> None:
    assert peer.hello["pid"] == peer.process.pid and peer.hello["limits"]["psk_key_bytes"] >= 16
    assert peer.wait("peer_started")["seed"] == 7


def test_lateness_is_measured_while_nothing_happens(peer: PeerProcess) -> None:
    time.sleep(0.5)
    timers = peer.call("status")["timers"]
    assert timers["fired"] >= 2
    assert timers["late_us_p50"] <= timers["late_us_p999"] <= timers["late_us_max"]


def test_hello_comes_first_and_its_version_counts(tmp_path: Path) -> None:
    peer = PeerProcess(tmp_path, hello=False)
    assert peer.refused("status").code == -32001
    assert peer.refused("hello", protocol=2).code == -32001
    peer.call("hello", protocol=1)
    peer.call("status")
    assert peer.stop() == 0


@pytest.mark.parametrize(
    "line, code, identifier",
    [
        (b"{", -32700, None),
        (b"\xff\xfe", -32700, None),
        (b"[]", -32600, None),
        (b'{"jsonrpc":"1.0","id":5,"method":"status"}', -32600, 5),
        (b'{"jsonrpc":"2.0","id":"a"}', -32600, "a"),
        (b'{"jsonrpc":"2.0","method":"status"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":6,"method":"dance"}', -32601, 6),
        (b'{"jsonrpc":"2.0","id":7,"method":"status","params":[1]}', -32602, 7),
        (b'{"jsonrpc":"2.0","id":8,"method":"status","params":{"x":1}}', -32602, 8),
        (b" " * (2 << 20), -32700, None),
    ],
    ids="syntax utf8 batch version method id unknown params member length".split(),
)
def test_bad_lines_are_refused(peer: PeerProcess, line: bytes, code: int, identifier: Any) -> None:
    peer.write(line + b"\n")
    reply = peer.reply()
    assert (reply["error"]["code"], reply["id"]) == (code, identifier)
    peer.call("status")


@pytest.mark.parametrize(
    "method, params, word",
    [
        ("open_server", {"server": "x", "role": "king"}, "role"),
        (
            "arm",
            {"server": "bootstrap", "operation": "bootstrap_request", "answers": [{}]},
            "answers[0]",
        ),
        ("send_request", {"server": "bootstrap", "method": "PATCH"}, "method"),
        ("send_request", {"server": "bootstrap", "method": "GET", "block_size": 17}, "block_size"),
        ("send_raw", {"server": "bootstrap", "bytes": "ABC"}, "bytes"),
        ("set_credentials", {"server": "bootstrap"}, "credentials"),
    ],
)
def test_bad_parameters_are_named(
    peer: PeerProcess, address: str, method: str, params: dict[str, Any], word: str
) -> None:
    peer.open_server(address)
    error = peer.refused(method, **params)
    assert error.code == -32602 and word in error.data


def test_content_that_cannot_be_encoded(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    bad = {"object": 0, "level": "instance", "instances": [{"id": 0, "resources": {"1": "yes"}}]}
    params = {"server": "bootstrap", "method": "PUT", "path": ["0", "0"], "content": {"tlv": bad}}
    assert peer.refused("send_request", **params).code == -32015


def test_key_is_redacted_in_what_a_client_sends(
    peer: PeerProcess, address: str, tmp_path: Path
) -> None:
    peer.open_server(address)
    peer.call(
        "set_credentials",
        server="bootstrap",
        credentials=[{"identity": b"me".hex(), "key": KEY.hex()}],
    )
    client = CoapClient((address, 5683))
    client.request(POST, "bs", ("ep=x",), b"\x01" + KEY, 42)
    assert client.receive().code == 0x44
    seen = peer.wait("request_received")
    assert seen["payload"][0] == "01" and set(seen["payload"][1]) == {"redacted"}
    assert peer.stop() == 0
    assert KEY.hex() not in (tmp_path / "events.jsonl").read_text()
