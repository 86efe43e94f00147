# SPDX-License-Identifier: Apache-2.0
"""What a Register says of the account that it is made with (TS 1.0 5.3.1; TS 1.1 Core 6.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement

if TYPE_CHECKING:
    from bootcheck.bench import Bench

_DEFAULT_LIFETIME, _DEFAULT_BINDING = 86400, "U"  # of a Register that does not say them
_BINDINGS = frozenset("UMHTSN")  # TS 1.2 Core 6.2.1.2: Q is a parameter of its own from 1.1 on


def expect_lifetime(bench: "Bench", row: Requirement, registered: Event, written: int) -> None:
    """The lifetime, in seconds, is that of /1/x/1."""
    said = registered.get("lifetime")
    bench.check(
        "lifetime-registered",
        row,
        (_DEFAULT_LIFETIME if said is None else said) == written,
        "the lifetime of the Register is that of the Server instance",
        expected=f"{written} s",
        observed="none, which stands for 86400 s" if said is None else f"{said} s",
        evidence=(describe(registered, bench.peer.events[0].t),),
    )


def expect_binding(bench: "Bench", row: Requirement, registered: Event) -> None:
    """In 1.0 the binding is that of /1/x/7, which scenarios write as U.

    From 1.1 on it is what the device supports (/3/0/16): UDP, which it uses, is among it.
    """
    said = registered.get("binding")
    bindings = str(said or _DEFAULT_BINDING)
    if bench.variant.edition == "1.0":
        passed, expected = bindings == "U", "U, or none"
    else:
        passed, expected = "U" in bindings and _BINDINGS.issuperset(bindings), "bindings with U"
    bench.check(
        "binding-registered",
        row,
        passed,
        "the Register has the binding of its edition: the Server instance's, or the device's own",
        expected=expected,
        observed=str(said or "none"),
        evidence=(describe(registered, bench.peer.events[0].t),),
    )
