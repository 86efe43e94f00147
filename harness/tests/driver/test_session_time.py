# SPDX-License-Identifier: Apache-2.0
"""A session that is over too early is a breach, unless the machine was too late to tell."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from bootcheck.ending import Ended
from bootcheck.peer import Event
from bootcheck.subjects.session_time import expect_session_there, expect_time_starts_anew

LIMIT_S = 30.0


def answered(code: str) -> Event:
    return Event(1, 1, "response_received", {"code": code})


def judged(answer: Optional[Event], lag_s: float, contact: Optional[Event] = None) -> list[Any]:
    """The verdicts of both checks."""
    made: list[Any] = []

    async def wait_for(match: Any, **bounds: Any) -> Optional[Event]:
        assert bounds["within_s"] == 27.0
        return contact

    async def lag_us(since_us: int) -> int:
        assert since_us == 5
        return int(lag_s * 1e6)

    async def outcome(*words: Any) -> Optional[Event]:
        return answer

    async def registered(**bounds: Any) -> None:
        pass

    bench: Any = SimpleNamespace(
        now=lambda: 5,
        peer=SimpleNamespace(last_seq=0),
        profile=SimpleNamespace(coap=SimpleNamespace(exchange_s=LIMIT_S)),
        lane=SimpleNamespace(settings=SimpleNamespace(time_scale=1)),
        variant=SimpleNamespace(edition="1.1"),
        row=lambda name: SimpleNamespace(read_as=lambda number, edition: name),
        wait_for=wait_for,
        lag_us=lag_us,
        check=lambda name, row, passed, what, **told: made.append(passed),
    )
    bs: Any = SimpleNamespace(is_contact=None)
    dm: Any = SimpleNamespace(account=lambda: None, expect_registration=registered)
    session: Any = SimpleNamespace(put_server=outcome, send=outcome)
    for expect in (expect_session_there, expect_time_starts_anew):
        try:
            asyncio.run(expect(bench, bs, dm, session))
        except Ended:
            assert made[-1] is not True
    return made


@pytest.mark.parametrize("lag_s", [0.0, 10.0])
def test_a_session_that_is_there_passes_on_any_machine(lag_s: float) -> None:
    assert judged(answered("2.04"), lag_s) == [True, True]


@pytest.mark.parametrize("answer", [None, answered("4.00")])
def test_a_session_that_is_over_fails_unless_the_machine_was_late(answer: Optional[Event]) -> None:
    assert judged(answer, 2.9) == [False, False]
    assert judged(answer, 3.1) == [None, None]


def test_a_client_that_turned_to_its_server_anew_has_given_up() -> None:
    contact = Event(2, 2, "contact", {})
    assert judged(answered("2.04"), 0.0, contact) == [False, False]
    assert judged(answered("2.04"), 3.1, contact) == [None, None]
