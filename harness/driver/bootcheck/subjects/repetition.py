# SPDX-License-Identifier: Apache-2.0
"""Commands that come twice: a datagram doubled on its way, and one sent again for a lost answer.

Both are made above DTLS, where they are the message layer's to notice (RFC 7252 4.5). That lets a
constrained server do a PUT again rather than remember it; then a later one is undone, which is why
this is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Sequence

from bootcheck.account import ServerAccount
from bootcheck.ending import Ended
from bootcheck.peer import Event
from bootcheck.session import LINK_FORMAT, BootstrapSession, tlv_content

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

_ENDED = ("response_received", "exchange_failed")


async def expect_duplicate_answered_alike(
    bench: "Bench",
    session: BootstrapSession,
    name: str,
    method: str,
    path: Sequence[str],
    content: Optional[dict[str, Any]] = None,
) -> None:
    """A command whose datagram comes twice is answered twice, by the same code."""
    seq, more = bench.peer.last_seq, {} if content is None else {"content": content}
    await _impair(session, "out", duplicate=[0])
    answer = await session.send(method, path, **more)
    await _impair(session, "out")
    if answer is None or answer.name == "exchange_failed":
        bench.check_answer(name, bench.row("WRI-12"), "the command is answered", answer, "2.xx")
        return
    await _pass_through(session)
    exchange = answer["exchange"]
    codes = _codes_again(bench, seq, exchange)
    apart = _is_acknowledged(bench, seq, exchange)
    observed = f"{', '.join(codes) or 'nothing'}" + (" to the duplicate" if codes else " more")
    if apart and not codes:
        observed = "a separate response: an ACK is enough for the duplicate"
    bench.check(
        name,
        bench.row("WRI-12"),
        all(code == answer["code"] for code in codes) and (apart or bool(codes)),
        f"a duplicate of {method} /{'/'.join(path)} is answered like the command",
        expected=f"{answer['code']} again",
        observed=observed,
    )


async def expect_duplicate_of_finish(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """A Finish that comes twice is accepted once; what answers the duplicate is no other answer.

    The session may be closed by then, so that nothing answers.
    """
    seq = bench.peer.last_seq
    await _impair(session, "out", duplicate=[0])
    await session.finish()
    await _impair(session, "out")
    await dm.expect_registration(after_seq=seq)
    finish = next(e for e in bench.peer.events[seq:] if e.name == "response_received")
    codes = _codes_again(bench, seq, finish["exchange"])
    bench.check(
        "duplicate-of-finish",
        bench.row("WRI-12"),
        all(code == "2.04" for code in codes),
        "a duplicate of the Finish is not answered otherwise than the Finish",
        expected="2.04 again, or nothing where the session is closed",
        observed=", ".join(codes) or "nothing",
    )


async def expect_repetition_applied_once(
    bench: "Bench", session: BootstrapSession, first: ServerAccount, later: ServerAccount
) -> None:
    """A Write whose answer is lost is sent again after another one: it is answered, not applied.

    `first` and `later` are of the same server; `later` is what must count.
    """
    began = session.request.seq
    apart = any(_is_acknowledged(bench, began, event.get("exchange")) for event in _told(bench))
    lost = 2 if apart else 1  # a separate response comes after its ACK
    seq = bench.peer.last_seq
    await _impair(session, "in", drop=list(range(lost)))
    sent = await bench.peer.call(
        "send_request",
        server=session.server.name,
        association=session.association,
        method="PUT",
        path=["1", str(first.number)],
        content=tlv_content(1, first.number, first.server_resources()),
    )
    await _until_dropped(bench, seq, lost)
    await _impair(session, "in")
    answer = await session.put_server(later)
    bench.expect_answer(
        "later-write-answered",
        bench.row("WRI-01"),
        "a Write is accepted while the one before is not acknowledged yet",
        answer,
        "2.04",
    )
    await _expect_answered_at_last(bench, session, seq, sent["exchange"], apart=apart)


async def _until_dropped(bench: "Bench", seq: int, count: int) -> None:
    """The answers that are to be lost have been."""

    def dropped() -> int:
        return sum(event.name == "impaired" for event in bench.peer.events[seq:])

    bound = bench.profile.timings.answer_s
    found = await bench.wait_for(
        lambda event: event.name == "impaired" and dropped() >= count,
        after_seq=seq,
        within_s=bound,
    )
    if found is None:
        bench.check_answer("write-answered", bench.row("WRI-01"), "a Write is answered", None, "")


async def _expect_answered_at_last(
    bench: "Bench", session: BootstrapSession, seq: int, exchange: int, *, apart: bool
) -> None:
    again = await bench.wait_for(
        lambda event: event.name == "request_retransmitted" and event.get("exchange") == exchange,
        after_seq=seq,
        within_s=bench.profile.coap.loss_s,
    )
    if again is not None and not apart:
        await _pass_through(session)
        answer = bench.peer.first(lambda event: _is_outcome(event, exchange), seq)
    else:  # what comes by itself, as a Confirmable message, has a retransmission of its own
        bound = bench.profile.timings.answer_s
        answer = await bench.wait_for(
            lambda event: _is_outcome(event, exchange), after_seq=seq, within_s=bound
        )
    code = answer.get("code") if answer is not None else None
    bench.check(
        "repetition-answered",
        bench.row("WRI-12"),
        code == "2.04",
        "a Write that is sent again is answered as it would have been",
        expected="2.04",
        observed=str(code or "no answer, while a later command was answered"),
    )


def expect_later_counts(bench: "Bench", registered: Event, later: ServerAccount) -> None:
    """The Register tells the value of the later Write: the repetition of the first was not done."""
    bench.check(
        "applied-once",
        bench.row("WRI-12"),
        registered.get("lifetime") == later.lifetime,
        "a Write that is sent again after a later one is not done again",
        expected=f"a Register with a lifetime of {later.lifetime} s",
        observed=f"lifetime {registered.get('lifetime', 'none')}",
    )


async def _pass_through(session: BootstrapSession) -> None:
    """Ask for something: a client that answers it has had all that was sent before."""
    answer = await session.send("GET", ("1",), accept=LINK_FORMAT)
    if answer is None:
        raise Ended()


async def _impair(session: BootstrapSession, direction: str, **plan: Any) -> None:
    await session.bench.peer.call(
        "impair", server=session.server.name, direction=direction, layer="message", **plan
    )


def _told(bench: "Bench") -> list[Event]:
    return [event for event in bench.peer.events if event.name == "request_sent"]


def _is_acknowledged(bench: "Bench", seq: int, exchange: Any) -> bool:
    """The response to it was a separate one."""
    return (
        bench.peer.first(
            lambda event: event.name == "acknowledged" and event.get("exchange") == exchange, seq
        )
        is not None
    )


def _codes_again(bench: "Bench", seq: int, exchange: int) -> list[str]:
    """The codes of what came after the first response to it."""
    return [
        str(event["code"])
        for event in bench.peer.events[seq:]
        if event.name == "response_repeated" and event.get("exchange") == exchange
    ]


def _is_outcome(event: Event, exchange: int) -> bool:
    return event.name in _ENDED and event.get("exchange") == exchange
