# SPDX-License-Identifier: Apache-2.0
"""What a Server instance tells and does besides: Last Bootstrapped, delays, Disable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.ending import Ended, NotApplicable
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, accepted
from bootcheck.subjects.registering import WHOLE_SECOND_S, is_attempt
from bootcheck.subjects.untouched import TLV
from bootcheck.usable import next_session

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_DISABLE = 4  # /1/x/4
_LAST_BOOTSTRAPPED = "12"
_NOT_THERE = ("4.04", "4.05")


async def finish_and_wait(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> float:
    """Finish the session: seconds from its 2.04 to the Register."""
    seq = bench.peer.last_seq
    finished = await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    return (registered.t - finished.latest_us) / 1e6


def judge_delay(bench: "Bench", told_s: int, waited_s: float, without_s: float) -> None:
    """FBK-04: a client that waits as long without having been told to shows nothing."""
    least_s = told_s - WHOLE_SECOND_S
    bench.check(
        "delay-obeyed",
        bench.row("FBK-04"),
        False if waited_s < least_s else True if without_s < least_s else None,
        "the first registration after a bootstrap waits as it was told",
        expected=f"{told_s} s after the Finish (1 s less: counted in whole seconds)",
        observed=f"{waited_s:.3f} s, {without_s:.3f} s when it was told to wait for 0 s",
    )


async def last_bootstrapped(bench: "Bench", dm: "LwM2MServer", *, again: bool = False) -> int:
    """/1/x/12 as the server reads it; NotApplicable where it is not there, Ended where not told.

    `again`: it was read before.
    """
    path = ("1", str(dm.number), _LAST_BOOTSTRAPPED)
    answer = await dm.read(path, bench.profile.timings.answer_s, accept=TLV)
    code = str(answer.get("code") or answer["reason"]) if answer is not None else "by nothing"
    if code in _NOT_THERE and not again:
        raise NotApplicable(
            f"a Read of /1/x/12 is answered {code}: this optional resource is not there"
        )
    items = (answer.get("decoded") or {}).get("tlv") if answer is not None else None
    while items and "children" in items[0]:
        items = items[0]["children"]
    value = next((item.get("value") for item in items or () if str(item["id"]) == "12"), None)
    if isinstance(value, int):
        return value
    bench.check(
        "time-read",
        bench.row("FBK-06"),
        None,
        "Last Bootstrapped can be read",
        expected="a time, in TLV",
        observed=f"the Read was answered {code}",
    )
    raise Ended()


async def next_second(bench: "Bench") -> None:
    """Let the time come at which a clock of whole seconds shows another one."""
    scale = bench.lane.settings.time_scale
    await bench.until(bench.now() + int((WHOLE_SECOND_S + 0.1) / scale * 1e6))


async def later_session(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", *, writes: bool
) -> None:
    """A further session that writes the server's account again, or nothing at all."""
    session = await next_session(bench, bench.row("FBK-06"), bs, dm)
    if writes:
        await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()

    def speaks(event: Event) -> bool:
        return event.name in ("registered", "updated") and event.get("server") == dm.name

    # a registration may outlive a session
    await bench.wait_for(speaks, after_seq=seq, within_s=bench.profile.coap.loss_s)


def judge_last_bootstrapped(bench: "Bench", times: tuple[int, int, int]) -> None:
    """After the first session, one that wrote the account, and one that wrote nothing."""
    first, written, untouched = times
    bench.check(
        "changed-by-a-write",
        bench.row("FBK-06"),
        written > first,
        "Last Bootstrapped is later once the account was written again",
        expected=f"later than {first}",
        observed=str(written),
    )
    bench.check(
        "not-changed-without-one",
        bench.row("FBK-06"),
        untouched == written,
        "Last Bootstrapped is as before after a session that did not write the account",
        expected=str(written),
        observed=str(untouched),
    )


async def disable(bench: "Bench", dm: "LwM2MServer") -> int:
    """Execute /1/x/4; the last event before it. NotApplicable where the client does not have it."""
    seq = bench.peer.last_seq
    answer = await dm.execute(_DISABLE, bench.window_for_answers_s)
    if not accepted(answer):
        code = answer.get("code") if answer is not None else None
        raise NotApplicable(
            f"the client answers {code or 'nothing'} to an Execute of /1/x/4: "
            "it does not support this optional resource"
        )
    return seq


async def expect_no_bootstrap_while_disabled(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", seq: int, seconds: int
) -> None:
    """From the Execute to the Register after the Disable Timeout no bootstrap is asked for."""
    bound = seconds + bench.profile.timings.reaction_s + bench.profile.coap.loss_s
    back: Optional[Event] = await bench.wait_for(
        lambda event: is_attempt(dm, event) or bs.is_contact(event), after_seq=seq, within_s=bound
    )
    contact = bench.peer.first(bs.is_contact, seq)
    passed = contact is None if back is not None else await _is_served(bench, dm, bound)
    observed = f"a contact with {bs.uri}" if contact is not None else "so it is"
    if back is None:
        observed = f"neither within {bound:g} s; " + (
            "it is served on" if passed else "it was not seen alive, or no control tells"
        )
    origin = bench.peer.events[seq - 1].t
    bench.check(
        "no-bootstrap",
        bench.row("FBK-08"),
        passed,
        "a client that was disabled registers again, and asks for no bootstrap",
        expected=f"a Register after {seconds} s, no contact with {bs.uri} before",
        observed=observed,
        evidence=(describe(back, origin),) if back is not None else (),
    )


async def _is_served(bench: "Bench", dm: "LwM2MServer", silent_s: float) -> Optional[bool]:
    """The client lives on, and had the time to bootstrap if it took this for a failure."""
    control = await bench.control()
    if control is None or silent_s < bench.window(control)[0]:
        return None
    answer = await dm.read(("3", "0"), bench.window_for_answers_s)
    return True if accepted(answer) else None
