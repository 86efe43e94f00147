# SPDX-License-Identifier: Apache-2.0
"""Usable: a stimulus brings a Bootstrap-Request under the account."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Optional, Sequence

from bootcheck import stimulus
from bootcheck.applied import Applied
from bootcheck.ending import Ended
from bootcheck.evidence import describe, identity_text
from bootcheck.peer import Event
from bootcheck.requirement import Requirement

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.control import Control
    from bootcheck.server import BootstrapServer, LwM2MServer
    from bootcheck.session import BootstrapSession, Finished

_SHOWN = 6  # events that a check repeats as evidence


async def expect_account_usable(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    *,
    name: str = "usable",
) -> None:
    """Each stimulus that the profile offers and the client takes up brings a Bootstrap-Request.

    Raises Ended after a failed check: what follows would show nothing.
    """
    identity = bs.credentials.identity.hex() if bs.credentials else None
    shown = 0
    for stimulus_name in bench.stimuli():
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
        under = f" under identity {identity_text(identity)}" if identity else ""
        expected = f"a Bootstrap-Request at {bs.uri}{under}"
        if request is None:
            wanted = Wanted(bs, identity, row, check_name, what, expected)
            await _judge_unused(bench, wanted, applied, already_shown=shown > 0)
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
        _no_stimulus_works(bench, row, f"{name}-any")


async def stimulate(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    name: str,
    stimuli: Optional[Sequence[str]] = None,
) -> Event:
    """The first stimulus that the client takes up brings a Bootstrap-Request; else Ended.

    `stimuli`: only these; without it all that the profile offers.
    """
    identity = bs.credentials.identity.hex() if bs.credentials else None
    bound = bench.profile.timings.reaction_s
    for stimulus_name in bench.stimuli() if stimuli is None else stimuli:
        applied = await stimulus.apply(stimulus_name, bench, dm)
        if applied.effective:
            break
        bench.fact(f"stimulus {stimulus_name}: {applied.told}")
        await dm.accept_registration()
    else:
        _no_stimulus_works(bench, row, name)
    request = await bench.wait_for(
        lambda e: bs.is_bootstrap_request(e) and e.get("identity") == identity,
        after_seq=applied.seq,
        until_us=applied.effect_us + int(bound * 1e6),
    )
    what, expected = "the account is used after a stimulus", f"a Bootstrap-Request at {bs.uri}"
    if request is None:
        wanted = Wanted(bs, identity, row, name, what, expected)
        await _judge_unused(bench, wanted, applied, already_shown=False)
        raise Ended()
    after_s = (request.t - applied.effect_us) / 1e6
    observed = f"it came {after_s:.3f} s after the stimulus ({applied.told})"
    bench.check(name, row, True, what, expected=expected, observed=observed)
    await dm.accept_registration()
    return request


async def next_session(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    stimuli: Optional[Sequence[str]] = None,
) -> "BootstrapSession":
    """A further session with the same server, brought about by a stimulus."""
    return bs.session(await stimulate(bench, row, bs, dm, "next-session", stimuli))


def _no_stimulus_works(bench: "Bench", row: Requirement, name: str) -> NoReturn:
    bench.check(
        name,
        row,
        None,
        "a stimulus brings the client to its Bootstrap-Server",
        expected="at least one stimulus that the client takes up",
        observed="none that the profile offers worked (handle.stimuli)",
    )
    raise Ended()


@dataclass(frozen=True)
class Wanted:
    """The Bootstrap-Request that did not come, and the check that it was for."""

    bs: "BootstrapServer"
    identity: Optional[str]
    row: Requirement
    name: str
    what: str
    expected: str

    def is_astray(self, event: Event) -> bool:
        """A sign that the client used something other than this account."""
        if event.name == "handshake_failed":
            return True
        if event.name in ("identity_offered", "request_received"):
            return event.get("identity") != self.identity or event.get("server") != self.bs.name
        return event.name == "client_hello" and event.get("server") != self.bs.name


async def _judge_unused(
    bench: "Bench", wanted: Wanted, applied: Applied, *, already_shown: bool
) -> None:
    """No Bootstrap-Request came: the account's fault, or does this client never react?"""
    bound = bench.profile.timings.reaction_s
    window = {"from_us": applied.effect_us, "seconds": bound, "origin": "timings.reaction_s"}

    def record(passed: Optional[bool], observed: str, *evidence: str) -> None:
        bench.check(
            wanted.name,
            wanted.row,
            passed,
            wanted.what,
            expected=wanted.expected,
            observed=f"{observed} ({applied.told})",
            evidence=evidence,
            window=window,
        )

    seen = [event for event in bench.peer.events[applied.seq :] if bench.at_bootstrap_server(event)]
    astray = [event for event in seen if wanted.is_astray(event)]
    if astray:
        told = [describe(event, applied.effect_us) for event in astray[:_SHOWN]]
        return record(False, f"within {bound:g} s other attempts, but no such request", *told)
    if any(event.name == "datagram_undecodable" for event in seen):
        # lawful from 1.1 on: what a fresh handshake would use was not seen
        return record(None, "the client went on in its old DTLS session, which had been closed")
    control = await bench.control()
    reacts = control is not None and applied.stimulus in control.effective
    if any(wanted.bs.is_contact(event) for event in seen):
        return record(None, f"a contact, but no such request within {bound:g} s")
    if reacts:
        assert control is not None
        told_control = (
            f"in controls with {control.label} the same stimulus brought a contact "
            f"within {control.slowest_s:.3f} s"
        )
        return record(False, f"nothing within {bound:g} s", told_control)
    missing = "no control shows that this client reacts to the stimulus at all"
    if already_shown:  # by an earlier stimulus; what follows a refusal nobody takes up is not known
        return bench.fact(f"stimulus {applied.stimulus}: nothing within {bound:g} s; {missing}")
    record(None, f"nothing within {bound:g} s; {missing}")


def timeout_for_early_probe(bench: "Bench", control: Control) -> int:
    """T for a run that probes before T: over three slowest reactions, and room for a window."""
    window = control.window_s(bench.profile.timings.hold_off_s)
    return max(math.floor(3 * control.slowest_s) + 1, math.ceil(window + 5))


async def expect_account_usable_before(
    bench: "Bench",
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
        # a contact, as in the controls: its first message may be lost and come again after T
        contact = await bench.wait_for(
            bs.is_contact,
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
            expected=f"a contact with {bs.uri} before T = {timeout} s is over",
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


async def require_control(bench: "Bench", row: Requirement) -> Control:
    """The variant's control, or INCONCLUSIVE.

    Where there is none, an ordinary bootstrap is judged first: a client that fails in it is at
    fault, and then that is the verdict.
    """
    control = await bench.control()
    if control is None:
        bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
        await bench.start_client(account=bs.account())
        await (await bs.expect_bootstrap_request()).provision(dm)
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
