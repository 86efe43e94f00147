# SPDX-License-Identifier: Apache-2.0
"""A hold-off is held against when the client began to live, and not against when it was asked to.

The defects of the reference client show the rest (hold-off-ignored-at-start, sends-once).
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL
from types import SimpleNamespace
from typing import Any, Optional

import pytest

from bootcheck.heartbeat import monotonic_us
from bootcheck.moment import Moment
from bootcheck.peer import Event
from bootcheck.process import Spawner
from bootcheck.subjects.hold_off import expect_hold_off_at_start, expect_hold_off_over_a_loss

S = 1_000_000
ACCOUNT = SimpleNamespace(changed=lambda hold_off: None)


class Bench:
    """Of a bench, what judging a start needs; the client was started at a `started`."""

    contacted = False
    now_us = 0

    def __init__(self, started: Moment, *events: Event, late_s: float = 0) -> None:
        self.started, self.late_us = started, int(late_s * S)
        self.peer = SimpleNamespace(events=list(events), first=self.first)
        self.profile = SimpleNamespace(timings=SimpleNamespace(start_s=30))
        self.found: dict[str, tuple[Optional[bool], str]] = {}
        self.facts: list[str] = []
        self.fact = self.facts.append

    def first(self, match: Any, after_seq: int = 0) -> Optional[Event]:
        return next((event for event in self.peer.events[after_seq:] if match(event)), None)

    async def start_client(self, account: Any) -> Moment:
        return self.started

    async def wait_for(self, match: Any, *, after_seq: int, within_s: float) -> Optional[Event]:
        return self.first(match, after_seq)

    async def peer_lag_us(self) -> int:
        return self.late_us

    def row(self, row_id: str) -> str:
        return row_id

    def check(self, name: str, row: str, passed: Optional[bool], what: str, **told: Any) -> bool:
        self.found[name] = passed, told["observed"]
        return passed is True

    def choice(self, *what: str) -> None:
        """Not judged."""


class BootstrapServer:
    credentials: Optional[str] = None

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def account(self) -> Any:
        return ACCOUNT

    async def lose(self, direction: str, position: int, layer: str) -> None:
        assert layer == ("wire" if self.credentials else "message")

    def is_lost(self, event: Event) -> bool:
        return event.name == "impaired"

    def is_bootstrap_request(self, event: Event) -> bool:
        return event.get("operation") == "bootstrap_request"

    async def expect_bootstrap_request(self) -> Any:
        return self.session(self.bench.first(self.is_bootstrap_request))

    def session(self, request: Optional[Event]) -> Any:
        return SimpleNamespace(request=request)


def request(seq: int, at_s: float, mid: int = 1, operation: str = "bootstrap_request") -> Event:
    data = {"operation": operation, "mid": mid}
    return Event(int(at_s * S), seq, "request_received", data)


def lost(at_s: float, code: str = "0.02") -> Event:
    return Event(int(at_s * S), 1, "impaired", {"mid": 1, "code": code})


def at_start(bench: Bench) -> tuple[Optional[bool], str]:
    """How a hold-off of 3 s is judged."""
    found: Any = bench
    server: Any = BootstrapServer(bench)
    row: Any = "SEQ-09"
    asyncio.run(expect_hold_off_at_start(found, row, server, seconds=3))
    return bench.found["hold-off"]


def over_a_loss(bench: Bench, credentials: Optional[str] = None) -> Optional[bool]:
    """How it is judged that what was lost came again."""
    found: Any = bench
    server: Any = BootstrapServer(bench)
    server.credentials = credentials
    row: Any = "SEQ-09"
    asyncio.run(expect_hold_off_over_a_loss(found, row, server, seconds=3))
    return bench.found["sent-again"][0]


@pytest.mark.parametrize("at_s, passed", [(12.9, False), (13.0, True), (40, True)])
def test_from_a_known_start_it_is_judged_to_the_instant(at_s: float, passed: bool) -> None:
    assert at_start(Bench(Moment.at(10 * S), request(1, at_s)))[0] is passed


@pytest.mark.parametrize("at_s, passed", [(12.9, False), (13.5, None), (14.9, None), (15.0, True)])
def test_a_start_of_two_seconds_leaves_it_open_for_two_seconds(
    at_s: float, passed: Optional[bool]
) -> None:
    assert at_start(Bench(Moment(10 * S, 12 * S), request(1, at_s)))[0] is passed


def test_how_long_it_waited_is_told_as_well_as_it_is_known() -> None:
    assert at_start(Bench(Moment.at(10 * S), request(1, 13.25)))[1] == "3.250 s"
    told = at_start(Bench(Moment(10 * S, 12 * S), request(1, 13.25)))[1]
    assert told == "between 1.250 and 3.250 s"


@pytest.mark.parametrize("late_s, passed", [(1.9, True), (2.1, None)])
def test_a_machine_that_stood_still_shows_no_hold_off(
    late_s: float, passed: Optional[bool]
) -> None:
    assert at_start(Bench(Moment.at(10 * S), request(1, 13.1), late_s=late_s))[0] is passed


def test_a_machine_that_stood_still_excuses_no_request_that_came_too_soon() -> None:
    assert at_start(Bench(Moment.at(10 * S), request(1, 12), late_s=2))[0] is False


def test_the_request_that_was_lost_comes_again_under_its_message_id() -> None:
    began = Moment.at(10 * S)
    assert over_a_loss(Bench(began, lost(13.1), request(2, 16))) is True
    bench = Bench(began, lost(13.1), request(2, 16, mid=2))
    assert over_a_loss(bench) is False
    assert bench.found["sent-again"][1] == "a new request, of message id 2 after 1"


def test_a_request_for_a_pack_that_was_lost_comes_again_before_the_bootstrap_request() -> None:
    pack = request(2, 16, operation="bootstrap_pack_request")
    assert over_a_loss(Bench(Moment.at(10 * S), lost(13.1), pack, request(3, 16.1, mid=2))) is True


def test_a_ping_or_a_client_hello_that_was_lost_is_no_request() -> None:
    events = lost(13.1, code="0.00"), request(2, 16, mid=2)
    assert over_a_loss(Bench(Moment.at(10 * S), *events)) is True
    events = Event(int(13.1 * S), 1, "impaired", {}), request(2, 16, mid=2)
    assert over_a_loss(Bench(Moment.at(10 * S), *events), "psk") is True


def test_a_process_begins_when_its_turn_has_come() -> None:
    async def begun_after_us() -> int:
        spawner, begun = Spawner(), list[int]()

        async def spawn(begins: Any) -> None:
            process = await spawner.spawn(["true"], output=DEVNULL, errors=DEVNULL, begins=begins)
            await process.wait()

        async with spawner._turn:
            waiting = asyncio.create_task(spawn(lambda: begun.append(monotonic_us())))
            await asyncio.sleep(0.05)
            freed_us = monotonic_us()
        await waiting
        return begun[0] - freed_us

    assert asyncio.run(begun_after_us()) >= 0
