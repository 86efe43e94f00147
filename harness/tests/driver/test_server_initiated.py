# SPDX-License-Identifier: Apache-2.0
"""Sessions that the Bootstrap-Server starts: the port, and a client that cannot be reached."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Iterator

import pytest
from bootcheck.bench import Bench
from bootcheck.local_port import free_port
from bootcheck.verdict import ErrorKind, Verdict
from test_bad_clients import BadClient

# it answers every request by 2.04, and writes down what it was asked
LISTENING = """
import pathlib
listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listening.bind(("127.0.0.1", 0))
pathlib.Path("port").write_text(str(listening.getsockname()[1]))
s.send(request)
while True:
    datagram, sender = listening.recvfrom(2000)
    token = datagram[4 : 4 + (datagram[0] & 15)]
    listening.sendto(bytes([0x60 | len(token), 0x44]) + datagram[2:4] + token, sender)
"""


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[BadClient]:
    client = BadClient(tmp_path)
    yield client
    client.block.release()


def test_port_is_free_on_every_address() -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as user:
        user.bind(("127.0.0.1", port))
    assert 20000 <= port < 32768


def test_session_with_a_client_that_listens(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        bs = await bench.bootstrap_server()
        await bench.start_client(account=bs.account())
        await bs.expect_bootstrap_request()
        session = await bs.connect(f"127.0.0.1:{(bench.lane.directory / 'port').read_text()}")
        assert session.request.get("initiated") is True
        await session.finish()

    result = bad.run(LISTENING, body=body)
    assert result.verdict is Verdict.PASS, (result.reason, result.details)


def test_handshake_that_nobody_answers_is_an_error_of_the_profile(bad: BadClient) -> None:
    async def body(bench: Bench) -> None:
        bs = await bench.bootstrap_server()
        await bs.connect(f"127.0.0.1:{free_port()}")

    result = bad.run("time.sleep(60)", body=body, security="psk")
    assert result.verdict is Verdict.ERROR and result.error_kind is ErrorKind.PROFILE
    assert "no handshake within 1 s" in result.reason and "cannot be reached" in result.reason
