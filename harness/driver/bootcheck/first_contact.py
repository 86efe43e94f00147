# SPDX-License-Identifier: Apache-2.0
"""The client's first Bootstrap-Request, and why it did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.adapters.adapter import ClientDied
from bootcheck.ending import Trouble
from bootcheck.evidence import identity_text, request_line
from bootcheck.peer import Event
from bootcheck.verdict import ErrorKind

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer

_ADVICE = {
    "unknown_identity": "it is not that of the account: see how start.command gives {bs_identity}",
    "wrong_key": "the identity is right and the key is not: see how start.command gives "
    "{bs_key_hex}",
    "no_common_suite": "it offers none of the peer's, TLS_PSK_WITH_AES_128_CCM_8 and "
    "TLS_PSK_WITH_AES_128_CBC_SHA256: is it built and configured for PSK?",
}


async def first_bootstrap_request(bench: "Bench", bs: "BootstrapServer") -> Event:
    """The first Bootstrap-Request. None at all is a fault of the set-up: raises Trouble."""
    bound, within = bench.profile.timings.start_s, ""
    if bench.account.hold_off:
        bound += bench.account.hold_off
        within = f" + the hold-off of {bench.account.hold_off} s"
    try:
        request = await bench.wait_for(bs.is_bootstrap_request, after_seq=0, within_s=bound)
    except ClientDied as error:
        why = _failed_handshake(bench) or "see its output and start.command"
        raise Trouble(ErrorKind.PROFILE, f"{error} before its first Bootstrap-Request: {why}")
    if request is None:
        start = f"no Bootstrap-Request reached {bs.uri} within timings.start_s = "
        start += f"{bench.profile.timings.start_s:g} s{within}: "
        raise Trouble(ErrorKind.PROFILE, start + _why(bench, bs))
    bench.contacted = True
    return request


def _failed_handshake(bench: "Bench") -> Optional[str]:
    failed = bench.peer.first(lambda e: e.name in ("handshake_failed", "alert_received"))
    if failed is None:
        return None
    reason = failed.get("reason") or failed.get("description")
    identity = identity_text(failed.get("identity"))
    advice = _ADVICE.get(str(reason), "does start.command give the account's identity and key?")
    return f"the handshake failed ({reason}, identity {identity}): {advice}"


def _why(bench: "Bench", bs: "BootstrapServer") -> str:
    failed = _failed_handshake(bench)
    if failed is not None:
        return failed
    other = bench.peer.first(lambda e: e.name == "request_received")
    if other is not None:
        return f"the client sent {request_line(other)} to {other['server']}"
    bad = bench.peer.first(lambda e: e.name in ("message_malformed", "datagram_undecodable"))
    if bad is not None:
        return f"the client sent what is no CoAP over {bs.uri.split(':')[0]} ({bad['why']})"
    return "the client sent nothing: does start.command use the account's URI?"
