# SPDX-License-Identifier: Apache-2.0
"""Usable and gone: how a Bootstrap-Server Account shows on the wire that it is there, or not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from bootcheck import stimulus
from bootcheck.bench import Bench, Ended, NotApplicable, describe
from bootcheck.control import Control
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.stimulus import Applied

if TYPE_CHECKING:
    from bootcheck.account import Credentials
    from bootcheck.server import BootstrapServer, LwM2MServer
    from bootcheck.session import Finished

ACCOUNT_ABSENT = (
    "4.00",
    "4.04",
    "4.05",
)  # CLN-12: codes that clients answer a trigger without account by
_DIFFERENT_STIMULI = (
    2  # one stimulus that brings nothing may have been lost; two different ones not
)
_SHOWN = 6  # events that a check repeats as evidence


@dataclass(frozen=True)
class Silence:
    """A stimulus and the wait for a contact after it."""

    applied: Applied
    contact: Optional[Event]
    window: dict[str, Any]


async def _watch(
    bench: Bench, bs: "BootstrapServer", name: str, dm: "LwM2MServer", control: Optional[Control]
) -> Silence:
    applied = await stimulus.apply(name, bench, dm)
    seconds, origin = bench.window(applied, control)
    until = applied.effect_us + int(seconds * 1e6)
    contact = bench.peer.first(bs.is_contact, applied.seq)
    if contact is None and applied.effective:
        contact = await bench.wait_for(bs.is_contact, after_seq=applied.seq, until_us=until)
        # a driver or peer that lagged has shortened the window: wait that much longer
        if contact is None and (lag := await bench.lag_us(applied.effect_us)) > 0:
            contact = await bench.wait_for(
                bs.is_contact, after_seq=applied.seq, until_us=bench.now() + lag
            )
    window = {
        "from_us": applied.effect_us,
        "until_us": until,
        "seconds": round(seconds, 3),
        "origin": origin,
    }
    return Silence(applied, contact, window)


async def expect_account_usable(
    bench: Bench,
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    credentials: Optional["Credentials"] = None,
    only: Optional[int] = None,
    name: str = "usable",
) -> None:
    """Each stimulus (or the first `only` that work) brings a Bootstrap-Request under the account.

    Raises Ended after a failed check: what follows would show nothing.
    """
    identity = (credentials or bs.credentials).identity.hex() if bs.credentials else None
    shown = 0
    for stimulus_name in bench.stimuli():
        if only is not None and shown == only:
            break
        applied = await stimulus.apply(stimulus_name, bench, dm)
        if not applied.effective:
            bench.fact(f"stimulus {stimulus_name}: {applied.told}")
            await dm.accept_registration()
            continue
        bound = bench.profile.timings.reaction_s
        request = await bench.wait_for(
            lambda e: bs.is_bootstrap_request(e) and e.get("identity") == identity,
            after_seq=applied.seq,
            until_us=applied.effect_us + int(bound * 1e6),
        )
        check_name = f"{name}-{stimulus_name}"
        what = f"the account is used after a stimulus ({stimulus_name})"
        under = f" under identity {_name(identity)}" if identity else ""
        expected = f"a Bootstrap-Request at {bs.uri}{under}"
        if request is None:
            await _judge_unused(bench, row, bs, applied, check_name, what, expected)
            raise Ended()
        after_s = (request.t - applied.effect_us) / 1e6
        bench.check(
            check_name,
            row,
            True,
            what,
            expected=expected,
            observed=f"it came {after_s:.3f} s after the stimulus ({applied.told})",
            evidence=(describe(request, applied.effect_us),),
        )
        shown += 1
        await dm.accept_registration()
        await bs.session(request).provision(dm)
    if not shown:
        bench.check(
            f"{name}-any",
            row,
            None,
            "a stimulus brings the client to its Bootstrap-Server",
            expected="at least one stimulus that the client takes up",
            observed="none that the profile offers worked (handle.stimuli)",
        )
        raise Ended()


async def _judge_unused(
    bench: Bench,
    row: Requirement,
    bs: "BootstrapServer",
    applied: Applied,
    name: str,
    what: str,
    expected: str,
) -> None:
    """No Bootstrap-Request came: the account's fault, or does this client never react?"""
    seen = [
        event
        for event in bench.peer.events[applied.seq :]
        if bench.is_bootstrap_contact(event)
        or event.name in ("identity_offered", "handshake_failed", "alert_received")
    ]
    evidence = tuple(describe(event, applied.effect_us) for event in seen[:_SHOWN])
    bound = bench.profile.timings.reaction_s
    window = {"from_us": applied.effect_us, "seconds": bound, "origin": "timings.reaction_s"}
    if seen:
        observed = f"within {bound:g} s contacts, but no such request ({applied.told})"
        bench.check(
            name,
            row,
            False,
            what,
            expected=expected,
            observed=observed,
            evidence=evidence,
            window=window,
        )
        return
    observed = f"nothing within {bound:g} s ({applied.told})"
    control = await bench.control()
    if control is not None and applied.stimulus in control.effective:
        told = (
            f"in controls with {control.label} the same stimulus brought a contact "
            f"within {control.slowest_s:.3f} s"
        )
        bench.check(
            name,
            row,
            False,
            what,
            expected=expected,
            observed=observed,
            evidence=(told,),
            window=window,
        )
        return
    observed += "; no control shows that this client reacts to the stimulus at all"
    bench.check(name, row, None, what, expected=expected, observed=observed, window=window)


async def expect_account_gone(
    bench: Bench,
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    after_us: int,
    what: str,
) -> None:
    """From `after_us` on two different stimuli bring no contact, and the client lives on."""
    control = await bench.control()
    await bench.until(after_us)
    names = control.effective[:_DIFFERENT_STIMULI] if control is not None else bench.stimuli()
    quiet: list[Silence] = []
    for name in names:
        silence = await _watch(bench, bs, name, dm, control)
        if silence.contact is not None:
            since = (silence.contact.t - after_us) / 1e6
            bench.check(
                "gone",
                row,
                False,
                what,
                expected=f"no contact with {bs.uri}",
                observed=f"a contact {since:.3f} s after it had to be gone ({silence.applied.told})",
                evidence=(describe(silence.contact, after_us),),
                window=silence.window,
            )
            return
        if name == "trigger":
            _judge_trigger_answer(bench, silence.applied)
        if silence.applied.effective or name == "trigger":
            quiet.append(silence)
        else:
            bench.fact(f"stimulus {name}: {silence.applied.told}")
    alive = await _alive(bench, dm, quiet)
    told = tuple(
        f"{silence.applied.told}: no contact for {silence.window['seconds']:g} s"
        for silence in quiet
    )
    proven = control is not None and len(quiet) >= _DIFFERENT_STIMULI and alive is not None
    if control is None:
        problem = "no control run reached its server, so silence shows nothing"
    elif len(quiet) < _DIFFERENT_STIMULI:
        problem = f"only {len(quiet)} stimulus worked of the two different ones that are needed"
    else:
        problem = "the client was not seen alive after the stimuli"
    bench.check(
        "gone",
        row,
        True if proven else None,
        what,
        expected=f"no contact with {bs.uri}",
        observed="none" if proven else problem,
        evidence=(*told, alive) if alive else told,
        window=quiet[-1].window if quiet else None,
    )


def _judge_trigger_answer(bench: Bench, applied: Applied) -> None:
    if bench.variant.edition in ("CR", "1.0"):
        return  # there is no /1/x/9
    bench.check(
        "trigger-answered-without-account",
        bench.row("CLN-12"),
        applied.answer in ACCOUNT_ABSENT,
        "Bootstrap-Request Trigger without an account is answered by an error",
        expected=" or ".join(ACCOUNT_ABSENT),
        observed=applied.told,
    )


async def _alive(bench: Bench, dm: "LwM2MServer", quiet: list[Silence]) -> Optional[str]:
    """How the client showed after the last stimulus that it lives; None when it did not."""
    if not quiet:
        return None
    last = quiet[-1].applied
    await dm.accept_registration()

    def speaks(event: Event) -> bool:
        return event.get("server") == dm.name and event.name in (
            "request_received",
            "response_received",
        )

    event = bench.peer.first(speaks, last.seq)
    # a Register that was the stimulus itself came before the silence: ask for something after it
    later = bench.peer.first(lambda e: speaks(e) and e.t > last.effect_us, last.seq)
    if later is not None:
        bench.fact(f"after the account was gone: {describe(later, last.effect_us)}")
        return f"alive: {describe(later, last.effect_us)} after the stimulus"
    answer = await dm.read(("3", "0"), bench.window_for_answers_s) if event is not None else None
    if answer is not None and answer.name == "response_received":
        return f"alive: Read /3/0 was answered {answer['code']}"
    if bench.profile.keeps_state is True:
        seq = bench.peer.last_seq
        await bench.restart_client()
        found = await bench.wait_for(
            lambda e: speaks(e) or bench.is_bootstrap_contact(e),
            after_seq=seq,
            within_s=bench.profile.timings.start_s,
        )
        if found is not None and not bench.is_bootstrap_contact(found):
            return f"alive: after a restart {describe(found, last.effect_us)}"
    return None


async def expect_registration_undisturbed(bench: Bench, dm: "LwM2MServer", after_seq: int) -> None:
    """CLN-11: the purge leaves the LwM2M Servers alone: no De-register, a Read is answered."""
    answer = await dm.read(("3", "0"), bench.window_for_answers_s)
    left = bench.peer.first(
        lambda e: e.name == "request_received" and e.get("operation") == "deregister", after_seq
    )
    code = answer.get("code") if answer is not None else None
    observed = f"Read /3/0 was answered {code}" if code else "Read /3/0 was not answered"
    bench.check(
        "registration-undisturbed",
        bench.row("CLN-11"),
        left is None and code is not None,
        "the registration to the LwM2M Server outlives the account",
        expected="no De-register, and an answer to Read /3/0",
        observed=observed + ("; the client sent De-register" if left else ""),
    )


def timeout_for_early_probe(bench: Bench, control: Control) -> int:
    """T for a run that probes before T: over three times the slowest reaction, room for a window."""
    window = control.window_s(bench.profile.timings.hold_off_s)
    return math.ceil(max(3 * control.slowest_s, 3 * window if window < 5 else window + 5))


async def expect_account_usable_before(
    bench: Bench,
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    control: Control,
    finished: "Finished",
    timeout: int,
) -> None:
    """A stimulus one window before `timeout` is over brings a Bootstrap-Request."""
    window = control.window_s(bench.profile.timings.hold_off_s)
    deadline = finished.earliest_us + timeout * 1_000_000
    await bench.until(deadline - int(window * 1e6))
    for name in control.effective:
        applied = await stimulus.apply(name, bench, dm)
        if not applied.effective:
            bench.fact(f"stimulus {name}: {applied.told}")
            await dm.accept_registration()
            continue
        contact = await bench.wait_for(
            bs.is_bootstrap_request,
            after_seq=applied.seq,
            until_us=max(deadline, applied.effect_us),
        )
        left = (deadline - applied.effect_us) / 1e6
        passed: Optional[bool] = contact is not None
        if contact is None and left < control.slowest_s:
            passed = None  # the stimulus took effect too late to tell
        bench.check(
            "not-before-timeout",
            row,
            passed,
            "the account can be used until its timeout is over",
            expected=f"a Bootstrap-Request at {bs.uri} before T = {timeout} s is over",
            observed="it came"
            if contact
            else f"none in the {left:.3f} s that were left ({applied.told})",
            evidence=(describe(contact, finished.earliest_us),) if contact else (),
            window={
                "from_us": applied.effect_us,
                "until_us": deadline,
                "seconds": round(left, 3),
                "origin": control.origin(bench.profile.timings.hold_off_s),
            },
        )
        return
    bench.check(
        "not-before-timeout",
        row,
        None,
        "the account can be used until its timeout is over",
        expected="a stimulus that the client takes up",
        observed="none worked in this run",
    )


async def require_control(bench: Bench, row: Requirement) -> Control:
    """The variant's control, or INCONCLUSIVE."""
    control = await bench.control()
    if control is None:
        bench.check(
            "control",
            row,
            None,
            "control runs show how fast this client reacts",
            expected="a control that reaches its server",
            observed="none did: " + "; ".join(bench.shared.problems(bench.variant)),
        )
        raise Ended()
    return control


def require_timeout_support(bench: Bench) -> None:
    """The client can be given /0/x/12 at all."""
    if bench.profile.timeout is None:
        raise NotApplicable(
            f"{bench.profile.where('account.timeout')}: how /0/x/12 is set is not declared"
        )


def expect_no_contact(
    bench: Bench, row: Requirement, old: "BootstrapServer", after_seq: int, name: str, what: str
) -> None:
    """After `after_seq` the server saw neither a ClientHello nor a new request."""
    contacts = [event for event in bench.peer.events[after_seq:] if old.is_contact(event)]
    origin = bench.peer.events[after_seq - 1].t if after_seq else 0
    bench.check(
        name,
        row,
        not contacts,
        what,
        expected=f"no contact with {old.uri}",
        observed=f"{len(contacts)} contacts"
        if contacts
        else "none, while the new account was used",
        evidence=tuple(describe(event, origin) for event in contacts[:_SHOWN]),
    )


def expect_identity_unused(
    bench: Bench, row: Requirement, old: "Credentials", after_seq: int, name: str, what: str
) -> None:
    """After `after_seq` no handshake offered the identity."""
    identity = old.identity.hex()
    offers = [
        event
        for event in bench.peer.events[after_seq:]
        if event.name in ("identity_offered", "association_opened")
        and event.get("identity") == identity
    ]
    origin = bench.peer.events[after_seq - 1].t if after_seq else 0
    bench.check(
        name,
        row,
        not offers,
        what,
        expected=f"no handshake under identity {_name(identity)}",
        observed=f"{len(offers)} times" if offers else "none, while the new identity was used",
        evidence=tuple(describe(event, origin) for event in offers[:_SHOWN]),
    )


def _name(identity: Optional[str]) -> str:
    return bytes.fromhex(identity).decode("utf-8", "backslashreplace") if identity else "none"
