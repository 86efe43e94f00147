# SPDX-License-Identifier: Apache-2.0
"""Attempts to register that are refused, and how a client goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.server import REGISTER_REFUSED

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer
    from bootcheck.session import BootstrapSession

WHOLE_SECOND_S = 1.0  # clients that count in whole seconds may be so much early


@dataclass(frozen=True)
class Attempt:
    """A Register that was refused."""

    request: Event
    refused: Event

    @property
    def seq(self) -> int:
        return self.refused.seq


def latest_s(bench: "Bench", seconds: float) -> float:
    """The bound of a wait that the client was told: twice that, and a retransmission."""
    return 2 * seconds + bench.profile.coap.loss_s


def is_attempt(dm: "LwM2MServer", event: Event) -> bool:
    """A Register, not a repetition of one."""
    return (
        event.name == "request_received"
        and event.get("server") == dm.name
        and event.get("operation") == "register"
    )


async def next_attempt(
    bench: "Bench", dm: "LwM2MServer", after_seq: int, within_s: float
) -> Optional[Attempt]:
    """The next Register that is refused; None when there is none in time."""
    request = await bench.wait_for(
        lambda event: is_attempt(dm, event), after_seq=after_seq, within_s=within_s
    )
    if request is None:
        return None
    refused = await bench.wait_for(
        lambda event: event.name == "response_sent"
        and event.get("server") == dm.name
        and event.get("code") == REGISTER_REFUSED,
        after_seq=request.seq,
        within_s=bench.profile.timings.answer_s,
    )
    return Attempt(request, refused) if refused is not None else None


async def refused_after_finish(
    bench: "Bench", session: "BootstrapSession", dm: "LwM2MServer"
) -> Attempt:
    """Finish the session; the Register that follows is refused, until `accept_registration`."""
    seq = await dm.refuse_registration()
    await session.finish()
    bound = bench.profile.timings.reaction_s
    attempt = await next_attempt(bench, dm, seq, bound)
    bench.check(
        "registered-after-finish",
        bench.row("FIN-11"),
        attempt is not None,
        "the client registers to the LwM2M Server that it was given",
        expected="a Register",
        observed="it came" if attempt else f"none within {bound:g} s (timings.reaction_s)",
    )
    if attempt is None:
        raise Ended()
    return attempt


async def expect_bootstrap_after(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    failed: Event,
    *,
    told_to_give_up: bool,
) -> tuple["BootstrapSession", float]:
    """A registration failed: a Bootstrap-Request follows. Its session, and after how many seconds.

    `told_to_give_up`: the client took it that it has one attempt; else it may try for longer.
    """
    bound = bench.profile.timings.reaction_s + bench.profile.coap.loss_s
    request = await bench.wait_for(bs.is_bootstrap_request, after_seq=failed.seq, within_s=bound)
    observed = f"none within {bound:g} s (timings.reaction_s and a retransmission)"
    if request is None and not told_to_give_up:
        observed += "; it was not told how often it is to try, and may still be trying"
    contact = bench.peer.first(bs.is_contact, failed.seq)
    took_s = (contact.t - failed.t) / 1e6 if contact is not None else 0.0
    bench.check(
        "bootstrap-on-failure",
        row,
        True if request is not None else False if told_to_give_up else None,
        "a registration that failed leads to a bootstrap",
        expected=f"a Bootstrap-Request at {bs.uri}",
        observed=f"a contact {took_s:.3f} s after it" if request is not None else observed,
        evidence=(describe(request, failed.t),) if request is not None else (),
    )
    if request is None:
        raise Ended()
    return bs.session(request), took_s


async def expect_attempts_alone(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", failed: Attempt, *, told: bool
) -> None:
    """FBK-02: after a refused Register another one follows, and no bootstrap comes before it.

    `told`: the client took it that there are two attempts, 1 s apart. When these are over no
    server is left: what follows then is told, for that registrations have all failed asks for a
    bootstrap (SEQ-04).
    """
    row = bench.row("FBK-02")
    bound = latest_s(bench, 1) if told else bench.profile.timings.reaction_s
    again = await next_attempt(bench, dm, failed.seq, bound)
    contact = bench.peer.first(bs.is_contact, failed.seq)
    if contact is not None and (again is None or contact.t < again.request.t):
        bench.check(
            "no-bootstrap",
            row,
            False,
            "the client asks for no bootstrap while it is to try again",
            expected=f"no contact with {bs.uri} before the next Register",
            observed="a contact",
            evidence=(describe(contact, failed.refused.t),),
        )
        return
    bench.check(
        "goes-on-registering",
        row,
        True if again is not None else False if told else None,
        "the client goes on trying to register, and asks for no bootstrap before",
        expected=f"a further Register within {bound:g} s",
        observed="it came" if again is not None else "none",
    )
    if again is None:
        return
    bound = bench.profile.timings.reaction_s
    more = await bench.wait_for(
        lambda event: bs.is_contact(event) or is_attempt(dm, event),
        after_seq=again.seq,
        within_s=bound,
    )
    answer = f"nothing for {bound:g} s"
    if more is not None:
        answer = "a further Register" if is_attempt(dm, more) else "a bootstrap"
    case = "two attempts" if told else "attempts of its own"
    bench.choice("/1/x/16 is false, and the attempts to register are over", case, answer)


async def expect_no_bootstrap_beside(
    bench: "Bench", bs: "BootstrapServer", failed: Attempt, *, reaction_s: float
) -> None:
    """FBK-02: one server has refused for good, another one has accepted: no bootstrap follows.

    `reaction_s`: how long this client took to turn to its server when it was told to; silence
    lasts twice that, or it and a retransmission.
    """
    window = max(reaction_s + bench.profile.coap.loss_s, 2 * reaction_s)
    await bench.until(failed.refused.t + int(window * 1e6))
    contact = bench.peer.first(bs.is_contact, failed.seq)
    bench.check(
        "no-bootstrap",
        bench.row("FBK-02"),
        contact is None,
        "a server that refuses and does not ask for a bootstrap brings none, beside another one",
        expected=f"no contact with {bs.uri}",
        observed="a contact" if contact is not None else f"none for {window:.3f} s",
        evidence=(describe(contact, failed.refused.t),) if contact is not None else (),
        window={
            "from_us": failed.refused.t,
            "seconds": window,
            "origin": f"where /1/x/16 was true it took {reaction_s:.3f} s",
        },
    )


async def expect_next(
    bench: "Bench",
    name: str,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    failed: Attempt,
    seconds: int,
) -> Attempt:
    """FBK-03: the next Register comes so many seconds after one was refused; Ended without it."""
    row = bench.row("FBK-03")
    found = await next_attempt(bench, dm, failed.seq, latest_s(bench, seconds))
    contact = bench.peer.first(bs.is_contact, failed.seq)
    waited = (found.request.t - failed.refused.t) / 1e6 if found is not None else None
    passed: Optional[bool] = waited is not None and waited >= seconds - WHOLE_SECOND_S
    observed = (
        f"{waited:.3f} s" if waited is not None else f"none within {latest_s(bench, seconds):g} s"
    )
    if waited is None and contact is not None:
        passed, observed = None, "the client bootstrapped, which a Register that is refused allows"
    elif waited is None and await bench.lag_us(failed.refused.t) > WHOLE_SECOND_S * 1e6:
        passed, observed = None, f"{observed}, on a machine that was too slow to tell"
    bench.check(
        name,
        row,
        passed,
        "the next Register comes when the Server instance has it",
        expected=f"{seconds} s after the refusal (1 s less: counted in whole seconds), within "
        f"{latest_s(bench, seconds):g} s",
        observed=observed,
    )
    if found is None:
        raise Ended()
    return found
