# SPDX-License-Identifier: Apache-2.0
"""Where the texts leave a choice: which way a client takes is told as a fact, never judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck import stimulus
from bootcheck.control import Control
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, Finished, accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_MARGIN_S = 0.5


def room_s(bench: "Bench", control: Control) -> float:
    """Seconds from a Finish in which a client has registered and, on a stimulus, begun a session.

    Its Register may come a retransmission late, and its request another one later than the
    ClientHello, by which controls go.
    """
    return 2 * bench.profile.coap.loss_s + glance_s(bench, control)


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
    it starts no session. Nothing is judged after that: what a refused attempt does to a timeout
    that is running is not said either.
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
    return Finished(answer["sent_us"], answer.t, answer.seq)


def _told(answer: Optional[Event]) -> str:
    if answer is None:
        return "a command was not answered"
    return f"a command was answered {answer.get('code') or 'by nothing: ' + answer['reason']}"
