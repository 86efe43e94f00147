# SPDX-License-Identifier: Apache-2.0
"""Lanes never share addresses, not even over processes."""

from __future__ import annotations

import errno
import random
import signal
import socket
import subprocess
import sys

import pytest
from bootcheck import addresses
from bootcheck.addresses import AddressBlock, AddressError
from project import DRIVER

HOLD = """
import random, sys
from bootcheck.addresses import AddressBlock
block = AddressBlock.take(random.Random(7))
print(block.network, flush=True)
sys.stdin.read()
"""


def test_blocks_of_one_process_differ() -> None:
    blocks = [AddressBlock.take(random.Random(7)) for _ in range(70)]
    assert len({block.network for block in blocks}) == 70
    for block in blocks:
        block.release()


def test_a_block_is_held_against_other_processes_and_free_after_a_kill() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={"PYTHONPATH": str(DRIVER)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    held = holder.stdout.readline().strip()
    mine = AddressBlock.take(random.Random(7))
    assert held and mine.network != held
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    again = AddressBlock.take(random.Random(7))
    assert again.network == held
    mine.release()
    again.release()


def test_addresses_can_be_bound_and_are_within_the_block() -> None:
    block = AddressBlock.take()
    prefix = block.network.removesuffix("0/24")
    for number in (1, 2, 254):
        assert block.address(number) == f"{prefix}{number}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((block.address(number), 5683))
    for number in (0, 255, -1):
        with pytest.raises(ValueError):
            block.address(number)
    block.release()


def test_a_released_block_can_be_taken_again() -> None:
    block = AddressBlock.take(random.Random(3))
    network = block.network
    block.release()
    again = AddressBlock.take(random.Random(3))
    assert again.network == network
    again.release()


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as everywhere:
        everywhere.bind(("0.0.0.0", 0))
        port = everywhere.getsockname()[1]
        monkeypatch.setattr(addresses, "COAP_PORTS", (port,))
        with pytest.raises(AddressError, match=f"UDP port {port} is taken .* stop it"):
            AddressBlock.take()


def test_a_loopback_interface_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class DeadSocket(socket.socket):
        def bind(self, address: object) -> None:
            if isinstance(address, tuple):
                raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
            super().bind(address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "socket", DeadSocket)
    with pytest.raises(AddressError, match="loopback interface is down"):
        AddressBlock.take()


def test_no_free_block_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_BLOCKS", 2)
    held = [AddressBlock.take(), AddressBlock.take()]
    with pytest.raises(AddressError, match="held by another Bootcheck lane"):
        AddressBlock.take()
    for block in held:
        block.release()
