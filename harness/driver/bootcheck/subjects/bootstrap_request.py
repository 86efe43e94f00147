# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Requests that are refused, lost or answered late, and what the client does then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.ending import Ended
from bootcheck.evidence import describe, identity_text
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession
from bootcheck.usable import next_session

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_SHOWN = 6  # events that a check repeats as evidence


async def refuse_first(bs: "BootstrapServer", code: str) -> None:
    """Answer the next Bootstrap-Request by this code, and accept those after it."""
    await bs.arm("bootstrap_request", {"action": "respond", "code": code, "times": 1})


async def expect_next_attempt(
    bench: "Bench", bs: "BootstrapServer", refused: Event, code: str
) -> BootstrapSession:
    """After a refusal the client asks again: at its own server, under its own identity.

    When it does so is left to it. A restart asks a client that has not: without an LwM2M Server it
    has nothing else to do.
    """
    retry_s = bench.profile.timings.retry_s
    until_us = refused.t + int(retry_s * 1e6)
    question = f"after a Bootstrap-Request that was answered {code}"
    event = await _next_sign(bench, bs, refused.seq, until_us)
    if event is None:
        bench.choice(question, "", f"no further one within {retry_s:g} s (timings.retry_s)")
        bench.require_restart()
        seq, start_s = await bench.restart_client(), bench.profile.timings.start_s
        event = await _next_sign(bench, bs, seq, bench.now() + int(start_s * 1e6))
    else:
        bench.choice(question, "", f"the next one comes after {(event.t - refused.t) / 1e6:.0f} s")
    bench.check(
        "account-kept",
        bench.row("REQ-06", "SEQ-08"),
        event is not None,
        "the client has its account after a Bootstrap-Request that was refused",
        expected="another attempt, by itself or after a restart",
        observed="it came" if event else "none, nor after a restart",
    )
    if event is None:
        raise Ended()
    return _expect_own_account(bench, bs, refused, event)


async def expect_attempt_or_stimulate(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer", refused: Event
) -> BootstrapSession:
    """After a refusal the client asks again by itself, or because of a stimulus."""
    retry_s = bench.profile.timings.retry_s
    event = await _next_sign(bench, bs, refused.seq, refused.t + int(retry_s * 1e6))
    if event is None:
        return await next_session(bench, row, bs, dm)
    return _expect_own_account(bench, bs, refused, event)


async def _next_sign(
    bench: "Bench", bs: "BootstrapServer", seq: int, until_us: int
) -> Optional[Event]:
    return await bench.wait_for(
        lambda event: bs.is_bootstrap_request(event) or is_astray(bs, event),
        after_seq=seq,
        until_us=until_us,
    )


def is_astray(bs: "BootstrapServer", event: Event) -> bool:
    """An attempt to bootstrap elsewhere than at this server, or under another identity."""
    identity = bs.credentials.identity.hex() if bs.credentials else None
    if event.get("server") == bs.name:
        if event.name in ("identity_offered", "request_received"):
            return event.get("identity") != identity
        return event.name == "handshake_failed" and event.get("reason") == "wrong_key"
    return event.name == "request_received" and event.get("path") == ["bs"]


def _expect_own_account(
    bench: "Bench", bs: "BootstrapServer", refused: Event, event: Event
) -> BootstrapSession:
    under = ""
    if bs.credentials is not None:
        under = f" under identity {identity_text(bs.credentials.identity.hex())}"
    passed = bench.check(
        "own-account",
        bench.row("SEQ-08"),
        not is_astray(bs, event),
        "the client turns to the Bootstrap-Server of its account",
        expected=f"a Bootstrap-Request at {bs.uri}{under}",
        observed="another attempt" if is_astray(bs, event) else "it came",
        evidence=(describe(event, refused.t),),
    )
    if not passed:
        raise Ended()
    return bs.session(event)


def expect_new_message_id(bench: "Bench", row: Requirement, before: Event, request: Event) -> None:
    """A new attempt has a message id of its own, where its server cannot tell the two apart."""
    same = request.get("association") == before.get("association")
    observed = f"{request['mid']} after {before['mid']}"
    observed += "" if same else ", from another port or in another DTLS session"
    bench.check(
        "new-message-id",
        row,
        not (same and request["mid"] == before["mid"]),
        "a new attempt has a new message id",
        expected="another one, as EXCHANGE_LIFETIME (247 s) is not over",
        observed=observed,
        evidence=(describe(before, before.t), describe(request, before.t)),
    )


async def expect_asked_once(bench: "Bench", row: Requirement, session: BootstrapSession) -> None:
    """Once answered the client waits for commands: it neither repeats its request nor asks anew.

    It is watched for longer than it waits for its first retransmission.
    """
    bs, request, seconds = session.server, session.request, bench.profile.coap.loss_s
    bound = bench.profile.timings.answer_s
    answered = await bench.wait_for(
        lambda e: e.name == "response_sent" and e.get("exchange") == request["exchange"],
        after_seq=request.seq,
        within_s=bound,
    )
    await bench.until((answered.t if answered else bench.now()) + int(seconds * 1e6))
    more = [
        event
        for event in bench.peer.events[request.seq :]
        if bs.is_contact(event) or _repeats(event, request)
    ]
    passed: Optional[bool] = not more
    # a machine that stood still, or a network, may have kept an acknowledgement from coming until
    # the retransmission was due; a quarter is for what is not seen of its standing still
    still_us = 0.75e6 * bench.profile.coap.ack_timeout_s
    late = await bench.peer_lag_us() > still_us or bench.lane.held is not None
    if len(more) == 1 and _repeats(more[0], request) and late:
        passed = None
    bench.check(
        "waits",
        row,
        passed,
        "once its request is acknowledged the client waits for commands",
        expected=f"nothing for {seconds:g} s after the answer",
        observed=f"{len(more)} more messages" if more else "nothing",
        evidence=tuple(describe(event, request.t) for event in more[:_SHOWN]),
    )


def _repeats(event: Event, request: Event) -> bool:
    return event.name == "request_repeated" and event.get("exchange") == request["exchange"]


async def start_and_lose_answers(
    bench: "Bench", bs: "BootstrapServer", count: int
) -> BootstrapSession:
    """Start the client and lose the first answers to its Bootstrap-Request; its session.

    From 1.2 on it may ask for a Bootstrap-Pack before that: the refusal of this one comes through.
    """
    await bs.lose("out", *range(count), layer="message")
    if bench.variant.edition == "1.2":
        await bs.arm("bootstrap_pack", {"action": "hold", "times": 1})
    await bench.start_client(account=bs.account())
    first = await bench.wait_for(
        lambda e: bs.is_bootstrap_request(e) or e.name == "answer_withheld",
        after_seq=0,
        within_s=bench.profile.timings.start_s,
    )
    if first is not None and first.name == "answer_withheld":
        await bs.lose("out", *range(1, count + 1), layer="message")
        await bench.peer.call("release", server=bs.name, exchange=first["exchange"], code="4.04")
    return await bs.expect_bootstrap_request()


async def expect_sent_again(
    bench: "Bench", row: Requirement, session: BootstrapSession, *, lost: int
) -> None:
    """The answers to the first transmissions got lost: the same message comes again each time."""
    bs, request = session.server, session.request
    bound = bench.profile.timings.reaction_s
    repeated = 0
    new: Optional[Event] = None
    seq = request.seq
    while repeated < lost and new is None:
        event = await bench.wait_for(
            lambda e: _repeats(e, request) or bs.is_bootstrap_request(e),
            after_seq=seq,
            within_s=bound,
        )
        if event is None:
            break
        seq = event.seq
        repeated += _repeats(event, request)
        new = event if bs.is_bootstrap_request(event) else None
    observed = f"{repeated} retransmissions, then " + ("a new request" if new else "nothing")
    bench.check(
        "sent-again",
        row,
        repeated == lost,
        "a Bootstrap-Request whose answer got lost is sent again under its message id",
        expected=f"{lost} retransmissions, each within {bound:g} s (timings.reaction_s)",
        observed=f"{repeated} retransmissions" if repeated == lost else observed,
        evidence=(describe(new, request.t),) if new else (),
    )
    if repeated < lost:
        raise Ended()


async def expect_fresh_id_after_restart(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", before: Event
) -> BootstrapSession:
    """After a restart the request is a new one, not a repetition of that of the life before."""
    seq = await bench.restart_client()
    bound = bench.profile.timings.start_s
    event = await bench.wait_for(
        lambda e: bs.is_bootstrap_request(e) or _repeats(e, before), after_seq=seq, within_s=bound
    )
    if event is not None and bs.is_bootstrap_request(event):
        expect_new_message_id(bench, row, before, event)
        return bs.session(event)
    bench.check(
        "new-message-id",
        row,
        False if event else None,
        "a new attempt has a new message id",
        expected="another one, as EXCHANGE_LIFETIME (247 s) is not over",
        observed="the same message as before the restart" if event else f"none in {bound:g} s",
    )
    raise Ended()


async def expect_asked_after_restart(
    bench: "Bench", row: Requirement, bs: "BootstrapServer"
) -> BootstrapSession:
    """A client that has no LwM2M Server asks for a bootstrap at each of its starts."""
    bench.require_restart()
    seq, bound = await bench.restart_client(), bench.profile.timings.start_s
    request = await bench.wait_for(bs.is_bootstrap_request, after_seq=seq, within_s=bound)
    bench.check(
        "asks-after-restart",
        row,
        request is not None,
        "a client that has no LwM2M Server asks for a bootstrap at its start",
        expected=f"a Bootstrap-Request at {bs.uri}, as at its first start",
        observed="it came" if request else f"none within {bound:g} s (timings.start_s)",
    )
    if request is None:
        raise Ended()
    return bs.session(request)


async def send_early(
    bench: "Bench", session: BootstrapSession, method: str, path: tuple[str, ...]
) -> None:
    """Send a command while the answer to the Bootstrap-Request is held back, then give that.

    Its answer is told. Until it is answered, or given up, nothing else is sent.
    """
    answer = await session.send(method, path)
    code = (answer.get("code") or answer["reason"]) if answer is not None else "nothing"
    bench.choice(
        f"{method} /{'/'.join(path)} before the Bootstrap-Request is answered",
        "",
        f"answered by {code}",
    )
    await bench.peer.call(
        "release", server=session.server.name, exchange=session.request["exchange"], code="2.04"
    )


def tell_preferred_format(bench: "Bench", session: BootstrapSession) -> None:
    """REQ-07: what the client does about its Preferred Content Format once it was refused."""
    first = bench.peer.first(session.server.is_bootstrap_request)
    assert first is not None
    had, has = (
        any(word.startswith("pct=") for word in request.get("query") or ())
        for request in (first, session.request)
    )
    answer = ("asks for one no more", "asks for one again")[has] if had else "had asked for none"
    bench.choice("after a Preferred Content Format that was refused by 4.15", "", answer)


def expect_same_endpoint(
    bench: "Bench", row: Requirement, request: Event, registered: Event
) -> None:
    """Bootstrap-Request and Register give one name; one that leaves it out says nothing."""
    query = [str(word) for word in request.get("query") or ()]
    names = [word.removeprefix("ep=") for word in query if word.startswith("ep=")]
    endpoint = registered.get("endpoint")
    if not names or endpoint is None:
        bench.fact("the endpoint is left to the identity of the security layer")
        names = []
    bench.check(
        "same-endpoint",
        row,
        names in ([], [endpoint]),
        "the client registers under the endpoint that it bootstraps with",
        expected="the same ep" if names else "the same ep, where both have one",
        observed=f"{names[0]}, then {endpoint}" if names else "one of them is left out",
    )
