# SPDX-License-Identifier: Apache-2.0
"""A Finish outside of a session, or of an LwM2M Server: its answer, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession
from bootcheck.subjects.registering import is_attempt

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_QUESTION = "a Finish outside of a session"


async def tell_late_finish(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", session: BootstrapSession
) -> None:
    """The Bootstrap-Server sends Finish again when its session is over: told, not judged."""
    seq = bench.peer.last_seq
    answer = await session.server.request(
        "POST", ("bs",), session.association, bench.profile.coap.loss_s
    )
    moved = await bench.wait_for(
        lambda event: _moves(bs, dm, event), after_seq=seq, within_s=bench.profile.coap.loss_s
    )
    told = f"{_answered(answer)}; " + (
        f"then {moved.get('operation') or moved.name}" if moved is not None else "nothing followed"
    )
    bench.choice(_QUESTION, "of the Bootstrap-Server", told)


async def expect_finish_without_effect(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer"
) -> None:
    """An LwM2M Server sends Finish: whatever the answer is, the registration goes on as it was."""
    seq = bench.peer.last_seq
    answer = await dm.send("POST", ("bs",), bench.window_for_answers_s)
    moved = await bench.wait_for(
        lambda event: _moves(bs, dm, event), after_seq=seq, within_s=bench.profile.coap.loss_s
    )
    read = await dm.read(("1", str(dm.number), "1"), bench.profile.timings.answer_s)
    code = read.get("code") if read is not None else None
    bench.choice(_QUESTION, "of an LwM2M Server", _answered(answer))
    served = f"a Read was answered {code or 'by nothing'}"
    bench.check(
        "undisturbed",
        bench.row("WRI-10"),
        moved is None and code == "2.05",
        "a Finish of an LwM2M Server changes nothing",
        expected="no bootstrap, no Register and no De-register; 2.05 to a Read of /1/x/1",
        observed=served if moved is None else f"{moved.get('operation') or moved.name}; {served}",
        evidence=(describe(moved, bench.peer.events[seq - 1].t),) if moved is not None else (),
    )


def _moves(bs: "BootstrapServer", dm: "LwM2MServer", event: Event) -> bool:
    """The client bootstraps, registers anew or de-registers."""
    leaves = event.get("server") == dm.name and event.get("operation") == "deregister"
    return bs.is_contact(event) or is_attempt(dm, event) or leaves


def _answered(answer: Optional[Event]) -> str:
    if answer is None:
        return "not answered"
    code = answer.get("code")
    return f"answered {code}" if code else f"not answered ({answer['reason']})"
