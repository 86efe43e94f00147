# SPDX-License-Identifier: Apache-2.0
"""Stimuli: what makes a client turn to its Bootstrap-Server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bootcheck import outage
from bootcheck.applied import BOOTSTRAP_REQUEST_TRIGGER, Applied, ask_for_update, execute_told
from bootcheck.ending import Ended
from bootcheck.peer import Event
from bootcheck.server import REGISTER_REFUSED, UPDATE_REFUSED

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer


async def apply(name: str, bench: "Bench", dm: "LwM2MServer") -> Applied:
    """Give a stimulus by its name in profiles."""
    bench.note(f"stimulus: {name}")
    give = {
        "trigger": _trigger,
        "register_refused": _refused,
        "restart": _restart,
        "server_silent": outage.server_silent,
        "server_gone": outage.server_gone,
        "handshake_refused": outage.handshake_refused,
        "action": _action,
    }[name]
    return await give(bench, dm)


async def _trigger(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """Execute /1/x/9, Bootstrap-Request Trigger (TS Core 6.1.3.4)."""
    seq = bench.peer.last_seq
    answer = await dm.execute(BOOTSTRAP_REQUEST_TRIGGER, bench.window_for_answers_s)
    # effect: when the client had it for certain; the Execute's answer may be lost in the bootstrap
    sent = bench.peer.first(lambda e: e.name == "request_sent" and e.get("server") == dm.name, seq)
    effect = sent.t if sent is not None else bench.now()
    told = execute_told(BOOTSTRAP_REQUEST_TRIGGER, answer)
    if answer is None or answer.name == "exchange_failed":
        contact = bench.peer.first(bench.is_bootstrap_contact, seq)
        return Applied("trigger", seq, effect, contact is not None, told)
    code = str(answer["code"])
    return Applied("trigger", seq, effect, code.startswith("2."), told, code)


async def _refused(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """Let the client register anew and refuse it: an Update answered 4.04, then a Register 4.03."""
    seq = await dm.refuse_registration()
    how = await ask_for_update(bench, dm)
    return await _wait_for_refusal("register_refused", bench, dm, seq, how)


async def _restart(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """Restart the client with its state and refuse the Register that follows."""
    await dm.refuse_registration()
    seq = await bench.restart_client()
    applied = await _wait_for_refusal("restart", bench, dm, seq, "the client was restarted")
    if applied.took_short_cut:
        report_lost_state(bench, seq)
    return applied


async def _action(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """The client's own stimulus, as the profile names it."""
    seq = bench.peer.last_seq
    await bench.stimulate_client()
    return Applied("action", seq, bench.now(), True, "the profile's action was carried out")


async def restart_and_register(
    bench: "Bench", dm: "LwM2MServer", *, power_cut: bool = False
) -> None:
    """Restart the client with its state, no stimulus: it registers again to the server it has.

    With `power_cut` it is not ended in an orderly way before.
    """
    seq = await (bench.power_cut_client() if power_cut else bench.restart_client())
    event = await bench.wait_for(
        lambda e: dm.is_registration(e) or bench.is_bootstrap_contact(e),
        after_seq=seq,
        within_s=bench.profile.timings.start_s,
    )
    if event is None or not dm.is_registration(event):
        report_lost_state(bench, seq)


def report_lost_state(bench: "Bench", seq: int) -> NoReturn:
    """A client that kept its state registers after a restart; this one turned elsewhere at once.

    Whether its account was gone before is not known then: the profile contradicts the client.
    """
    bench.forgot_at = seq
    bench.check(
        "state-kept",
        bench.row("CLN-14"),
        None,
        "the client keeps what was bootstrapped over a restart",
        expected="a Register to the LwM2M Server that it had (handle.keeps_state = true)",
        observed="none, or a contact with a Bootstrap-Server first as in the factory state",
    )
    raise Ended()


async def _wait_for_refusal(
    name: str, bench: "Bench", dm: "LwM2MServer", seq: int, how: str
) -> Applied:
    def answered(event: Event, code: str) -> bool:
        return (
            event.name == "response_sent"
            and event.get("server") == dm.name
            and event.get("code") == code
        )

    event = await bench.wait_for(
        lambda e: answered(e, REGISTER_REFUSED) or bench.is_bootstrap_contact(e),
        after_seq=seq,
        within_s=bench.profile.timings.reaction_s,
    )
    if event is not None and answered(event, REGISTER_REFUSED):
        return Applied(name, seq, event.t, True, f"{how}; a Register was refused with 4.03")
    # some clients turn to their Bootstrap-Server without another Register
    update = bench.peer.first(lambda e: answered(e, UPDATE_REFUSED), seq)
    if update is not None:
        told = f"{how}; an Update was answered 4.04 and no Register came"
        return Applied(name, seq, update.t, True, told)
    if event is None:
        return Applied(name, seq, bench.now(), False, f"{how}; no Register came")
    told = f"{how}; the client did not register first"
    return Applied(name, seq, event.t, True, told, took_short_cut=True)
