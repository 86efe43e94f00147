# SPDX-License-Identifier: Apache-2.0
"""The built peer opens associations itself, to `openssl s_server` or to a socket."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from coap_client import ACK, Message
from peer_process import PeerProcess

KEY = "00112233445566778899aabbccddeeff"
OTHER_KEY = "0f" * 16
IDENTITY = b"me".hex()
WAIT_S = 10.0
INVALID_PARAMS = -32602


class CalledClient:
    """openssl's server, with CoAP by hand inside. It checks a cookie, as `-listen` does."""

    def __init__(self, key: str = KEY, cipher: str = "PSK-AES128-CCM8") -> None:
        self.port = free_port()
        command = ["openssl", "s_server", "-dtls1_2", "-quiet", "-listen", "-nocert"]
        command += ["-accept", f"127.0.0.1:{self.port}", "-psk_identity", "me", "-psk", key]
        command += ["-cipher", cipher]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @property
    def remote(self) -> str:
        return f"127.0.0.1:{self.port}"

    def receive(self) -> Message:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        assert ready, "the client received nothing"
        return Message.decode(os.read(self.process.stdout.fileno(), 65536))

    def send(self, message: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message.encode())
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(WAIT_S)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def peer(tmp_path: Path, address: str) -> Iterator[PeerProcess]:
    process = PeerProcess(tmp_path)
    process.call(
        "open_server",
        server="bs",
        role="bootstrap",
        address=address,
        port=5684,
        security="psk",
        credentials=[{"identity": IDENTITY, "key": KEY}],
    )
    yield process
    if process.process.poll() is None:
        process.kill()


@pytest.fixture
def called() -> Iterator[Any]:
    clients: list[CalledClient] = []

    def make(**more: Any) -> CalledClient:
        clients.append(CalledClient(**more))
        return clients[-1]

    yield make
    for client in clients:
        client.kill()


def finish(peer: PeerProcess, client: Any, association: int) -> None:
    """A request that the peer sends is received and its answer comes back."""
    sent = peer.call(
        "send_request", server="bs", association=association, method="POST", path=["bs"]
    )
    request = client.receive()
    assert request.path == "bs"
    client.send(Message(ACK, 0x44, request.mid, request.token))
    peer.wait("response_received", exchange=sent["exchange"], code="2.04")


def test_handshake_as_client_with_the_servers_own_credential(
    peer: PeerProcess, called: Any, tmp_path: Path
) -> None:
    client = called()
    # openssl may not be listening yet: then the hello is repeated after a second
    number = peer.call("connect", server="bs", remote=client.remote)["association"]
    opened = peer.wait("association_opened", association=number, remote=client.remote)
    assert opened["initiated"] is True and opened["identity"] == IDENTITY
    assert opened["suite"] == "TLS_PSK_WITH_AES_128_CCM_8"
    assert not peer.all("client_hello"), "ours is no sign of the client"
    finish(peer, client, number)
    assert peer.stop() == 0
    assert KEY not in (tmp_path / "events.jsonl").read_text()


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_capture_can_be_decrypted(peer: PeerProcess, called: Any, tmp_path: Path) -> None:
    client = called()
    number = peer.call("connect", server="bs", remote=client.remote)["association"]
    peer.wait("association_opened", association=number)
    finish(peer, client, number)
    assert peer.stop() == 0
    command = ["tshark", "-r", str(tmp_path / "capture.pcapng"), "-Y", "coap", "-T", "json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(json.loads(shown)) == 2


def test_other_credentials_and_suites(peer: PeerProcess, called: Any, tmp_path: Path) -> None:
    client = called(key=OTHER_KEY, cipher="PSK-AES128-CBC-SHA256")
    number = peer.call(
        "connect",
        server="bs",
        remote=client.remote,
        credentials={"identity": b"you".hex(), "key": OTHER_KEY},
        suites=["TLS_PSK_WITH_AES_128_CBC_SHA256"],
    )["association"]
    opened = peer.wait("association_opened", association=number)
    assert opened["identity"] == b"you".hex()
    assert opened["suite"] == "TLS_PSK_WITH_AES_128_CBC_SHA256"
    assert peer.stop() == 0
    assert OTHER_KEY not in (tmp_path / "events.jsonl").read_text()


def test_no_common_suite_is_told_by_the_alert(peer: PeerProcess, called: Any) -> None:
    client = called(cipher="PSK-AES256-GCM-SHA384")
    number = peer.call("connect", server="bs", remote=client.remote)["association"]
    failed = peer.wait("handshake_failed", association=number)
    assert failed["reason"] == "alert_received" and failed["initiated"] is True
    assert peer.wait("alert_received")["description"] == "handshake_failure"


def test_wrong_key_opens_nothing(peer: PeerProcess, called: Any) -> None:
    client = called(key=OTHER_KEY)  # openssl says nothing to a Finished that it cannot decrypt
    number = peer.call("connect", server="bs", remote=client.remote)["association"]
    refused = peer.refused("connect", server="bs", remote=client.remote)
    assert refused.code == INVALID_PARAMS and "under way" in refused.data
    peer.call("drop_associations", server="bs")
    failed = peer.wait("handshake_failed", association=number)
    assert failed["reason"] == "dropped" and not peer.all("association_opened")


def test_nobody_there_is_an_icmp_error(peer: PeerProcess) -> None:
    remote = f"127.0.0.1:{free_port()}"
    peer.call("connect", server="bs", remote=remote)
    peer.wait("icmp_error", remote=remote)


@pytest.mark.parametrize(
    "params, told",
    [
        ({"remote": "localhost:5683"}, "remote"),
        ({"remote": "127.0.0.1"}, "remote"),
        ({"remote": "127.0.0.1:0"}, "remote"),
        ({"remote": "[::1]:5683"}, "remote"),
        ({"remote": "127.0.0.1:9", "credentials": 1}, "credentials"),
        ({"remote": "127.0.0.1:9", "credentials": {"identity": "", "key": KEY}}, "credentials"),
        ({"remote": "127.0.0.1:9", "credentials": {"identity": "00"}}, "credentials.key"),
        ({"remote": "127.0.0.1:9", "suites": ["TLS_X"]}, "suites"),
        ({"remote": "127.0.0.1:9", "more": 1}, "more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_parameters_are_named(peer: PeerProcess, params: dict[str, Any], told: str) -> None:
    refused = peer.refused("connect", server="bs", **params)
    assert refused.code == INVALID_PARAMS and told in refused.data
    assert not peer.all("handshake_failed")


class PlainClient:
    """A socket that the peer calls."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.remote = "%s:%d" % self.socket.getsockname()

    def receive(self) -> Message:
        datagram, self.sender = self.socket.recvfrom(65536)
        return Message.decode(datagram)

    def send(self, message: Message) -> None:
        self.socket.sendto(message.encode(), self.sender)


def test_without_security_it_is_open_at_once(tmp_path: Path, address: str) -> None:
    peer, client = PeerProcess(tmp_path), PlainClient()
    try:
        where = {"role": "bootstrap", "address": address, "port": 5685, "security": "none"}
        peer.call("open_server", server="bs", **where)
        number = peer.call("connect", server="bs", remote=client.remote)["association"]
        opened = peer.wait("association_opened", association=number)
        assert opened["initiated"] is True and opened["security"] == "none"
        finish(peer, client, number)
        assert client.sender == (address, 5685)
        second = peer.call("connect", server="bs", remote=client.remote)["association"]
        assert peer.wait("association_opened", association=second)["successor_of"] == number
        finish(peer, client, second)
        refused = peer.refused("connect", server="bs", remote=client.remote, credentials=0)
        assert refused.code == INVALID_PARAMS and "credentials" in refused.data
        assert peer.stop() == 0
    finally:
        client.socket.close()
        if peer.process.poll() is None:
            peer.kill()
