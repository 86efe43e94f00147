# SPDX-License-Identifier: Apache-2.0
"""Gone: silence of a client that is alive, where a control would have spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from bootcheck import stimulus
from bootcheck.applied import Applied
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.control import Control
    from bootcheck.server import BootstrapServer, LwM2MServer

# CLN-12: codes that clients answer a trigger by when they have no account
ACCOUNT_ABSENT = ("4.00", "4.04", "4.05")
# one stimulus that brings nothing may have been lost, two different ones not
_DIFFERENT_STIMULI = 2


@dataclass(frozen=True)
class Watched:
    """A stimulus and the wait for a contact after it."""

    applied: Applied
    contact: Optional[Event]
    window: dict[str, Any]

    @property
    def counts(self) -> bool:
        """The client took the stimulus up, or refused it in words: its silence says something."""
        return self.applied.effective or self.applied.answer is not None


async def expect_account_gone(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    after_us: int,
    what: str,
) -> bool:
    """From `after_us` on two different stimuli bring no contact, and the client lives on.

    True when that was shown.
    """
    control = await bench.control()
    await bench.until(after_us)

    def is_contact(event: Event) -> bool:
        return bs.is_contact(event) and event.t > after_us

    names = bench.stimuli() if control is None else control.effective[:_DIFFERENT_STIMULI]
    quiet: list[Watched] = []
    for name in names:
        if quiet and quiet[-1].applied.stimulus != "trigger":
            await _let_register_again(bench, dm, quiet[-1])
        watched = await _watch(bench, is_contact, name, dm, control)
        if name == "trigger":
            _judge_trigger_answer(bench, watched.applied)
        if watched.contact is not None:
            late = (watched.contact.t - after_us) / 1e6
            told = watched.applied.told
            return bench.check(
                "gone",
                row,
                False,
                what,
                expected=f"no contact with {bs.uri}",
                observed=f"a contact {late:.3f} s after it had to be gone ({told})",
                evidence=(describe(watched.contact, after_us),),
                window=watched.window,
            )
        if watched.counts:
            quiet.append(watched)
        else:
            bench.fact(f"stimulus {name}: {watched.applied.told}")
    alive = await _sign_of_life(bench, is_contact, dm, quiet, control)
    shown = [
        f"{(watched.applied.effect_us - after_us) / 1e6:+.3f} s {watched.applied.told}: "
        f"no contact for {watched.window['seconds']:g} s"
        for watched in quiet
    ]
    if control is None:
        problem = "no control run reached its server, so silence shows nothing"
    elif len(quiet) < _DIFFERENT_STIMULI:
        problem = f"only {len(quiet)} of the two different stimuli that are needed worked"
    elif alive is None:
        problem = "the client was not seen alive after the stimuli"
    else:
        problem = ""
        shown.append(alive)
    return bench.check(
        "gone",
        row,
        None if problem else True,
        what,
        expected=f"no contact with {bs.uri}",
        observed=problem or "none",
        evidence=tuple(shown),
        window=quiet[-1].window if quiet else None,
    )


async def expect_purge_not_refuted(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer", *, after_us: int
) -> None:
    """The purge was there to be noticed: the first stimulus of the controls brings no contact.

    With several LwM2M Servers only a trigger asks as in the controls, which have one: silence
    after the refusal of one of them is told and not judged.
    """
    control = await bench.control()
    if control is None or not control.effective:
        return bench.fact("no control shows what would bring this client to its Bootstrap-Server")
    name = control.effective[0]
    watched = await _watch(
        bench, lambda event: bs.is_contact(event) and event.t > after_us, name, dm, control
    )
    if watched.contact is None and not (name == "trigger" and watched.counts):
        return bench.fact(f"stimulus {name}: {watched.applied.told}; no contact")
    bench.check(
        "purge-not-refuted",
        row,
        watched.contact is None,
        "the account is gone when the LwM2M Servers have noticed nothing",
        expected=f"no contact with {bs.uri}",
        observed=f"{'a contact' if watched.contact else 'none'} ({watched.applied.told})",
        evidence=(describe(watched.contact, after_us),) if watched.contact else (),
        window=watched.window,
    )


async def _let_register_again(bench: "Bench", dm: "LwM2MServer", last: Watched) -> None:
    """A client that was refused is registered again before the next stimulus, if it comes."""
    await dm.accept_registration()
    seconds = last.window["seconds"]
    await bench.wait_for(dm.is_registration, after_seq=last.applied.seq, within_s=seconds)


async def _watch(
    bench: "Bench",
    is_contact: Callable[[Event], bool],
    name: str,
    dm: "LwM2MServer",
    control: Optional["Control"],
) -> Watched:
    applied = await stimulus.apply(name, bench, dm)
    seconds, origin = bench.window(control)
    until = applied.effect_us + int(seconds * 1e6)
    contact = await bench.wait_for(is_contact, after_seq=0, until_us=until)
    if contact is None and (lag := await bench.lag_us(applied.effect_us)) > 0:
        # a driver or peer that ran late has shortened the window: wait that much longer
        until += lag
        contact = await bench.wait_for(is_contact, after_seq=0, until_us=until)
    window = {
        "from_us": applied.effect_us,
        "until_us": until,
        "seconds": round((until - applied.effect_us) / 1e6, 3),
        "origin": origin,
    }
    return Watched(applied, contact, window)


def _judge_trigger_answer(bench: "Bench", applied: Applied) -> None:
    if bench.variant.edition in ("CR", "1.0"):
        return  # there is no /1/x/9
    if bench.peer.first(bench.is_bootstrap_contact, applied.seq) is not None:
        return  # there is an account, by which the trigger works: that it is there is another fault
    if applied.answer is None:
        return bench.fact(f"{applied.told}: what it says without an account is not known")
    bench.check(
        "trigger-answered-without-account",
        bench.row("CLN-12"),
        applied.answer in ACCOUNT_ABSENT,
        "Bootstrap-Request Trigger without an account is answered by an error",
        expected=" or ".join(ACCOUNT_ABSENT),
        observed=applied.told,
    )


async def _sign_of_life(
    bench: "Bench",
    is_contact: Callable[[Event], bool],
    dm: "LwM2MServer",
    quiet: list[Watched],
    control: Optional["Control"],
) -> Optional[str]:
    """How the client showed that it lives; None when it did not."""
    if not quiet:
        return None
    seconds = quiet[-1].window["seconds"]
    # alive when a control would have contacted its server already, not only when it was stimulated
    reaction_us = int(control.slowest_s * 1e6) if control is not None else 0
    since_us = quiet[-1].applied.effect_us + reaction_us

    def speaks(event: Event) -> bool:
        own = event.name in ("request_received", "response_received")
        return bool(own and event.get("server") == dm.name and event.t > since_us)

    await dm.accept_registration()
    spoken = bench.peer.first(speaks)
    if spoken is None:
        await dm.read(("3", "0"), within_s=seconds)
        spoken = await bench.wait_for(speaks, after_seq=0, within_s=seconds)
    if spoken is not None:
        return f"alive: {describe(spoken, since_us)} after the last stimulus"
    if bench.profile.keeps_state is not True:
        return None
    # some clients lawfully fall silent for good once they are refused: a restart shows them alive
    since_us = bench.now()
    seq = await bench.restart_client()
    found = await bench.wait_for(
        lambda event: speaks(event) or (is_contact(event) and event.t > since_us),
        after_seq=seq,
        within_s=bench.profile.timings.start_s,
    )
    if found is None:
        return None
    if is_contact(found):
        stimulus.report_lost_state(bench, seq)
    return f"alive: {describe(found, since_us)} after a restart"


async def expect_registration_undisturbed(
    bench: "Bench", dm: "LwM2MServer", after_seq: int, when: str = ""
) -> None:
    """CLN-11: the purge leaves the LwM2M Servers alone: no De-register, a Read is answered."""
    answer = await dm.read(("3", "0"), bench.profile.timings.answer_s)
    left = bench.peer.first(
        lambda event: event.get("server") == dm.name and event.get("operation") == "deregister",
        after_seq,
    )
    code = answer.get("code") if answer is not None else None
    observed = f"Read /3/0 was answered {code}" if code else "Read /3/0 was not answered"
    bench.check(
        f"registration-undisturbed-{when}" if when else "registration-undisturbed",
        bench.row("CLN-11"),
        left is None and code is not None,
        "the registration to the LwM2M Server outlives the account",
        expected="no De-register, and an answer to Read /3/0",
        observed=observed + ("; the client sent De-register" if left else ""),
    )
