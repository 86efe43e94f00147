# SPDX-License-Identifier: Apache-2.0
"""The heartbeat sees how late the event loop is, and when."""

from __future__ import annotations

import asyncio
import time

from bootcheck.heartbeat import Heartbeat, monotonic_us


def test_a_stall_is_measured_and_found_by_its_time() -> None:
    async def run() -> None:
        heart = Heartbeat(period_us=2_000)
        heart.start()
        await asyncio.sleep(0.05)
        before = monotonic_us()
        time.sleep(0.08)
        await asyncio.sleep(0.02)
        after = monotonic_us()
        await asyncio.sleep(0.05)
        assert heart.worst_lag_us(before, after) >= 70_000
        assert heart.worst_lag_us(after, monotonic_us()) < 70_000
        assert heart.worst_lag_us(0, before - 1_000) < 70_000
        await heart.stop()
        assert heart.summary_us()["max"] >= 70_000

    asyncio.run(run())


def test_a_stall_that_has_not_ended_counts() -> None:
    async def run() -> None:
        heart = Heartbeat(period_us=2_000)
        heart.start()
        await asyncio.sleep(0.01)
        since = monotonic_us()
        time.sleep(0.06)
        assert heart.worst_lag_us(since) >= 50_000  # asked in the same loop turn
        await heart.stop()

    asyncio.run(run())


def test_a_stall_that_only_begins_in_the_interval_counts() -> None:
    async def run() -> None:
        heart = Heartbeat(period_us=2_000)
        heart.start()
        await asyncio.sleep(0.01)
        since = monotonic_us()
        time.sleep(0.08)
        await asyncio.sleep(0.01)
        assert heart.worst_lag_us(since, since + 20_000) >= 70_000
        await heart.stop()

    asyncio.run(run())


def test_without_a_beat_there_is_no_lag() -> None:
    heart = Heartbeat()
    assert heart.summary_us() == {"max": 0, "p999": 0}
    assert heart.worst_lag_us(0) == 0
