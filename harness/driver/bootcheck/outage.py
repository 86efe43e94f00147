# SPDX-License-Identifier: Apache-2.0
"""Stimuli by an LwM2M Server that fails: it answers nothing, is gone, or refuses handshakes.

Each begins with an Update that is left unanswered, so that the client has something to lose; the
server is back with `LwM2MServer.accept_registration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Awaitable, Callable, Optional

from bootcheck.applied import Applied, ask_for_update
from bootcheck.peer import Event

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

_UNANSWERED = ("update", "register")


async def server_silent(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """The server answers neither Update nor Register nor a handshake any more."""
    return await _fail("server_silent", bench, dm, dm.fall_silent, "the server fell silent")


async def server_gone(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """The server's port is closed: what the client sends comes back as ICMP port unreachable."""
    return await _fail("server_gone", bench, dm, dm.close, "the server's port was closed")


async def handshake_refused(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """The DTLS session is closed, and each new ClientHello answered by a fatal alert."""
    told = "the DTLS session was closed and handshakes refused"
    return await _fail("handshake_refused", bench, dm, dm.refuse_handshakes, told)


async def _fail(
    name: str,
    bench: "Bench",
    dm: "LwM2MServer",
    fail: Callable[[], Awaitable[None]],
    what: str,
) -> Applied:
    seq = await dm.leave_unanswered(*_UNANSWERED)
    told = await ask_for_update(bench, dm)

    def unanswered(event: Event) -> bool:
        return event.name == "answer_withheld" and event.get("server") == dm.name

    event: Optional[Event] = await bench.wait_for(
        lambda e: unanswered(e) or bench.is_bootstrap_contact(e),
        after_seq=seq,
        within_s=bench.profile.timings.reaction_s,
    )
    if event is None:
        return Applied(name, seq, bench.now(), False, f"{told}; no Update came")
    await fail()
    # a client that went to its Bootstrap-Server at once had its reason by then
    effect_us = event.t if bench.is_bootstrap_contact(event) else bench.now()
    return Applied(name, seq, effect_us, True, f"{told}; {what}")
