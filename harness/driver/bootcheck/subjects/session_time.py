# SPDX-License-Identifier: Apache-2.0
"""How long a session waits for its Finish: EXCHANGE_LIFETIME (FIN-09).

That is `coap.exchange_lifetime_s` of the profile, L here. By one reading the time starts anew with
each command, by another one it starts once. A command that comes 0.9 L after the answer to the
request must be taken by both; one that comes 0.9 L after that, by the first. A machine that was
late by 0.1 L or more tells nothing: the client may not have had the command in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.ending import Ended, NotApplicable
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_LEAST_S = 10.0
_SHARE = 0.9  # of EXCHANGE_LIFETIME: short of it by more than a driver is late
_FROM_REQUEST, _SHORTER = 1, 2  # places of the readings of FIN-09


def limit_s(bench: "Bench") -> float:
    """EXCHANGE_LIFETIME of this client, in seconds of real time."""
    return bench.profile.coap.exchange_s / bench.lane.settings.time_scale


def require_long_enough(bench: "Bench") -> None:
    """NotApplicable where a scaled clock leaves too little to tell 0.9 L from L."""
    limit = limit_s(bench)
    if limit < _LEAST_S:
        raise NotApplicable(f"with --time-scale EXCHANGE_LIFETIME takes {limit:g} s: too little")


async def pause(bench: "Bench", bs: "BootstrapServer", session: BootstrapSession) -> bool:
    """Let 0.9 L pass with no command; False when the client turned to its server meanwhile."""
    seq = bench.peer.last_seq
    bound = _SHARE * limit_s(bench)
    return await bench.wait_for(bs.is_contact, after_seq=seq, within_s=bound) is None


async def expect_session_there(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", session: BootstrapSession
) -> None:
    """0.9 L after the request's answer a command is taken; Ended when the session is over."""
    began = bench.now()
    quiet = await pause(bench, bs, session)
    answer = await session.put_server(dm.account()) if quiet else None
    passed, observed = await _outcome(bench, quiet, answer, began)
    bench.check(
        "session-there",
        bench.row("FIN-09").read_as(_SHORTER, bench.variant.edition),
        passed,
        "the session waits for its Finish for as long as EXCHANGE_LIFETIME",
        expected=f"a Write {_told(bench, _SHARE)} after the answer to the request is accepted",
        observed=observed,
    )
    if not passed:
        raise Ended()


async def expect_time_starts_anew(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", session: BootstrapSession
) -> None:
    """0.9 L after the last command, more than L after the request, the Finish is accepted."""
    began = bench.now()
    quiet = await pause(bench, bs, session)
    seq = bench.peer.last_seq
    answer = await session.send("POST", ("bs",)) if quiet else None
    passed, observed = await _outcome(bench, quiet, answer, began)
    bench.check(
        "time-starts-anew",
        bench.row("FIN-09").read_as(_FROM_REQUEST, bench.variant.edition),
        passed,
        "the time for the Finish starts anew with each command",
        expected=f"the Finish is accepted {_told(bench, _SHARE)} after the last command, "
        f"{_told(bench, 2 * _SHARE)} after the answer to the request",
        observed=observed,
    )
    if not passed:
        raise Ended()
    await dm.expect_registration(after_seq=seq)


async def expect_given_up(
    bench: "Bench", bs: "BootstrapServer", session: BootstrapSession, last_us: int
) -> None:
    """No Finish comes: a further attempt does, or what comes too late is not taken any more."""
    timings, seq = bench.profile.timings, bench.peer.last_seq
    limit = max(limit_s(bench), timings.session_limit_s)
    bound = limit + timings.retry_s + bench.profile.coap.loss_s
    again = await bench.wait_for(
        bs.is_bootstrap_request, after_seq=seq, until_us=last_us + int(bound * 1e6)
    )
    passed, observed = True, "a new Bootstrap-Request came"
    if again is None:
        answer = await session.send("POST", ("bs",))
        passed = not accepted(answer)
        told = (answer.get("code") or answer["reason"]) if answer is not None else "not at all"
        observed = f"no further attempt in {bound:g} s; a Finish then was answered {told}"
    bench.check(
        "given-up",
        bench.row("FIN-09"),
        passed,
        "a session that gets no Finish is given up",
        expected="a new Bootstrap-Request, or a late Finish is refused",
        observed=observed,
    )


def _told(bench: "Bench", share: float) -> str:
    return f"{share * limit_s(bench):g} s"


async def _outcome(
    bench: "Bench", quiet: bool, answer: Optional[Event], began_us: int
) -> tuple[Optional[bool], str]:
    """Whether the session was there, None where it cannot be told; and what was seen."""
    if accepted(answer):
        return True, "so it was"
    observed = "the client turned to its Bootstrap-Server anew before that"
    if quiet:
        code = answer.get("code") if answer is not None else None
        observed = f"it was answered {code or 'by nothing'}"
    lag_s = await bench.lag_us(began_us) / 1e6
    if lag_s >= (1 - _SHARE) * limit_s(bench):
        return None, f"{observed}, on a machine that was {lag_s:.1f} s late"
    return False, observed
