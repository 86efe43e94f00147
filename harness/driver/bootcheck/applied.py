# SPDX-License-Identifier: Apache-2.0
"""A stimulus that was given, as what follows it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from bootcheck.peer import Event

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

REGISTRATION_UPDATE_TRIGGER, BOOTSTRAP_REQUEST_TRIGGER = 8, 9  # resources of /1
_TAKEN_UP_S = 4.0  # a lost Update comes again within ACK_TIMEOUT × ACK_RANDOM_FACTOR = 3 s


@dataclass(frozen=True)
class Applied:
    """A stimulus that was given."""

    stimulus: str
    seq: int  # events after this one came after the stimulus
    effect_us: int  # from here on the client has a reason to turn to its Bootstrap-Server
    effective: bool  # the client was seen to take it up (or its answer was lost)
    told: str  # one line for the report
    answer: Optional[str] = None  # the code that the trigger was answered by
    took_short_cut: bool = False  # to a Bootstrap-Server without another Register


def execute_told(resource: int, answer: Optional[Event]) -> str:
    """What an Execute on the Server object was answered by, for reports."""
    code = answer.get("code") if answer is not None else None
    return f"Execute /1/x/{resource} was " + (f"answered {code}" if code else "not answered")


async def ask_for_update(bench: "Bench", dm: "LwM2MServer") -> str:
    """Execute /1/x/8, and once more where nothing comes of it; what it was answered by.

    A client that is still busy with its Register may answer 2.04 and forget it.
    """
    seq = bench.peer.last_seq

    def taken_up(event: Event) -> bool:
        own = event.name == "request_received" and event.get("server") == dm.name
        return own or bench.is_bootstrap_contact(event)

    answer = await dm.execute(REGISTRATION_UPDATE_TRIGGER, bench.window_for_answers_s)
    told = execute_told(REGISTRATION_UPDATE_TRIGGER, answer)
    if answer is None or not str(answer.get("code", "")).startswith("2."):
        return told
    if await bench.wait_for(taken_up, after_seq=seq, within_s=_TAKEN_UP_S) is not None:
        return told
    # a client that turns to its Bootstrap-Server meanwhile must not be kept waiting there
    window = bench.window_for_answers_s
    answer = await dm.execute(REGISTRATION_UPDATE_TRIGGER, window, unless=taken_up)
    again = answer.get("code") if answer is not None else None
    return f"{told}, after {_TAKEN_UP_S:g} s once more {again or 'not answered'}"
