# SPDX-License-Identifier: Apache-2.0
"""An LwM2M Server that ends the handshake by an alert, and what the client makes of it (FBK-07)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

UNKNOWN_PSK_IDENTITY = 115  # RFC 4279 section 2
_STIMULUS = "register_refused"  # what shows how fast this client takes a registration for failed


async def refuse_identity(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> Event:
    """Finish; the server does not know the identity of its account: the alert it sends."""
    await dm.accept_credentials(await bench.credentials("nobody"))
    seq = bench.peer.last_seq
    await session.finish()
    bound = bench.profile.timings.reaction_s
    alert = await bench.wait_for(
        lambda event: event.name == "alert_sent"
        and event.get("server") == dm.name
        and event.get("number") == UNKNOWN_PSK_IDENTITY,
        after_seq=seq,
        within_s=bound,
    )
    bench.check(
        "registered-after-finish",
        bench.row("FIN-11"),
        alert is not None,
        "the client turns to the LwM2M Server that it was given",
        expected="a handshake with the identity of its account",
        observed="it came" if alert else f"none within {bound:g} s (timings.reaction_s)",
    )
    if alert is None:
        raise Ended()
    return alert


async def expect_bootstrap_after_alert(
    bench: "Bench",
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    alert: Event,
    *,
    told_to_give_up: bool,
) -> BootstrapSession:
    """The handshake has failed for good: a bootstrap follows; its session. Ended without one."""
    bound = bench.profile.timings.reaction_s + bench.profile.coap.loss_s
    request = await bench.wait_for(bs.is_bootstrap_request, after_seq=alert.seq, within_s=bound)
    passed: Optional[bool] = True
    observed = "it came"
    if request is None:
        passed, observed = await _why_not(bench, dm, alert, bound, told_to_give_up)
    bench.check(
        "bootstrap-after-alert",
        bench.row("FBK-07"),
        passed,
        "a handshake that ends in unknown_psk_identity is a registration that failed",
        expected=f"a Bootstrap-Request at {bs.uri}",
        observed=observed,
        evidence=(describe(request, alert.t),) if request is not None else (),
    )
    if request is None:
        raise Ended()
    await dm.accept_credentials(*([dm.credentials] if dm.credentials else []))
    return bs.session(request)


async def _why_not(
    bench: "Bench", dm: "LwM2MServer", alert: Event, bound: float, told: bool
) -> tuple[Optional[bool], str]:
    """A breach only where the client gives up a Register that is refused much sooner."""
    again = [
        event
        for event in bench.peer.events[alert.seq :]
        if event.name == "client_hello" and event.get("server") == dm.name
    ]
    observed = f"none within {bound:g} s, {len(again)} further handshakes"
    if not told:
        return None, f"{observed}; it was not told how often it is to try"
    control = await bench.control()
    if control is None or _STIMULUS not in control.effective:
        return None, f"{observed}; no control shows how soon it takes a registration for failed"
    slowest = max(control.reactions[_STIMULUS])
    observed += f"; in controls a refused Register brought a contact within {slowest:.3f} s"
    return (False if bound >= 2 * slowest else None), observed
