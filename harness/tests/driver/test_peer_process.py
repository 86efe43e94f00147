# SPDX-License-Identifier: Apache-2.0
"""The built peer as a process: its servers over UDP, without security."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

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
from peer_process import PeerProcess, fresh_address, read_events

KEY = bytes.fromhex("00112233445566778899aabbccddeeff")


# the whole way


def test_bootstrap_and_registration(peer: PeerProcess, address: str, tmp_path: Path) -> None:
    uri = peer.open_server(address)["uri"]
    assert uri == f"coap://{address}:5683" or uri == f"coap://{address}"
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
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
    peer.open_server(dm_address, "lwm2m")
    dm = CoapClient((dm_address, 5683))
    dm.register()
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
    peer.open_server(address, "lwm2m")
    client = CoapClient((address, 5683))
    client.request(POST, "rd/77")
    assert client.receive().code == 0x84
    peer.wait("request_received", operation="update")
    assert not peer.all("updated")


def test_armed_update_404_then_success(peer: PeerProcess, address: str) -> None:
    peer.open_server(address, "lwm2m")
    client = CoapClient((address, 5683))
    client.register()
    location = "/".join(v.decode() for v in client.receive().values(LOCATION_PATH))
    answers = [{"action": "respond", "code": "4.04", "times": 1}]
    peer.call("arm", server="lwm2m", operation="update", answers=answers)
    client.request(POST, location)
    assert client.receive().code == 0x84
    client.request(POST, location)
    assert client.receive().code == 0x44


def test_register_on_a_bootstrap_server_is_other(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.register()
    assert client.receive().code == 0x84
    peer.wait("request_received", operation="other")


# armed answers


def test_held_request_is_answered_on_release(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    peer.call(
        "arm", server="bootstrap", operation="bootstrap_request", answers=[{"action": "hold"}]
    )
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    empty = client.receive()
    assert (empty.type, empty.code, empty.mid) == (ACK, 0, request.mid)
    held = peer.wait("answer_withheld", action="hold")
    peer.call("release", server="bootstrap", exchange=held["exchange"], code="4.00")
    answer = client.receive()
    assert (answer.type, answer.code, answer.token) == (CON, 0x80, request.token)
    client.send(Message(ACK, 0, answer.mid))
    peer.wait("response_sent", exchange=held["exchange"], code="4.00", how="separate")
    error = peer.refused("release", server="bootstrap", exchange=held["exchange"], code="2.04")
    assert error.code == -32014


def test_silence_answers_nothing_and_is_told(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    answers = [{"action": "silence", "times": 1}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    peer.wait("answer_withheld", action="silence")
    client.send(request)  # a retransmission is as lost as the first
    assert client.nothing_comes(0.3)
    peer.wait("request_repeated")
    client.bootstrap_request()
    assert client.receive().code == 0x44


def test_separate_response_after_a_delay(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    answers = [{"action": "respond", "separate": True, "delay_us": 200_000}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    assert client.receive().code == 0
    answer = client.receive()
    assert (answer.type, answer.code, answer.token) == (CON, 0x44, request.token)
    client.send(Message(ACK, 0, answer.mid))
    seen, sent = peer.wait("request_received"), peer.wait("response_sent", how="separate")
    assert 200_000 <= sent["t"] - seen["t"] < 2_000_000


def test_piggybacked_response_after_a_delay(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    answers = [{"action": "respond", "code": "4.00", "delay_us": 150_000}]
    peer.call("arm", server="bootstrap", operation="bootstrap_request", answers=answers)
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    answer = client.receive()
    assert (answer.type, answer.code, answer.mid) == (ACK, 0x80, request.mid)
    seen, sent = peer.wait("request_received"), peer.wait("response_sent", how="piggybacked")
    assert 150_000 <= sent["t"] - seen["t"] < 2_000_000


def test_duplicate_request_is_answered_alike_and_applied_once(
    peer: PeerProcess, address: str
) -> None:
    peer.open_server(address, "lwm2m")
    client = CoapClient((address, 5683))
    request = client.register()
    first = client.receive()
    client.send(request)
    assert client.receive() == first
    seen = peer.wait("request_received")
    peer.wait("request_repeated", exchange=seen["exchange"])
    assert len(peer.all("registered")) == 1 and len(peer.all("request_received")) == 1


def test_non_confirmable_request_gets_a_response(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    request = client.request(POST, "bs", ("ep=x",), type=NON)
    answer = client.receive()
    assert answer.token == request.token and answer.code == 0x44 and answer.type != ACK


# outbound requests


def test_request_is_retransmitted_and_reset_is_told(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    sent = peer.call("send_request", server="bootstrap", method="GET", path=["3"], accept=40)
    first = client.receive()
    again = client.receive()  # after ACK_TIMEOUT, 2 to 3 s (RFC 7252 4.2)
    assert first == again and first.code == GET
    peer.wait("request_retransmitted", exchange=sent["exchange"], attempt=1)
    client.send(Message(RST, 0, first.mid))
    peer.wait("exchange_failed", exchange=sent["exchange"], reason="reset")


def test_discover_response_is_decoded(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
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
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
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


def test_second_answer_to_a_duplicated_request_is_told(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    peer.call("impair", server="bootstrap", direction="out", layer="message", duplicate=[0])
    sent = peer.call("send_request", server="bootstrap", method="DELETE", path=["1"])
    request = client.receive()
    assert client.receive() == request
    client.send(Message(ACK, 0x42, request.mid, request.token))
    client.send(Message(ACK, 0x84, request.mid, request.token))
    peer.wait("response_received", exchange=sent["exchange"], code="2.02")
    peer.wait("response_repeated", exchange=sent["exchange"], code="4.04", type="ACK")
    assert not peer.all("response_unmatched")


def test_long_write_goes_in_blocks(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
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
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    peer.call("close_server", server="bootstrap")
    peer.wait("server_closed", server="bootstrap")
    peer.wait("association_closed", reason="server_closed")
    client.bootstrap_request()
    with pytest.raises(ConnectionRefusedError):
        client.receive()
    peer.open_server(address)
    client.bootstrap_request()
    assert client.receive().code == 0x44


def test_gone_client_is_told_by_icmp(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    remote = client.remote
    client.close()
    peer.call("send_request", server="bootstrap", method="POST", path=["bs"])
    error = peer.wait("icmp_error", remote=remote)
    assert (error["type"], error["code"]) == (3, 3)


def test_dropped_association_is_forgotten(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    client.receive()
    assert peer.call("drop_associations", server="bootstrap") == {"dropped": 1}
    peer.wait("association_closed", reason="dropped")
    error = peer.refused("send_request", server="bootstrap", method="POST", path=["bs"])
    assert error.code == -32013
    client.send(request)  # with the message-layer state gone, this is a new request
    assert client.receive().code == 0x44
    assert peer.wait("request_received", association=2)


def test_address_in_use_and_not_available(peer: PeerProcess, address: str) -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind((address, 5683))
    params = {"role": "bootstrap", "port": 5683, "security": "none"}
    assert peer.refused("open_server", server="a", address=address, **params).code == -32010
    taken.close()
    error = peer.refused("open_server", server="a", address="192.0.2.1", **params)  # RFC 5737
    assert error.code == -32011
    assert peer.refused("close_server", server="a").code == -32012


# noise


def test_garbage_is_told_and_harmless(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
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
    client.bootstrap_request()
    deadline = time.monotonic() + 10
    while (answer := client.receive()).code != 0x44:  # RST may come for the garbage
        assert time.monotonic() < deadline
    assert answer.type == ACK
    malformed = peer.wait("message_malformed", remote=client.remote)
    assert malformed["why"] and len(malformed["bytes"]) <= 128
    assert peer.stop() == 0


def test_flood_overloads_the_peer(peer: PeerProcess, address: str, tmp_path: Path) -> None:
    peer.open_server(address)
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


def test_impairment_of_messages(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    peer.call("impair", server="bootstrap", direction="in", layer="message", drop=[0])
    client = CoapClient((address, 5683))
    request = client.bootstrap_request()
    lost = peer.wait("impaired", layer="message", what="drop")
    assert (lost["mid"], lost["code"]) == (request.mid, "0.02")
    assert client.nothing_comes(0.2)
    client.send(request)
    assert client.receive().code == 0x44
    peer.call("impair", server="bootstrap", direction="out", layer="wire", duplicate=[0])
    client.bootstrap_request()
    assert client.receive() == client.receive()
    peer.wait("impaired", layer="wire", what="duplicate")


def test_raw_bytes_are_sent_as_they_are(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    for layer in ("message", "wire"):
        peer.call("send_raw", server="bootstrap", bytes="4fdead", layer=layer)
        assert client.socket.recv(100) == bytes.fromhex("4fdead")
