# SPDX-License-Identifier: Apache-2.0
"""Usable: a stimulus brings a Bootstrap-Request under the account."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Optional

from bootcheck import stimulus
from bootcheck.ending import Ended
from bootcheck.evidence import describe, identity_text
from bootcheck.requirement import Requirement
from bootcheck.stimulus import Applied

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.control import Control
    from bootcheck.server import BootstrapServer, LwM2MServer
    from bootcheck.session import Finished

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
    bench: "Bench",
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


def timeout_for_early_probe(bench: "Bench", control: Control) -> int:
    """T for a run that probes before T: over three slowest reactions, and room for a window."""
    window = control.window_s(bench.profile.timings.hold_off_s)
    room = 3 * window if window < 5 else window + 5
    return max(math.floor(3 * control.slowest_s) + 1, math.ceil(room))


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


async def require_control(bench: "Bench", row: Requirement) -> Control:
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
