# SPDX-License-Identifier: Apache-2.0
"""Registrations that fail when the account is gone (CLN-13).

There is no bootstrap to turn to. A client that was told of further attempts (/1/x/17 to 20) makes
them; how one goes on that was not, or when these are over, is told and not judged: some never
register again until they are restarted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck import stimulus
from bootcheck.applied import Applied
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession
from bootcheck.subjects.registering import is_attempt, latest_s
from bootcheck.subjects.server_settings import offer_settings, retries

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_REFUSING = ("register_refused", "restart")  # stimuli in which a Register is refused
_ATTEMPTS, _WANTED = 3, 2  # told; the one that is refused first, and a further one
_QUESTION = "registrations that are refused after the purge"


async def tell_attempts(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> bool:
    """Write /1/x/17 to 20, which there are from 1.1 on; whether the client took them."""
    if bench.variant.edition in ("CR", "1.0"):
        return False
    return await offer_settings(bench, session, dm, retries(_ATTEMPTS, 1, 1))


async def expect_registrations_go_on(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", *, gone_us: int, told: bool
) -> None:
    """A Register is refused after the purge: others follow where they were told, no bootstrap."""
    control = await bench.control()
    await bench.until(gone_us)
    applied = await _refuse(bench, dm)
    if told:
        await _expect_told_attempts(bench, bs, dm, applied)
    seconds, origin = bench.window(control)
    await bench.until(applied.effect_us + int(seconds * 1e6))
    contact = bench.peer.first(lambda event: bs.is_contact(event) and event.t > gone_us)
    reacts = control is not None and applied.stimulus in control.effective
    bench.check(
        "no-bootstrap",
        bench.row("CLN-13"),
        False if contact is not None else True if reacts else None,
        "after the purge a registration that is refused leads to no bootstrap",
        expected=f"no contact with {bs.uri}",
        observed="a contact"
        if contact is not None
        else f"none for {seconds:.3f} s ({applied.told})"
        if reacts
        else "none, but no control shows that this client would have turned there",
        evidence=(describe(contact, applied.effect_us),) if contact is not None else (),
        window={"from_us": applied.effect_us, "seconds": seconds, "origin": origin},
    )
    if contact is None:
        await _tell_end(bench, dm, applied, told)


async def _expect_told_attempts(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", applied: Applied
) -> None:
    """A further Register follows the refused one, unless the client bootstraps in its place."""
    bound = applied.effect_us + int((latest_s(bench, 1) + latest_s(bench, 2)) * 1e6)

    def tells(event: Event) -> bool:
        return bs.is_contact(event) or _attempts(bench, dm, applied) >= _WANTED

    await bench.wait_for(tells, after_seq=applied.seq, until_us=bound)
    if bench.peer.first(bs.is_contact, applied.seq) is not None:
        return
    count = _attempts(bench, dm, applied)
    refused = [e for e in bench.peer.events[applied.seq :] if is_attempt(dm, e)]
    bench.check(
        "goes-on-registering",
        bench.row("CLN-13"),
        count >= _WANTED,
        "after the purge a registration that is refused is tried again as it was told",
        expected=f"{_WANTED} or more Registers: {_ATTEMPTS} were told",
        observed=f"{count} ({applied.told})",
        evidence=tuple(describe(event, applied.effect_us) for event in refused),
    )


async def _refuse(bench: "Bench", dm: "LwM2MServer") -> Applied:
    """The first stimulus of the profile in which a Register is refused; Ended without one."""
    for name in bench.stimuli():
        if name in _REFUSING:
            applied = await stimulus.apply(name, bench, dm)
            if applied.effective:
                return applied
            bench.fact(f"stimulus {name}: {applied.told}")
            await dm.accept_registration()
    bench.check(
        "refused-after-purge",
        bench.row("CLN-13"),
        None,
        "the client can be brought to a registration that is refused",
        expected=f"one of {', '.join(_REFUSING)} (handle.stimuli)",
        observed="none that the profile offers worked",
    )
    raise Ended()


def _attempts(bench: "Bench", dm: "LwM2MServer", applied: Applied) -> int:
    return sum(is_attempt(dm, event) for event in bench.peer.events[applied.seq :])


async def _tell_end(bench: "Bench", dm: "LwM2MServer", applied: Applied, told: bool) -> None:
    before = _attempts(bench, dm, applied)
    await dm.accept_registration()
    bound = bench.profile.timings.reaction_s
    back: Optional[object] = await bench.wait_for(
        dm.is_registration, after_seq=bench.peer.last_seq, within_s=bound
    )
    case = f"told of {_ATTEMPTS} attempts" if told else "not told of attempts"
    after = "registered once they are accepted" if back else f"no Register within {bound:g} s then"
    several = before > (_ATTEMPTS if told else 1)
    bench.choice(_QUESTION, case, f"{'further ones' if several else 'no further one'}; {after}")
