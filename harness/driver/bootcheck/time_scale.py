# SPDX-License-Identifier: Apache-2.0
"""A client whose clock runs N times faster, by libfaketime, so that its long waits become short.

All verdicts stay in real time: what a client is *told* in seconds (/0/x/11, /0/x/12) is N times as
long, so that its timer takes as long as without scaling, and so do purge_grace_s and every window
that is measured. What a client waits for of its own is over N times sooner: those bounds of the
profile are divided. The peer, its retransmissions and the start of a program stay as they are.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bootcheck.profile import CoapParameters, Profile, Timings

MOST = 100  # 1 ms of the machine is 100 ms to the client: beyond this its own timers misfire
# Handshakes and retransmissions of the peer (2 s and more) take real time: no bound is shorter.
FLOOR_S = 10.0
DIVIDED = ("reaction_s", "hold_off_s", "session_limit_s", "retry_s")
TOLD = ("/0/x/11", "/0/x/12")

_LIBRARIES = "*/faketime/libfaketimeMT.so.1"  # of the distribution's package libfaketime
_SHARED_MEMORY = ("faketime_shm_{}", "sem.faketime_sem_{}")


class TimeScaleError(Exception):
    """The client's time cannot be scaled; the text says why and what to do."""


def library() -> Path:
    """The library that scales a program's clocks. Raises TimeScaleError."""
    found = sorted(Path("/usr/lib").glob(_LIBRARIES))
    if not found:
        raise TimeScaleError("libfaketime is not installed: ./run_tests.py install time-scale")
    return found[0]


def check(factor: int, profile: "Profile") -> None:
    """Raises TimeScaleError when this client's time must not be scaled that much."""
    if profile.lab.adapter != "process":
        raise TimeScaleError(
            f"{profile.where('handle.adapter')}: only a client that is a process of this machine "
            "can have its time scaled"
        )
    limit = profile.time_scale_max
    if limit is None:
        raise TimeScaleError(
            f"{profile.where('handle')}: time_scale_max is not declared: say in [handle] how many "
            "times faster this client's clock may run"
        )
    if factor > limit:
        raise TimeScaleError(
            f"{profile.where('handle.time_scale_max')}: the profile allows {limit} at most"
        )
    library()


def scaled(timings: "Timings", factor: int) -> "Timings":
    """The bounds for a client whose clock runs `factor` times faster."""
    if factor == 1:
        return timings
    values = {name: getattr(timings, name) for name in DIVIDED}
    floors = {name: 0.0 if name == "hold_off_s" else FLOOR_S for name in DIVIDED}
    return replace(
        timings,
        **{name: max(s / factor, min(s, floors[name])) for name, s in values.items()},
    )


def scaled_coap(coap: "CoapParameters", factor: int) -> "CoapParameters":
    """The transmission parameters of such a client."""
    return replace(coap, ack_timeout_s=coap.ack_timeout_s / factor)


def environment(factor: int, run_s: float) -> dict[str, str]:
    """The environment of a client that was first started `run_s` seconds ago.

    A client that is started again goes on where its clock was, not at the machine's time.
    """
    ahead = run_s * (factor - 1)
    return {**os.environ, "LD_PRELOAD": str(library()), "FAKETIME": f"+{ahead:.3f} x{factor}"}


def clean_up(pid: int) -> None:
    """Remove what the library of a killed process leaves in the machine's memory."""
    for name in _SHARED_MEMORY:
        Path("/dev/shm", name.format(pid)).unlink(missing_ok=True)


def told(factor: int, profile: "Profile") -> dict[str, Any]:
    """For run.jsonl: what was scaled, in seconds as declared and as used."""
    bounds = scaled(profile.timings, factor)
    return {
        "factor": factor,
        "divided": {
            name: [getattr(profile.timings, name), round(getattr(bounds, name), 3)]
            for name in DIVIDED
        },
        "multiplied": list(TOLD),
        "unseen_lateness_s": round(profile.timings.purge_grace_s * factor, 3),
    }


def text(members: dict[str, Any]) -> str:
    """The same for people."""
    factor = members["factor"]
    divided = ", ".join(
        f"{name} {declared:g} s as {used:g} s"
        for name, (declared, used) in members["divided"].items()
    )
    return (
        f"the client's clock ran {factor} times faster: {divided}; {' and '.join(TOLD)} were told "
        f"{factor} times as long and judged in real time; a purge that is late by up to "
        f"{members['unseen_lateness_s']:g} s of the client's clock is not seen"
    )
