# SPDX-License-Identifier: Apache-2.0
"""A CoAP client of a few lines on a plain socket, for tests of the peer: RFC 7252 3, by hand."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Optional

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = 0x01, 0x02, 0x03, 0x04
LOCATION_PATH, URI_PATH, CONTENT_FORMAT, URI_QUERY, BLOCK2, BLOCK1 = 8, 11, 12, 15, 23, 27
WAIT_S = 10.0


@dataclass
class Message:
    """A CoAP message; options are (number, value) in rising order."""

    type: int
    code: int
    mid: int
    token: bytes = b""
    options: list[tuple[int, bytes]] = field(default_factory=list)
    payload: bytes = b""

    def encode(self) -> bytes:
        out = bytes([0x40 | self.type << 4 | len(self.token), self.code]) + self.mid.to_bytes(
            2, "big"
        )
        out += self.token
        last = 0
        for number, value in self.options:
            delta, delta_more = _nibble(number - last)
            length, length_more = _nibble(len(value))
            out += bytes([delta << 4 | length]) + delta_more + length_more + value
            last = number
        return out + (b"\xff" + self.payload if self.payload else b"")

    @classmethod
    def decode(cls, data: bytes) -> "Message":
        assert data[0] >> 6 == 1, "version"
        end = 4 + (data[0] & 15)
        message = cls(data[0] >> 4 & 3, data[1], int.from_bytes(data[2:4], "big"), data[4:end])
        rest, number = data[end:], 0
        while rest and rest[0] != 0xFF:
            delta, length, rest = rest[0] >> 4, rest[0] & 15, rest[1:]
            delta, rest = _extended(delta, rest)
            length, rest = _extended(length, rest)
            number += delta
            message.options.append((number, rest[:length]))
            rest = rest[length:]
        message.payload = rest[1:]
        return message

    def values(self, number: int) -> list[bytes]:
        return [value for option, value in self.options if option == number]

    @property
    def path(self) -> str:
        return "/".join(value.decode() for value in self.values(URI_PATH))


def _nibble(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes([value - 13])
    return 14, (value - 269).to_bytes(2, "big")


def _extended(nibble: int, rest: bytes) -> tuple[int, bytes]:
    if nibble == 13:
        return rest[0] + 13, rest[1:]
    if nibble == 14:
        return int.from_bytes(rest[:2], "big") + 269, rest[2:]
    assert nibble < 15
    return nibble, rest


class CoapClient:
    """A socket that talks to one server."""

    def __init__(self, server: tuple[str, int], wait_s: float = WAIT_S) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(server)
        self.socket.settimeout(wait_s)
        self.mid = 0x1000

    @property
    def remote(self) -> str:
        return "%s:%d" % self.socket.getsockname()

    def request(
        self,
        code: int,
        path: str,
        query: tuple[str, ...] = (),
        payload: bytes = b"",
        content_format: Optional[int] = None,
        type: int = CON,
    ) -> Message:
        """Send a request with a fresh message id and token; the message."""
        self.mid += 1
        options = [(URI_PATH, segment.encode()) for segment in path.split("/") if segment]
        if content_format is not None:
            options.append((CONTENT_FORMAT, bytes([content_format]) if content_format else b""))
        options += [(URI_QUERY, item.encode()) for item in query]
        message = Message(type, code, self.mid, self.mid.to_bytes(2, "big"), options, payload)
        self.send(message)
        return message

    def bootstrap_request(self, endpoint: str = "urn:dev:1") -> Message:
        return self.request(POST, "bs", (f"ep={endpoint}",))

    def register(self, endpoint: str = "urn:dev:1", lifetime: int = 60) -> Message:
        query = (f"ep={endpoint}", f"lt={lifetime}", "lwm2m=1.1", "b=U")
        return self.request(POST, "rd", query, b"</1/0>,</3/0>", 40)

    def send(self, message: Message) -> None:
        self.socket.send(message.encode())

    def receive(self) -> Message:
        return Message.decode(self.socket.recv(65536))

    def nothing_comes(self, within_s: float) -> bool:
        """Whether the server is silent so long."""
        before = self.socket.gettimeout()
        self.socket.settimeout(within_s)
        try:
            self.socket.recv(65536)
            return False
        except socket.timeout:
            return True
        finally:
            self.socket.settimeout(before)

    def acknowledge(self, request: Message, code: int, payload: bytes = b"") -> None:
        """Answer a request of the server, piggy-backed."""
        self.send(Message(ACK, code, request.mid, request.token, [], payload))

    def close(self) -> None:
        self.socket.close()
