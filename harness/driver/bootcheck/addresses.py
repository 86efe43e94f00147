# SPDX-License-Identifier: Apache-2.0
"""Loopback addresses: each lane has a /24 of 127/8 to itself, on the whole machine."""

from __future__ import annotations

import errno
import ipaddress
import random
import socket
from dataclasses import dataclass
from typing import Optional, Protocol

COAP_PORTS = (5683, 5684)
_BLOCKS = 254 * 256  # 127.1.0.0/24 … 127.254.255.0/24; 127.0 and 127.255 are left to others
_PROBES = 32


class AddressError(Exception):
    """No addresses can be had (an ERROR of the environment); the text says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where a server is bound, and the host that clients are told (None: as it is bound)."""

    address: str
    port: int
    uri_host: Optional[str] = None


class Places(Protocol):
    """What gives the servers of a lane their places."""

    def place(self, number: int, secure: bool) -> Place:
        """The place of server `number`, from 1."""

    def release(self) -> None:
        """Let others have them."""


class AddressBlock:
    """A /24 of 127/8, held until `release` or the end of the process, however it ends.

    The hold is an abstract unix socket of the block's name: the kernel drops it with the process,
    and it is seen in the same network namespace as the addresses themselves.
    """

    def __init__(self, network: str, hold: socket.socket) -> None:
        self._prefix = network
        self._hold = hold

    @classmethod
    def take(cls, randomness: random.Random | None = None) -> "AddressBlock":
        """A block that no other lane of the machine holds and whose CoAP ports can be bound."""
        start = (randomness or random.SystemRandom()).randrange(_BLOCKS)
        refusal = ""
        refused = 0
        for step in range(_BLOCKS):
            number = (start + step) % _BLOCKS
            prefix = f"127.{1 + number // 256}.{number % 256}"
            hold = _hold(prefix)
            if hold is None:
                continue
            refusal = _why_not(f"{prefix}.1")
            if not refusal:
                return cls(prefix, hold)
            hold.close()
            refused += 1
            if refused == _PROBES:
                raise AddressError(refusal)
        raise AddressError(refusal or "every /24 of 127/8 is held by another Bootcheck lane")

    @property
    def network(self) -> str:
        """In CIDR notation."""
        return f"{self._prefix}.0/24"

    def address(self, number: int) -> str:
        """Address `number`, from 1 to 254."""
        if not 1 <= number <= 254:
            raise ValueError(f"a lane has addresses 1 to 254, not {number}")
        return str(ipaddress.IPv4Address(f"{self._prefix}.{number}"))

    def place(self, number: int, secure: bool) -> Place:
        """An address of its own and the standard port: captures are dissected unasked."""
        return Place(self.address(number), COAP_PORTS[secure])

    def release(self) -> None:
        """Let others have the block; nothing of the lane may use it any more."""
        self._hold.close()


def _hold(prefix: str) -> socket.socket | None:
    hold = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        hold.bind(f"\0bootcheck-block-{prefix}")
    except OSError as problem:
        hold.close()
        if problem.errno == errno.EADDRINUSE:
            return None
        raise AddressError(f"no abstract unix socket can be bound: {problem.strerror}") from None
    return hold


def _why_not(address: str) -> str:
    """Why the CoAP ports of an address cannot be bound; empty when they can."""
    for port in COAP_PORTS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, port))
            except OSError as problem:
                if problem.errno == errno.EADDRINUSE:
                    return (
                        f"UDP port {port} is taken on {address}: a CoAP server listens on all"
                        f" addresses of this machine; stop it (ss -lunp 'sport = :{port}')"
                    )
                if problem.errno == errno.EADDRNOTAVAIL:
                    return (
                        f"{address} cannot be bound: the loopback interface is down or has not"
                        " 127.0.0.1/8 (ip link set lo up)"
                    )
                return f"{address}:{port} cannot be bound: {problem.strerror}"
    return ""
