# SPDX-License-Identifier: Apache-2.0
"""An Execute that brings nothing is given once more, and keeps nobody waiting."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Callable, Optional

from bootcheck.applied import ask_for_update
from bootcheck.peer import Event
from bootcheck.server import LwM2MServer

ANSWERED = Event(1, 1, "response_received", {"exchange": 7, "code": "2.04"})
CONTACT = Event(2, 2, "client_hello", {"server": "bs"})


class FakeBench:
    """A client that answers nothing in words; what comes is `comes`."""

    window_for_answers_s = 60.0

    def __init__(self, comes: Optional[Event] = None) -> None:
        self.comes = comes
        self.peer = SimpleNamespace(last_seq=0, call=self._call)

    async def _call(self, name: str, /, **parameters: Any) -> dict[str, int]:
        return {"exchange": 7}

    async def wait_for(self, match: Callable[[Event], bool], **bounds: Any) -> Optional[Event]:
        if self.comes is None:
            return None
        assert match(self.comes), "it would be waited for on"
        return self.comes

    def is_bootstrap_contact(self, event: Event) -> bool:
        return event is CONTACT


def server(bench: FakeBench) -> LwM2MServer:
    return LwM2MServer(bench, "dm", "127.0.0.1", 5683, "coap://127.0.0.1", None)  # type: ignore


def test_a_request_ends_with_its_answer_or_with_what_is_looked_out_for() -> None:
    async def asked(comes: Event, unless: Optional[Callable[[Event], bool]]) -> Optional[Event]:
        return await server(FakeBench(comes)).request("POST", ("1", "0", "8"), 1, 60, unless)

    assert asyncio.run(asked(ANSWERED, None)) is ANSWERED
    assert asyncio.run(asked(ANSWERED, lambda event: event is CONTACT)) is ANSWERED
    assert asyncio.run(asked(CONTACT, lambda event: event is CONTACT)) is None


def test_the_second_execute_is_not_waited_for_once_the_client_turns_elsewhere() -> None:
    given: list[Optional[Callable[[Event], bool]]] = []

    async def execute(resource: int, within_s: float, unless: Any = None) -> Optional[Event]:
        given.append(unless)
        return ANSWERED if len(given) == 1 else None

    bench, dm = FakeBench(), SimpleNamespace(name="dm", execute=execute)
    told = asyncio.run(ask_for_update(bench, dm))  # type: ignore[arg-type]
    assert told.endswith("once more not answered") and len(given) == 2
    assert given[1] is not None and given[1](CONTACT)
