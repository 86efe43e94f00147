# SPDX-License-Identifier: Apache-2.0
"""The always-on rules of the built peer: what is told of a message that breaks one."""

from __future__ import annotations

from coap_client import NON, POST, CoapClient
from peer_process import PeerProcess


def test_a_lawful_request_is_held_and_breaks_nothing(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    assert peer.call("status")["rules"] == {}
    client = CoapClient((address, 5683))
    client.bootstrap_request()
    client.receive()
    held = peer.call("status")["rules"]["confirmable"]
    assert held == {"requirement": "SEQ-20", "held": 1, "broken": 0}
    assert not peer.all("rule_broken")


def test_a_breach_is_told_with_its_request(peer: PeerProcess, address: str) -> None:
    peer.open_server(address)
    client = CoapClient((address, 5683))
    client.request(POST, "bs", ("ep=urn:dev:1",), type=NON)
    client.receive()
    request = peer.wait("request_received")
    broken = peer.wait("rule_broken", rule="confirmable", requirement="SEQ-20")
    assert (broken["exchange"], broken["t"]) == (request["exchange"], request["t"])
    assert broken["what"] == "Bootstrap-Request is NON"
    assert peer.call("status")["rules"]["confirmable"]["broken"] == 1
    assert peer.stop() == 0
    assert peer.wait("peer_stopped")["rules"]["confirmable"]["broken"] == 1
