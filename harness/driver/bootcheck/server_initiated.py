# SPDX-License-Identifier: Apache-2.0
"""Server Initiated Bootstrap of CR and 1.0: the Bootstrap-Server contacts the client unasked.

Over DTLS the roles are reversed: the client is the DTLS server (TS 1.0, Transport).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from bootcheck.account import BootstrapServerAccount
from bootcheck.device import authority
from bootcheck.ending import Trouble
from bootcheck.local_port import free_port
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession
from bootcheck.verdict import ErrorKind

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer

# The two of the enabler, and one more: a client's library may have dropped both for their strength
# (OpenSSL from 3.2 on takes no 64-bit tag, and libcoap's server there no CBC).
SUITES = (
    "TLS_PSK_WITH_AES_128_CCM_8",
    "TLS_PSK_WITH_AES_128_CBC_SHA256",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
)


async def begin(
    bench: "Bench", bs: "BootstrapServer", account: BootstrapServerAccount
) -> BootstrapSession:
    """Start the client, refuse its own Bootstrap-Request, and start a session unasked.

    The refused request tells that the client is up. Its own requests stay refused until
    the server's `accept_requests`, so that the session is the server's.
    """
    session, _ = await begin_at(bench, bs, account)
    return session


async def begin_at(
    bench: "Bench", bs: "BootstrapServer", account: BootstrapServerAccount
) -> tuple[BootstrapSession, str]:
    """The same, and where the client listens."""
    await bs.refuse_requests()
    port = free_port()
    await bench.start_client(account, listen_port=port)
    await bs.expect_bootstrap_request()
    bench.note("the Bootstrap-Server starts a session unasked")
    remote = authority(client_address(bench), port)
    return await bs.connect(remote), remote


def client_address(bench: "Bench") -> str:
    """Where a client listens: on this machine, or where the profile says that the device is."""
    held = bench.lane.held
    if held is None or held.device.address is None:
        return "127.0.0.1"
    if held.device.client_address is None:
        raise Trouble(
            ErrorKind.PROFILE,
            f"{bench.profile.where('device')}: device {held.device.name} has no client_address: "
            "say at which address it listens",
        )
    return held.device.client_address


async def connect(bench: "Bench", bs: "BootstrapServer", remote: str) -> BootstrapSession:
    """Open an association with a client that listens; its session."""
    bound = bench.profile.timings.answer_s
    session, why = await try_to_connect(bench, bs, remote, within_s=bound)
    if session is None:
        raise Trouble(
            ErrorKind.PROFILE,
            f"the client cannot be reached at {remote} ({why}): does it listen there as DTLS "
            f"server, as {bench.profile.where('handle.listens')} says?",
        )
    return session


async def try_to_connect(
    bench: "Bench", bs: "BootstrapServer", remote: str, *, within_s: float
) -> tuple[Optional[BootstrapSession], str]:
    """Open an association with a client that may listen; its session, or why there is none."""
    seq = bench.peer.last_seq
    secured: dict[str, Any] = {}
    if bs.credentials is not None:
        secured = {"credentials": bs.credentials.as_json(), "suites": list(SUITES)}
    answer = await bench.peer.call("connect", server=bs.name, remote=remote, **secured)
    number = answer["association"]

    def is_outcome(event: Event) -> bool:
        return event.get("association") == number and event.name in (
            "association_opened",
            "handshake_failed",
        )

    event = await bench.wait_for(is_outcome, after_seq=seq, within_s=within_s)
    if event is None:
        return None, f"no handshake within {within_s:g} s"
    if event.name == "handshake_failed":
        return None, str(event["reason"])
    return BootstrapSession(bench, bs, number, event), ""
