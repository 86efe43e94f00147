# SPDX-License-Identifier: Apache-2.0
"""A client that is told its own UDP port is told one that nobody else has."""

from __future__ import annotations

import random
import socket

import pytest
from bootcheck import local_port
from bootcheck.account import BootstrapServerAccount
from bootcheck.account_file import AccountFiles
from bootcheck.factory_facts import factory_facts
from bootcheck.layout import Layout
from bootcheck.profile import load

ACCOUNT = BootstrapServerAccount("coap://127.0.0.2:5683", "127.0.0.2", 5683, None)
PROFILES = Layout.of_this_package().profiles


def facts(profile: str) -> dict[str, str]:
    """What a client of this profile is told."""
    files, asks = AccountFiles(), load(PROFILES / profile)
    try:
        return factory_facts(asks, ACCOUNT, None, files, endpoint="e", edition="1.0")
    finally:
        files.remove()


def test_each_start_from_the_factory_has_another_port() -> None:
    told = [facts("awa.toml")["local_port"] for _ in range(200)]
    assert len(set(told)) == 200
    for port in told:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind(("", int(port)))


def test_no_port_is_taken_for_a_client_that_does_not_ask() -> None:
    assert "local_port" not in facts("reference-client.toml")


def test_a_port_in_use_and_one_given_before_are_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, free = local_port.free_port(), local_port.free_port()
    local_port._given.remove(free)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.3", 0))
        used = other.getsockname()[1]
        monkeypatch.setattr(random.SystemRandom, "sample", lambda *_: [used, before, free])
        assert local_port.free_port() == free
