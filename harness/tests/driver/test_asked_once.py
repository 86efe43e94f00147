# SPDX-License-Identifier: Apache-2.0
"""A request that comes again although it was acknowledged: of the client, or of a machine that was
late (the defect repeats-acknowledged-request shows it on a real one)."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from bootcheck.peer import Event
from bootcheck.subjects.bootstrap_request import expect_asked_once

S = 1_000_000


def event(seq: int, name: str) -> Event:
    return Event(seq * S, seq, name, {"exchange": 1, "server": "bs"})


def waits(*after: Event, peer_late_s: float = 0.0, held: Optional[str] = None) -> Optional[bool]:
    """How it is judged, where these events come after the request."""
    found: list[Optional[bool]] = []

    async def wait_for(match: Any, **bounds: Any) -> Optional[Event]:
        return next((one for one in bench.peer.events if match(one)), None)

    async def until(at_us: int) -> None:
        """It comes."""

    async def peer_lag_us() -> int:
        return int(peer_late_s * S)

    request = event(1, "request_received")
    bench: Any = SimpleNamespace(
        peer=SimpleNamespace(events=[request, event(2, "response_sent"), *after]),
        profile=SimpleNamespace(
            coap=SimpleNamespace(loss_s=4, ack_timeout_s=2), timings=SimpleNamespace(answer_s=5)
        ),
        lane=SimpleNamespace(held=held),
        wait_for=wait_for,
        until=until,
        peer_lag_us=peer_lag_us,
        check=lambda name, row, passed, what, **told: found.append(passed),
    )
    server = SimpleNamespace(is_contact=lambda one: one.name == "request_received")
    row: Any = "REQ-05"
    session: Any = SimpleNamespace(server=server, request=request)
    asyncio.run(expect_asked_once(bench, row, session))
    return found[0]


REPEATED = event(3, "request_repeated")


def test_a_client_that_says_nothing_more_waits() -> None:
    assert waits() is True


@pytest.mark.parametrize(("late_s", "passed"), [(0.0, False), (1.4, False), (1.6, None)])
def test_a_repetition_is_the_client_s_unless_the_machine_was_as_late(
    late_s: float, passed: Optional[bool]
) -> None:
    assert waits(REPEATED, peer_late_s=late_s) is passed


def test_a_network_may_have_lost_the_acknowledgement() -> None:
    assert waits(REPEATED, held="device") is None


@pytest.mark.parametrize("more", [event(4, "request_repeated"), event(4, "request_received")])
def test_nothing_excuses_a_second_message(more: Event) -> None:
    assert waits(REPEATED, more, peer_late_s=2) is False
    assert waits(event(3, "request_received"), peer_late_s=2) is False
