# SPDX-License-Identifier: Apache-2.0
"""Who is the client of a handshake: from 1.1 on always the LwM2M Client (SEC-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.device import authority
from bootcheck.local_port import free_port
from bootcheck.server_initiated import SUITES, client_address

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_WAIT_S = (
    4.0  # a ClientHello that is lost is sent again after 1 s, and 2 s later (RFC 6347 4.2.4.1)
)


def listening_port(bench: "Bench") -> Optional[int]:
    """Where a client that listens in other editions would do so."""
    return free_port() if bench.profile.listens else None


async def expect_no_dtls_server(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", port: Optional[int]
) -> None:
    """Neither the port of the client's registration nor `port` takes part in a handshake.

    A DTLS server answers a ClientHello at once.
    """
    remotes = [_remote_of(bench, dm)]
    if port is not None:
        remotes.append(authority(client_address(bench), port))
    opened = [remote for remote in remotes if await _takes_part(bench, bs, remote)]
    path = ("1", str(dm.number), "1")
    answer = await dm.read(path, bench.profile.timings.answer_s)
    alive = answer is not None and answer.get("code") is not None
    bench.check(
        "no-dtls-server",
        bench.row("SEC-07"),
        not opened if opened or alive else None,
        "the client is the client of every handshake",
        expected=f"no session with {' or '.join(remotes)} that a server begins",
        observed=f"one with {', '.join(opened)}"
        if opened
        else f"none within {_WAIT_S:g} s, and the client {'is alive' if alive else 'was silent'}",
    )


def _remote_of(bench: "Bench", dm: "LwM2MServer") -> str:
    spoken = [e for e in bench.peer.events if dm.is_registration(e)]
    number = spoken[-1]["association"]
    event = bench.peer.first(lambda e: e.get("association") == number and "remote" in e.data)
    assert event is not None
    return str(event["remote"])


async def _takes_part(bench: "Bench", bs: "BootstrapServer", remote: str) -> bool:
    assert bs.credentials is not None
    seq = bench.peer.last_seq
    answer = await bench.peer.call(
        "connect",
        server=bs.name,
        remote=remote,
        credentials=bs.credentials.as_json(),
        suites=list(SUITES),
    )
    event = await bench.wait_for(
        lambda e: e.get("association") == answer["association"] and e.name == "association_opened",
        after_seq=seq,
        within_s=_WAIT_S,
    )
    return event is not None
