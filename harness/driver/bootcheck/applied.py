# SPDX-License-Identifier: Apache-2.0
"""A stimulus that was given, as what follows it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from bootcheck.peer import Event

REGISTRATION_UPDATE_TRIGGER, BOOTSTRAP_REQUEST_TRIGGER = 8, 9  # resources of /1


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
