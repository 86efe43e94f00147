# SPDX-License-Identifier: Apache-2.0
"""Where the texts leave a choice: which way a client takes is told as a fact, never judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck import stimulus
from bootcheck.control import FLOOR_S, Control
from bootcheck.gone import expect_account_gone
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, Finished, accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_MARGIN_S = 0.5


def room_s(bench: "Bench", control: Control) -> float:
    """Seconds in which a client that may use its account has begun a session after a stimulus.

    Its request may come a retransmission later than its ClientHello, by which controls go.
    """
    hold_off = bench.profile.timings.hold_off_s
    return FLOOR_S + 2 * control.slowest_s + _MARGIN_S + hold_off


def glance_s(bench: "Bench", control: Control) -> float:
    """Seconds in which a contact shows that the account is used."""
    return 2 * control.slowest_s + _MARGIN_S + bench.profile.timings.hold_off_s


async def tell_whether_used(
    bench: "Bench",
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    question: str,
    case: str = "",
    until_us: Optional[int] = None,
) -> bool:
    """Give one stimulus and tell whether it brings a contact, at the latest at `until_us`.

    `question` says after what, `case` what else it may depend on. The request is refused, so that
    it starts no session; accept requests again when it is time.
    """
    control = await bench.control()
    if control is None or not control.effective:
        bench.choice(question, case, "not known: no control shows that a stimulus works")
        return False
    await bs.refuse_requests()
    applied = await stimulus.apply(control.effective[0], bench, dm)
    bound = applied.effect_us + int(bench.window(control)[0] * 1e6)
    if until_us is not None:
        bound = min(bound, until_us)
    contact = await bench.wait_for(bs.is_contact, after_seq=applied.seq, until_us=bound)
    await dm.accept_registration()
    if contact is not None:
        bench.choice(question, case, "the account is used")
        return True
    bench.choice(question, case, "the account is not used any more")
    return False


async def expect_gone_at_last(
    bench: "Bench",
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    row: Requirement,
    *,
    question: str,
    last_us: int,
    what: str,
) -> None:
    """By the longest lawful reading the timeout is over at `last_us`: from then on it is gone.

    Before, by another reading, it may be gone already: a trigger asks, which leaves the client
    registered. The attempts that a refused request leads to may last a control's reaction longer.
    """
    control = await bench.control()
    gone_us = last_us + bench.grace_us
    if control is not None and control.effective[:1] == ["trigger"]:
        if await tell_whether_used(bench, bs, dm, question=question, until_us=last_us):
            gone_us += int(bench.window(control)[0] * 1e6)
        await bench.until(gone_us)
        await bs.accept_requests()
    await expect_account_gone(bench, row, bs, dm, after_us=gone_us, what=what)


async def finish_if_taken(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> Optional[Finished]:
    """Go on with a session that the client may have ended; None when it has."""
    seq = bench.peer.last_seq
    answer = await session.put_security(dm.account())
    if accepted(answer):
        answer = await session.put_server(dm.account())
    if accepted(answer):
        answer = await session.send("POST", ("bs",))
    if not accepted(answer):
        bench.fact(f"the session was over for the client: {_told(answer)}")
        return None
    assert answer is not None
    await dm.expect_registration(after_seq=seq)
    return Finished(answer["sent_us"], answer.t)


def _told(answer: Optional[Event]) -> str:
    if answer is None:
        return "a command was not answered"
    return f"a command was answered {answer.get('code') or 'by nothing: ' + answer['reason']}"
