# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Request Trigger, /1/x/9 (TS Core 6.1.3.4): its answer, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.applied import BOOTSTRAP_REQUEST_TRIGGER, execute_told
from bootcheck.ending import Ended, NotApplicable
from bootcheck.evidence import describe, identity_text
from bootcheck.gone import ACCOUNT_ABSENT
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_NOT_THERE = ("4.04", "4.05")  # codes of a resource that is not there, or has no Execute


async def trigger(bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer") -> BootstrapSession:
    """Execute the trigger of a client that has an account: the session that follows, as it must.

    NotApplicable where the client does not have the resource. Ended where no session comes.
    """
    profile = bench.profile
    if profile.supports.get("bootstrap_trigger") is False:
        where = profile.where("supports.bootstrap_trigger")
        raise NotApplicable(f"{where}: bootstrap_trigger = false")
    seq = bench.peer.last_seq
    answer = await dm.execute(BOOTSTRAP_REQUEST_TRIGGER, bench.window_for_answers_s)
    code = _code(answer)
    if code in _NOT_THERE and bench.peer.first(bs.is_contact, seq) is None:
        raise NotApplicable(
            f"the client answers {code} to an Execute of /1/x/9: "
            "it does not support this optional resource"
        )
    identity = bs.credentials.identity.hex() if bs.credentials else None
    bound = profile.timings.reaction_s + bench.profile.coap.loss_s
    request = await bench.wait_for(
        lambda event: bs.is_bootstrap_request(event) and event.get("identity") == identity,
        after_seq=seq,
        within_s=bound,
    )
    under = f" under identity {identity_text(identity)}" if identity else ""
    sent = next(event for event in bench.peer.events[seq:] if event.name == "request_sent")
    bench.check(
        "trigger-obeyed",
        bench.row("TRG-01"),
        request is not None,
        "Bootstrap-Request Trigger has the client ask for a bootstrap",
        expected=f"a Bootstrap-Request at {bs.uri}{under}",
        observed=f"{execute_told(BOOTSTRAP_REQUEST_TRIGGER, answer)}, "
        + ("and it came" if request is not None else f"and none came within {bound:g} s"),
        evidence=(describe(request, sent.t),) if request is not None else (),
    )
    if request is None:
        raise Ended()
    return bs.session(request)


def judge_order(bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", seq: int) -> None:
    """TRG-02: since then the trigger was answered, and the bootstrap began after that."""
    contact = bench.peer.first(bs.is_contact, seq)
    answer = bench.peer.first(
        lambda event: event.name == "response_received" and event.get("server") == dm.name, seq
    )
    assert contact is not None  # the scenario has seen the Bootstrap-Request
    observed = "no answer" if answer is None else f"{(answer.t - contact.t) / 1e6:+.3f} s from it"
    bench.check(
        "answered-first",
        bench.row("TRG-02"),
        answer is not None and answer.t <= contact.t,
        "the trigger is answered before the bootstrap begins",
        expected="an answer before the first contact with the Bootstrap-Server",
        observed=observed,
    )


async def give_timeout(session: BootstrapSession, seconds: int) -> None:
    """Write /0/x/12 of the account, so that it is purged after this session."""
    answer = await session.write_timeout(seconds)
    if _code(answer) != "2.04":
        raise NotApplicable(
            f"the client answers {_code(answer) or 'nothing'} to a Write of /0/x/12: "
            "it does not support this optional resource"
        )


async def expect_trigger_without_effect(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", *, reaction_s: float
) -> None:
    """TRG-03: without an account the trigger is answered by an error, and nothing is asked for.

    `reaction_s`: how long the client took to react when it had its account.
    """
    seq = bench.peer.last_seq
    answer = await dm.execute(BOOTSTRAP_REQUEST_TRIGGER, bench.window_for_answers_s)
    code = _code(answer)
    bench.check(
        "refused-without-account",
        bench.row("TRG-03"),
        None if answer is None or answer.name == "exchange_failed" else code in ACCOUNT_ABSENT,
        "Bootstrap-Request Trigger without an account is answered by an error",
        expected=" or ".join(ACCOUNT_ABSENT),
        observed=execute_told(BOOTSTRAP_REQUEST_TRIGGER, answer),
    )
    sent = next(event for event in bench.peer.events[seq:] if event.name == "request_sent")
    window = max(reaction_s + bench.profile.coap.loss_s, 2 * reaction_s)
    await bench.until(sent.t + int(window * 1e6))
    contact = bench.peer.first(bs.is_contact, seq)
    bench.check(
        "no-bootstrap",
        bench.row("TRG-03"),
        contact is None,
        "without an account the trigger leads to no bootstrap",
        expected=f"no contact with {bs.uri}",
        observed=f"none for {window:.3f} s" if contact is None else "a contact",
        evidence=(describe(contact, sent.t),) if contact is not None else (),
        window={"from_us": sent.t, "seconds": window, "origin": f"it took {reaction_s:.3f} s"},
    )


async def tell_second_trigger(bench: "Bench", dm: "LwM2MServer") -> None:
    """TRG-05: what an Execute is answered by while the client is being bootstrapped."""
    answer = await dm.execute(BOOTSTRAP_REQUEST_TRIGGER, bench.window_for_answers_s)
    reason = f"not answered ({answer['reason']})" if answer and not answer.get("code") else None
    told = reason or (f"answered {_code(answer)}" if answer is not None else "not answered")
    bench.choice("a second Execute of /1/x/9 while the client is being bootstrapped", "", told)


def _code(answer: Optional[Event]) -> str:
    return str(answer.get("code") or "") if answer is not None else ""
