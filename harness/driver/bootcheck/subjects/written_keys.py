# SPDX-License-Identifier: Apache-2.0
"""Keys that a bootstrap writes, and whether the next handshake has them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Optional

from bootcheck.account import Credentials
from bootcheck.applied import ask_for_update
from bootcheck.ending import Ended
from bootcheck.evidence import describe, identity_text
from bootcheck.peer import Event
from bootcheck.requirement import Requirement

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

IDENTITY_BYTES = 128  # RFC 4279 5.3
KEY_BYTES = 32  # of 64 (RFC 4279 5.3), more than which the peer's mbedTLS does not take
_ODD = bytes.fromhex("ff 00 80 0a c3 00")  # NUL, no UTF-8, a line's end


def odd_key(bench: "Bench", label: str) -> Credentials:
    """A key of 16 bytes that is no text, with NUL near its start and at its end."""
    key = _ODD + secrets.token_bytes(9) + b"\0"
    return bench.keep_secret(Credentials.named(label, key))


def longest(bench: "Bench", label: str) -> Credentials:
    """An identity of 128 bytes, with letters beyond ASCII, and a key of 32 that is no text."""
    text = f"{label}-{secrets.token_hex(4)}-\u00e9\u4e2d-".encode()
    identity = text + b"i" * (IDENTITY_BYTES - len(text))
    key = _ODD + secrets.token_bytes(KEY_BYTES - len(_ODD) - 1) + b"\0"
    return bench.keep_secret(Credentials(identity, key))


async def expect_used(bench: "Bench", row: Requirement, dm: "LwM2MServer", after_seq: int) -> None:
    """The handshake at the LwM2M Server succeeds under the identity of its account; else Ended."""
    assert dm.credentials is not None
    wanted = dm.credentials.identity.hex()
    event = await bench.wait_for(
        lambda e: e.name in ("association_opened", "handshake_failed")
        and e.get("server") == dm.name,
        after_seq=after_seq,
        within_s=bench.profile.timings.reaction_s,
    )
    hello = bench.peer.first(
        lambda e: e.name == "client_hello" and e.get("server") == dm.name, after_seq
    )
    if event is None and hello is None:
        return  # that no Register comes is judged with it
    passed = (
        event is not None and event.name == "association_opened" and event.get("identity") == wanted
    )
    if not bench.check(
        "written-keys-used",
        row,
        passed,
        "a handshake has the identity and the key that were written",
        expected=f"success under identity {identity_text(wanted)}",
        observed="so it is" if passed else _told(event),
        evidence=(describe(event or hello, bench.peer.events[0].t),),  # type: ignore[arg-type]
    ):
        raise Ended()


def _told(event: Optional[Event]) -> str:
    if event is None:
        return "a handshake that the client has not ended"
    outcome = "success" if event.name == "association_opened" else f"{event['reason']}"
    return f"{outcome} under identity {identity_text(event.get('identity'))}"


async def expect_changed_keys_used(bench: "Bench", dm: "LwM2MServer", after_seq: int) -> None:
    """After a bootstrap that changed its keys the server sees them, in a new session.

    In 1.0 that is a MUST (SEC-03). Later editions leave to the client when the session is made, and
    not with which keys (SEC-04).
    """
    assert dm.credentials is not None
    event = await _contact(bench, dm, after_seq)
    if event is None:
        bench.check(
            "changed-keys-used",
            bench.row("SEC-04"),
            None,
            "the LwM2M Server is contacted with the keys that were written",
            expected="a Register or an Update",
            observed="neither, asked for by /1/x/8 or not",
        )
        raise Ended()
    opened = _session_of(bench, event)
    fresh = event.name == "handshake_failed" or (opened is not None and opened.seq > after_seq)
    how = "a new session" if fresh else "the session from before"
    if bench.variant.edition == "1.0":
        bench.check(
            "new-session",
            bench.row("SEC-03"),
            fresh,
            "after its keys were changed the session with a server is a new one",
            expected="a handshake before the Register",
            observed=how,
            evidence=(describe(event, bench.peer.events[0].t),),
        )
    else:
        bench.choice("after the keys of an LwM2M Server were changed", "", how)
    handshake = event if event.name == "handshake_failed" else opened
    if not fresh:
        handshake = await _forced_handshake(bench, dm)
    wanted = dm.credentials.identity.hex()
    passed: Optional[bool] = None
    if handshake is not None:
        passed = handshake.name != "handshake_failed" and handshake.get("identity") == wanted
    if not bench.check(
        "changed-keys-used",
        bench.row("SEC-04"),
        passed,
        "the next handshake has the identity and the key that were written last",
        expected=f"success under identity {identity_text(wanted)}",
        observed="so it is" if passed else _told(handshake) if handshake else "none came",
    ):
        raise Ended()


async def _forced_handshake(bench: "Bench", dm: "LwM2MServer") -> Optional[Event]:
    """The server ends the session, and if that brings no handshake the client is restarted."""

    def shakes(event: Event) -> bool:
        names = ("association_opened", "handshake_failed")
        return event.name in names and event.get("server") == dm.name

    timings, seq = bench.profile.timings, bench.peer.last_seq
    await dm.drop_associations()
    event = await bench.wait_for(shakes, after_seq=seq, within_s=timings.reaction_s)
    if event is None and bench.profile.keeps_state:
        seq = await bench.restart_client()
        event = await bench.wait_for(shakes, after_seq=seq, within_s=timings.start_s)
    return event


async def _contact(bench: "Bench", dm: "LwM2MServer", seq: int) -> Optional[Event]:
    """The first request at the server, or a handshake that failed."""

    def speaks(event: Event) -> bool:
        names = ("registered", "updated", "handshake_failed")
        return event.name in names and event.get("server") == dm.name

    bound = bench.profile.timings.reaction_s
    event = await bench.wait_for(speaks, after_seq=seq, within_s=bound)
    if event is None:  # a registration may outlive a session: ask for an Update
        await ask_for_update(bench, dm)
        event = await bench.wait_for(speaks, after_seq=seq, within_s=bound)
    return event


def _session_of(bench: "Bench", event: Event) -> Optional[Event]:
    number = event.get("association")
    return bench.peer.first(
        lambda e: e.name == "association_opened" and e.get("association") == number
    )
