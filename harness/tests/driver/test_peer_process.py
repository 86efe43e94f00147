# SPDX-License-Identifier: Apache-2.0
"""The built peer as a process: its control protocol over pipes, its servers over UDP (NoSec)."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from coap_client import (
    ACK,
    CON,
    DELETE,
    GET,
    LOCATION_PATH,
    NON,
    POST,
    PUT,
    RST,
    CoapClient,
    Message,
)
from peer_process import PeerProcess, Refused, peer_program, read_events

TLV = 11542  # application/vnd.oma.lwm2m+tlv
LINKS = b"</1/0>,</3/0>"
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
_hosts = itertools.count(1)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[PeerProcess]:
    process = PeerProcess(tmp_path)
    yield process
    if process.process.poll() is None:
        process.kill()


def fresh_address() -> str:
    """An address of our own in 127/8, so that tests can run side by side."""
    return f"127.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}.{next(_hosts)}"


@pytest.fixture
def address() -> str:
    return fresh_address()


def open_server(peer: PeerProcess, address: str, role: str = "bootstrap", name: str = "") -> Any:
    return peer.call(
        "open_server", server=name or role, role=role, address=address, port=5683, security="none"
    )


def refused(peer: PeerProcess, method: str, /, **params: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        peer.call(method, **params)
    return caught.value


def bootstrap_request(client: CoapClient, endpoint: str = "urn:dev:1") -> Message:
    return client.request(POST, "bs", (f"ep={endpoint}",))


def register(client: CoapClient, endpoint: str = "urn:dev:1", lifetime: int = 60) -> Message:
    query = (f"ep={endpoint}", f"lt={lifetime}", "lwm2m=1.1", "b=U")
    return client.request(POST, "rd", query, LINKS, 40)


# the whole way


def test_bootstrap_and_registration(peer: PeerProcess, address: str, tmp_path: Path) -> None:
    uri = open_server(peer, address)["uri"]
    assert uri == f"coap://{address}:5683" or uri == f"coap://{address}"
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    answer = client.receive()
    assert (answer.type, answer.code, answer.mid) == (ACK, 0x44, request.mid)
    seen = peer.wait("request_received", operation="bootstrap_request", remote=client.remote)
    assert seen["path"] == ["bs"] and seen["query"] == ["ep=urn:dev:1"] and seen["method"] == "POST"
    peer.wait("response_sent", exchange=seen["exchange"], code="2.04", how="piggybacked")

    content = {
        "tlv": {
            "object": 0,
            "level": "instance",
            "instances": [
                {
                    "id": 1,
                    "resources": {"0": "coap://h", "1": False, "2": 3, "5": {"hex": KEY.hex()}},
                }
            ],
        }
    }
    sent = peer.call(
        "send_request", server="bootstrap", method="PUT", path=["0", "1"], content=content
    )
    write = client.receive()
    assert (write.type, write.code, write.path) == (CON, PUT, "0/1")
    # TS Core 1.1 6.4.3 TLV: C8 00 08 string; C1 01 00; C1 02 03; C8 05 10 key
    expected = bytes.fromhex("c80008") + b"coap://h" + bytes.fromhex("c10100c10203c80510") + KEY
    assert write.payload == expected
    client.acknowledge(write, 0x44)
    peer.wait("response_received", exchange=sent["exchange"], code="2.04")

    sent = peer.call("send_request", server="bootstrap", method="POST", path=["bs"])
    finish = client.receive()
    assert (finish.code, finish.path, finish.payload) == (POST, "bs", b"")
    client.acknowledge(finish, 0x44)
    done = peer.wait("response_received", exchange=sent["exchange"])
    assert 0 < done["sent_us"] <= done["t"]

    dm_address = fresh_address()
    open_server(peer, dm_address, "lwm2m")
    dm = CoapClient((dm_address, 5683))
    register(dm)
    created = dm.receive()
    location = "/" + "/".join(v.decode() for v in created.values(LOCATION_PATH))
    assert created.code == 0x41 and location.startswith("/rd/")
    registered = peer.wait("registered", location=location)
    assert registered["endpoint"] == "urn:dev:1" and registered["lifetime"] == 60
    assert registered["objects"] == ["/1/0", "/3/0"] and registered["lwm2m"] == "1.1"
    assert peer.wait("response_sent", server="lwm2m")["location"] == location
    dm.request(POST, location, ("lt=120",))
    assert dm.receive().code == 0x44
    assert peer.wait("updated", location=location)["lifetime"] == 120
    dm.request(DELETE, location)
    assert dm.receive().code == 0x42
    peer.wait("deregistered", location=location)
    dm.request(POST, location)
    assert dm.receive().code == 0x84, "the location is gone"
    status = peer.call("status")
    assert status["datagrams"]["in"] == 7 and status["datagrams"]["out"] == 7
    assert peer.stop() == 0
    peer.wait("peer_stopped")
    assert len(read_events(tmp_path)) == len(peer.events)
    assert KEY.hex() not in (tmp_path / "events.jsonl").read_text()
    assert (tmp_path / "capture.pcapng").read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"


def test_update_for_an_unknown_location_draws_404(peer: PeerProcess, address: str) -> None:
    open_server(peer, address, "lwm2m")
    client = CoapClient((address, 5683))
    client.request(POST, "rd/77")
    assert client.receive().code == 0x84
    peer.wait("request_received", operation="update")
    assert not peer.all("updated")


def test_armed_update_404_then_success(peer: PeerProcess, address: str) -> None:
    open_server(peer, address, "lwm2m")
    client = CoapClient((address, 5683))
    register(client)
    location = "/".join(v.decode() for v in client.receive().values(LOCATION_PATH))
    answers = [{"action": "respond", "code": "4.04", "times": 1}]
    peer.call("arm", server="lwm2m", operation="update", answers=answers)
    client.request(POST, location)
    assert client.receive().code == 0x84
    client.request(POST, location)
    assert client.receive().code == 0x44


def test_register_on_a_bootstrap_server_is_other(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    register(client)
    assert client.receive().code == 0x84
    peer.wait("request_received", operation="other")


# armed answers


def test_held_request_is_answered_on_release(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    peer.call(
        "arm", server="bootstrap", operation="bootstrap_request", answers=[{"action": "hold"}]
    )
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    empty = client.receive()
    assert (empty.type, empty.code, empty.mid) == (ACK, 0, request.mid)
    held = peer.wait("answer_withheld", action="hold")
    peer.call("release", server="bootstrap", exchange=held["exchange"], code="4.00")
    answer = client.receive()
    assert (answer.type, answer.code, answer.token) == (CON, 0x80, request.token)
    client.send(Message(ACK, 0, answer.mid))
    peer.wait("response_sent", exchange=held["exchange"], code="4.00", how="separate")
    error = refused(peer, "release", server="bootstrap", exchange=held["exchange"], code="2.04")
    assert error.code == -32014


def test_silence_answers_nothing_and_is_told(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    answers = [{"action": "silence", "times": 1}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    peer.wait("answer_withheld", action="silence")
    client.send(request)  # a retransmission is as lost as the first
    assert client.nothing_comes(0.3)
    peer.wait("request_repeated")
    bootstrap_request(client)
    assert client.receive().code == 0x44


def test_separate_response_after_a_delay(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    answers = [{"action": "respond", "separate": True, "delay_us": 200_000}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    assert client.receive().code == 0
    answer = client.receive()
    assert (answer.type, answer.code, answer.token) == (CON, 0x44, request.token)
    client.send(Message(ACK, 0, answer.mid))
    seen, sent = peer.wait("request_received"), peer.wait("response_sent", how="separate")
    assert 200_000 <= sent["t"] - seen["t"] < 2_000_000


def test_piggybacked_response_after_a_delay(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    answers = [{"action": "respond", "code": "4.00", "delay_us": 150_000}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    answer = client.receive()
    assert (answer.type, answer.code, answer.mid) == (ACK, 0x80, request.mid)
    seen, sent = peer.wait("request_received"), peer.wait("response_sent", how="piggybacked")
    assert 150_000 <= sent["t"] - seen["t"] < 2_000_000


def test_duplicate_request_is_answered_alike_and_applied_once(
    peer: PeerProcess, address: str
) -> None:
    open_server(peer, address, "lwm2m")
    client = CoapClient((address, 5683))
    request = register(client)
    first = client.receive()
    client.send(request)
    assert client.receive() == first
    seen = peer.wait("request_received")
    peer.wait("request_repeated", exchange=seen["exchange"])
    assert len(peer.all("registered")) == 1 and len(peer.all("request_received")) == 1


def test_non_confirmable_request_gets_a_response(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    request = client.request(POST, "bs", ("ep=x",), type=NON)
    answer = client.receive()
    assert answer.token == request.token and answer.code == 0x44 and answer.type != ACK


# outbound requests


def test_request_is_retransmitted_and_reset_is_told(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    sent = peer.call("send_request", server="bootstrap", method="GET", path=["3"], accept=40)
    first = client.receive()
    again = client.receive()  # after ACK_TIMEOUT, 2 to 3 s (RFC 7252 4.2)
    assert first == again and first.code == GET
    peer.wait("request_retransmitted", exchange=sent["exchange"], attempt=1)
    client.send(Message(RST, 0, first.mid))
    peer.wait("exchange_failed", exchange=sent["exchange"], reason="reset")


def test_discover_response_is_decoded(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    sent = peer.call("send_request", server="bootstrap", method="GET", path=["0"], accept=40)
    request = client.receive()
    payload = b"lwm2m=1.1,</0/0>,</0/1>;ssid=101"
    reply = Message(ACK, 0x45, request.mid, request.token, [(12, b"\x28")], payload)
    client.send(reply)
    answer = peer.wait("response_received", exchange=sent["exchange"])
    assert answer["payload"] == payload.hex() and answer["content_format"] == 40
    links = answer["decoded"]["links"]
    assert [link["target"] for link in links] == ["", "/0/0", "/0/1"]
    assert links[0]["attributes"] == {"lwm2m": "1.1"} and links[2]["attributes"] == {"ssid": "101"}


def test_separate_response_of_the_client(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    sent = peer.call("send_request", server="bootstrap", method="POST", path=["bs"])
    request = client.receive()
    client.send(Message(ACK, 0, request.mid))
    peer.wait("acknowledged", exchange=sent["exchange"])
    client.send(Message(CON, 0x44, 0x7777, request.token))
    answer = peer.wait("response_received", exchange=sent["exchange"], code="2.04", type="CON")
    assert answer["sent_us"] < answer["t"]
    acknowledgement = client.receive()
    assert (acknowledgement.type, acknowledgement.code, acknowledgement.mid) == (ACK, 0, 0x7777)


def test_long_write_goes_in_blocks(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    body = bytes(range(40))
    sent = peer.call(
        "send_request",
        server="bootstrap",
        method="PUT",
        path=["0", "1"],
        content={"format": 42, "payload": body.hex()},
        block_size=16,
    )
    got = b""
    for number in range(3):
        block = client.receive()
        value = int.from_bytes(block.values(27)[0], "big")
        assert (value >> 4, value & 7) == (number, 0)
        got += block.payload
        code = 0x5F if value & 8 else 0x44  # 2.31 Continue, RFC 7959 2.9.1
        client.send(Message(ACK, code, block.mid, block.token, [(27, block.values(27)[0])]))
    assert got == body
    peer.wait("response_received", exchange=sent["exchange"], code="2.04")


# servers come and go


def test_closed_server_draws_icmp(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    peer.call("close_server", server="bootstrap")
    peer.wait("server_closed", server="bootstrap")
    peer.wait("association_closed", reason="server_closed")
    bootstrap_request(client)
    with pytest.raises(ConnectionRefusedError):
        client.receive()
    open_server(peer, address)
    bootstrap_request(client)
    assert client.receive().code == 0x44


def test_gone_client_is_told_by_icmp(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    remote = client.remote
    client.close()
    peer.call("send_request", server="bootstrap", method="POST", path=["bs"])
    error = peer.wait("icmp_error", remote=remote)
    assert (error["type"], error["code"]) == (3, 3)


def test_dropped_association_is_forgotten(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    client.receive()
    assert peer.call("drop_associations", server="bootstrap") == {"dropped": 1}
    peer.wait("association_closed", reason="dropped")
    error = refused(peer, "send_request", server="bootstrap", method="POST", path=["bs"])
    assert error.code == -32013
    client.send(request)  # with the message-layer state gone, this is a new request
    assert client.receive().code == 0x44
    assert peer.wait("request_received", association=2)


def test_address_in_use_and_not_available(peer: PeerProcess, address: str) -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind((address, 5683))
    params = {"role": "bootstrap", "port": 5683, "security": "none"}
    assert refused(peer, "open_server", server="a", address=address, **params).code == -32010
    taken.close()
    error = refused(peer, "open_server", server="a", address="192.0.2.1", **params)  # RFC 5737
    assert error.code == -32011
    assert refused(peer, "close_server", server="a").code == -32012


# noise


def test_garbage_is_told_and_harmless(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    for garbage in (
        b"\x00",
        b"\xff" * 40,
        b"\x4f\x01\x00\x01",
        b"\x41\x01\x00\x01",
        os.urandom(1200),
    ):
        client.socket.send(garbage)
    client.socket.send(b"")
    bootstrap_request(client)
    deadline = time.monotonic() + 10
    while (answer := client.receive()).code != 0x44:  # RST may come for the garbage
        assert time.monotonic() < deadline
    assert answer.type == ACK
    malformed = peer.wait("message_malformed", remote=client.remote)
    assert malformed["why"] and len(malformed["bytes"]) <= 128
    assert peer.stop() == 0


def test_flood_overloads_the_peer(peer: PeerProcess, address: str, tmp_path: Path) -> None:
    open_server(peer, address)
    flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flood.connect((address, 5683))
    deadline = time.monotonic() + 20
    while peer.process.poll() is None and time.monotonic() < deadline:
        for _ in range(200):
            try:
                flood.send(b"\x40\x00\x12\x34")  # a CoAP ping: 20,000 a second
            except ConnectionRefusedError:
                break
        time.sleep(0.01)
    assert peer.ended() == 3
    assert "second" in peer.wait("overloaded")["why"]
    assert read_events(tmp_path)[-1]["event"] in ("overloaded", "peer_stopped")


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
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
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


# the control protocol


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


def test_hello_comes_first_and_its_version_counts(tmp_path: Path) -> None:
    peer = PeerProcess(tmp_path, hello=False)
    assert refused(peer, "status").code == -32001
    assert refused(peer, "hello", protocol=2).code == -32001
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
    open_server(peer, address)
    error = refused(peer, method, **params)
    assert error.code == -32602 and word in error.data


def test_content_that_cannot_be_encoded(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    bad = {"object": 0, "level": "instance", "instances": [{"id": 0, "resources": {"1": "yes"}}]}
    params = {"server": "bootstrap", "method": "PUT", "path": ["0", "0"], "content": {"tlv": bad}}
    assert refused(peer, "send_request", **params).code == -32015


def test_key_is_redacted_in_what_a_client_sends(
    peer: PeerProcess, address: str, tmp_path: Path
) -> None:
    open_server(peer, address)
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


def test_impairment_of_messages(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    peer.call("impair", server="bootstrap", direction="in", layer="message", drop=[0])
    client = CoapClient((address, 5683))
    request = bootstrap_request(client)
    peer.wait("impaired", layer="message", what="drop")
    assert client.nothing_comes(0.2)
    client.send(request)
    assert client.receive().code == 0x44
    peer.call("impair", server="bootstrap", direction="out", layer="wire", duplicate=[0])
    bootstrap_request(client)
    assert client.receive() == client.receive()
    peer.wait("impaired", layer="wire", what="duplicate")


def test_raw_bytes_are_sent_as_they_are(peer: PeerProcess, address: str) -> None:
    open_server(peer, address)
    client = CoapClient((address, 5683))
    bootstrap_request(client)
    client.receive()
    for layer in ("message", "wire"):
        peer.call("send_raw", server="bootstrap", bytes="4fdead", layer=layer)
        assert client.socket.recv(100) == bytes.fromhex("4fdead")
