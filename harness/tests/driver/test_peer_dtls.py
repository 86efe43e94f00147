# SPDX-License-Identifier: Apache-2.0
"""The built peer over DTLS with PSK; the client is `openssl s_client` with CoAP by hand inside."""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from coap_client import ACK, CON, POST, URI_PATH, Message
from peer_process import PeerProcess, read_events

KEY = "00112233445566778899aabbccddeeff"
OTHER_KEY = "0f" * 16
WAIT_S = 10.0


class DtlsClient:
    """One session of openssl's client."""

    def __init__(
        self,
        address: str,
        identity: str = "me",
        key: str = KEY,
        cipher: str = "PSK-AES128-CCM8",
        port: int = 0,
    ) -> None:
        command = [
            "openssl",
            "s_client",
            "-dtls1_2",
            "-quiet",
            "-no_ign_eof",
            "-connect",
            f"{address}:5684",
        ]
        command += ["-psk_identity", identity, "-psk", key, "-cipher", cipher]
        command += ["-bind", f"127.0.0.1:{port}"] if port else []
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def send(self, message: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message.encode())
        self.process.stdin.flush()

    def receive(self) -> Message:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        assert ready, "the client received nothing"
        return Message.decode(os.read(self.process.stdout.fileno(), 65536))

    def close(self) -> None:
        """Close the session in order: openssl sends close_notify."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(WAIT_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(WAIT_S)


@pytest.fixture
def peer(tmp_path: Path, address: str) -> Iterator[PeerProcess]:
    process = PeerProcess(tmp_path)
    opened = process.call(
        "open_server",
        server="bs",
        role="bootstrap",
        address=address,
        port=5684,
        security="psk",
        credentials=[{"identity": b"me".hex(), "key": KEY}],
    )
    assert opened["uri"] == f"coaps://{address}:5684"
    yield process
    if process.process.poll() is None:
        process.kill()


@pytest.fixture
def connect(address: str) -> Iterator[Any]:
    clients: list[DtlsClient] = []

    def make(**more: Any) -> DtlsClient:
        clients.append(DtlsClient(address, **more))
        return clients[-1]

    yield make
    for client in clients:
        client.kill()


def bootstrap_request(mid: int = 1) -> Message:
    return Message(CON, POST, mid, b"\x01\x02", [(URI_PATH, b"bs"), (15, b"ep=x")])


def test_bootstrap_over_psk(peer: PeerProcess, connect: Any, tmp_path: Path) -> None:
    client = connect()
    opened = peer.wait("association_opened")
    assert opened["identity"] == b"me".hex() and opened["suite"] == "TLS_PSK_WITH_AES_128_CCM_8"
    first, second = peer.all("client_hello")[:2]
    assert not first["cookie"] and second["cookie"] and not second["successor"]
    assert peer.wait("identity_offered")["known"] is True
    client.send(bootstrap_request())
    assert client.receive().code == 0x44
    seen = peer.wait("request_received")
    assert seen["identity"] == b"me".hex() and seen["association"] == opened["association"]
    sent = peer.call("send_request", server="bs", method="POST", path=["bs"])
    finish = client.receive()
    client.send(Message(ACK, 0x44, finish.mid, finish.token))
    peer.wait("response_received", exchange=sent["exchange"], code="2.04")
    client.close()
    peer.wait("association_closed", reason="close_notify")
    assert peer.stop() == 0
    assert KEY not in (tmp_path / "events.jsonl").read_text()
    assert read_events(tmp_path)


def test_wrong_key_is_told_with_its_identity(peer: PeerProcess, connect: Any) -> None:
    connect(key=OTHER_KEY)
    failed = peer.wait("handshake_failed")
    assert failed["identity"] == b"me".hex()
    assert peer.wait("alert_sent")["number"] in (20, 51)  # bad_record_mac, decrypt_error
    assert not peer.all("association_opened") and not peer.all("datagram_undecodable")


def test_unknown_identity_draws_its_alert(peer: PeerProcess, connect: Any) -> None:
    connect(identity="you")
    assert peer.wait("identity_offered")["known"] is False
    assert peer.wait("alert_sent")["number"] == 115
    assert peer.wait("handshake_failed")["identity"] == b"you".hex()


def test_no_common_suite_is_told(peer: PeerProcess, connect: Any) -> None:
    connect(cipher="PSK-AES256-GCM-SHA384")
    peer.wait("handshake_failed")
    assert peer.wait("alert_sent")["number"] == 40


def test_replaced_credentials_count_for_the_next_handshake(peer: PeerProcess, connect: Any) -> None:
    client = connect()
    peer.wait("association_opened")
    replaced = [{"identity": b"me".hex(), "key": OTHER_KEY}]
    peer.call("set_credentials", server="bs", credentials=replaced)
    client.send(bootstrap_request())
    assert client.receive().code == 0x44, "the live association stays"
    connect()
    peer.wait("handshake_failed")
    connect(key=OTHER_KEY)
    peer.wait("association_opened", after=peer.wait("handshake_failed")["seq"])


def test_armed_alert_and_silence_meet_the_hello(peer: PeerProcess, connect: Any) -> None:
    answers = [{"action": "alert", "alert": 48, "times": 1}, {"action": "silence"}]
    peer.call("arm", server="bs", operation="handshake", answers=answers)
    connect()
    assert peer.wait("alert_sent")["description"] == "unknown_ca"
    client = connect()
    peer.wait("answer_withheld", operation="handshake", action="silence")
    assert not peer.all("association_opened")
    peer.call("arm", server="bs", operation="handshake", answers=[])
    peer.wait("association_opened")  # at the hello's retransmission, after a second
    client.send(bootstrap_request())
    assert client.receive().code == 0x44


def test_dropped_association_needs_a_fresh_handshake(peer: PeerProcess, connect: Any) -> None:
    client = connect()
    peer.wait("association_opened")
    assert peer.call("drop_associations", server="bs") == {"dropped": 1}
    peer.wait("association_closed", reason="dropped")
    client.send(bootstrap_request())
    peer.wait("datagram_undecodable")
    assert not peer.all("request_received")
    connect()
    peer.wait("association_opened", association=2)


def test_new_handshake_from_the_same_port_supersedes(peer: PeerProcess, connect: Any) -> None:
    port = 40000 + os.getpid() % 20000
    first = connect(port=port)
    peer.wait("association_opened")
    first.kill()  # without close_notify
    second = connect(port=port)
    opened = peer.wait("association_opened", association=2)
    assert opened["successor_of"] == 1
    peer.wait("association_closed", association=1, reason="superseded")
    assert any(hello["successor"] for hello in peer.all("client_hello"))
    second.send(bootstrap_request())
    assert second.receive().code == 0x44


def test_plain_coap_on_a_dtls_port_is_told(peer: PeerProcess, address: str) -> None:
    from coap_client import CoapClient

    client = CoapClient((address, 5684))
    client.send(bootstrap_request())
    told = peer.wait("datagram_undecodable", remote=client.remote)
    assert told["bytes"] == bootstrap_request().encode().hex()


def test_key_of_a_write_is_not_in_the_events(
    peer: PeerProcess, connect: Any, tmp_path: Path
) -> None:
    client = connect()
    peer.wait("association_opened")
    instance = {"id": 1, "resources": {"0": "coaps://h", "2": 0, "5": {"hex": OTHER_KEY}}}
    tlv = {"object": 0, "level": "instance", "instances": [instance]}
    peer.call("send_request", server="bs", method="PUT", path=["0", "1"], content={"tlv": tlv})
    write = client.receive()
    assert bytes.fromhex(OTHER_KEY) in write.payload
    # the client sends it back, by the wrong end of a Read
    client.send(Message(ACK, 0x45, write.mid, write.token, [(12, b"\x2d\x16")], write.payload))
    answer = peer.wait("response_received")
    values = {node["id"]: node["value"] for node in answer["decoded"]["tlv"]}
    assert values[0] == "coaps://h" and values[2] == 0 and set(values[5]) == {"redacted"}
    time.sleep(0.05)
    assert peer.stop() == 0
    assert OTHER_KEY not in (tmp_path / "events.jsonl").read_text()
