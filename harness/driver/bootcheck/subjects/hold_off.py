# SPDX-License-Identifier: Apache-2.0
"""Client Hold Off Time, /0/x/11: a client that has decided to bootstrap waits before it asks.

Only the lower bound is judged: caps, jitter and what a client adds of its own are left to it. It is
held against the Bootstrap-Request; a handshake before that is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck import stimulus
from bootcheck.ending import Ended, NotApplicable
from bootcheck.evidence import describe
from bootcheck.moment import Moment
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession
from bootcheck.usable import stimulate

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_START_UP_S = 1.0  # of an ordinary client


async def expect_hold_off(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer", *, seconds: int
) -> None:
    """The Bootstrap-Request comes no sooner than the hold-off after the stimulus was given."""
    seq = bench.peer.last_seq
    request = await stimulate(bench, row, bs, dm, "new-account-usable")
    given = next(e for e in bench.peer.events[seq:] if e.name == "request_sent")
    _judge(bench, row, request, Moment.at(given.t), seconds, "the stimulus was sent")


async def expect_hold_off_at_start(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", *, seconds: int
) -> BootstrapSession:
    """Start the client with this hold-off; its first session.

    It cannot have decided anything before it was started.
    """
    started = await bench.start_client(account=bs.account().changed(hold_off=seconds))
    session = await bs.expect_bootstrap_request()
    await _judge_start(bench, row, session.request, started, seconds)
    _tell(bench, session.request, started, seconds)
    return session


async def expect_hold_off_over_a_loss(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", *, seconds: int
) -> BootstrapSession:
    """The same, and the first datagram to the Bootstrap-Server is lost: it comes again.

    Without DTLS this is the Bootstrap-Request, and its message must come again; with DTLS it is a
    ClientHello, and for it a new attempt will do.
    """
    secure = bs.credentials is not None
    await bs.lose("in", 0, layer="wire" if secure else "message")
    started = await bench.start_client(account=bs.account().changed(hold_off=seconds))
    bound = bench.profile.timings.start_s + seconds
    lost = await bench.wait_for(bs.is_lost, after_seq=0, within_s=bound)
    if lost is None:
        await bs.expect_bootstrap_request()  # says why none came
        raise Ended()
    bench.contacted = True
    request = await bench.wait_for(bs.is_bootstrap_request, after_seq=lost.seq, within_s=bound)
    again = secure or _came_again(bench, lost)
    observed = "it came" if request else f"none within {bound:g} s (timings.start_s)"
    if request is not None and not again:
        observed = f"a new request, of message id {request['mid']} after {lost.get('mid')}"
    bench.check(
        "sent-again",
        bench.row("REQ-08"),
        request is not None and again,
        "what got lost on its way to the Bootstrap-Server is sent again",
        expected="a Bootstrap-Request after the first datagram was lost"
        + ("" if secure else ", under its message id"),
        observed=observed,
    )
    if request is None:
        raise Ended()
    await _judge_start(bench, row, request if secure else lost, started, seconds)
    return bs.session(request)


def _came_again(bench: "Bench", lost: Event) -> bool:
    """Whether the message that was lost came again: the request, or one for a Bootstrap-Pack.

    What is no request (a ping) says nothing of how requests are sent.
    """
    return lost.get("code") == "0.00" or any(
        event.name == "request_received" and event["mid"] == lost.get("mid")
        for event in bench.peer.events[lost.seq :]
    )


async def write_hold_off(bench: "Bench", session: BootstrapSession, seconds: int) -> None:
    """Write /0/x/11 of the account. A client that refuses it cannot be told one this way."""
    told = session.server.account().told(seconds)
    answer = await session.put_resource(0, await session.account_instance(), "11", told)
    code = answer.get("code") if answer is not None else None
    if code != "2.04":
        raise NotApplicable(f"the client answers {code or 'nothing'} to a Write of /0/x/11")


async def expect_hold_off_after(
    bench: "Bench",
    row: Requirement,
    name: str,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    seconds: int,
) -> None:
    """This stimulus leads to a Bootstrap-Request no sooner than the hold-off after its reason."""
    applied = await stimulus.apply(name, bench, dm)
    if name == "trigger" and applied.answer is not None and not applied.effective:
        raise NotApplicable(f"{applied.told}: the client does not support this optional resource")
    bound = bench.profile.timings.reaction_s + seconds
    request: Optional[Event] = None
    if applied.effective:
        request = await bench.wait_for(
            bs.is_bootstrap_request,
            after_seq=applied.seq,
            until_us=applied.effect_us + int(bound * 1e6),
        )
    await dm.accept_registration()
    if request is None:
        bench.check(
            "hold-off",
            row,
            None,
            "the hold-off passes before the Bootstrap-Request",
            expected="a Bootstrap-Request to judge by",
            observed=f"none within {bound:g} s ({applied.told})",
        )
        raise Ended()
    # the Execute, or the first thing that was refused: before it there was no reason
    reason = next(
        event
        for event in bench.peer.events[applied.seq :]
        if event.get("server") == dm.name
        and (
            event.name == "request_sent"
            if name == "trigger"
            else event.name == "response_sent" and event["code"].startswith("4.")
        )
    )
    since = describe(reason, reason.t)
    _judge(bench, row, request, Moment.at(reason.t), seconds, since)


async def _judge_start(
    bench: "Bench", row: Requirement, first: Event, started: Moment, seconds: int
) -> None:
    """Judge by when the client was started; its own start-up counts for it.

    A machine that stood still for about as long may have kept it from asking at once.
    """
    stood_still_s = await bench.peer_lag_us() / 1e6
    if stood_still_s + _START_UP_S < seconds:
        stood_still_s = 0
    _judge(bench, row, first, started, seconds, "the client was started", stood_still_s)


def _judge(
    bench: "Bench",
    row: Requirement,
    first: Event,
    since: Moment,
    seconds: int,
    what: str,
    stood_still_s: float = 0,
) -> None:
    passed, observed = since.passed_since(first.t, seconds), since.told(first.t)
    if passed and stood_still_s:
        passed, observed = None, f"{observed}, on a machine that was {stood_still_s:.1f} s late"
    bench.check(
        "hold-off",
        row,
        passed,
        "the hold-off passes before the Bootstrap-Request",
        expected=f"at least {seconds} s after {what}",
        observed=observed,
        evidence=(describe(first, since.earliest_us),),
    )


def _tell(bench: "Bench", request: Event, started: Moment, seconds: int) -> None:
    bench.choice(
        "from the start to the first Bootstrap-Request",
        f"hold-off of {seconds} s",
        f"{(request.t - started.earliest_us) / 1e6:.0f} s",
    )
    hello = bench.peer.first(lambda event: event.name == "client_hello")
    if hello is not None and started.passed_since(hello.t, seconds) is False:
        bench.fact(
            f"the handshake began {started.told(hello.t)} after the start, within the "
            f"hold-off of {seconds} s"
        )
