# SPDX-License-Identifier: Apache-2.0
"""A heartbeat that measures how late the driver's event loop is."""

from __future__ import annotations

import asyncio
import time
from array import array
from bisect import bisect_left


def monotonic_us() -> int:
    """CLOCK_MONOTONIC in microseconds: the clock of the peer's `t`."""
    return time.monotonic_ns() // 1000


class Heartbeat:
    """Wakes every `period_us` and keeps how late each wake-up was.

    Ten hours at the default period take 58 MB; a run is minutes.
    """

    def __init__(self, period_us: int = 10_000) -> None:
        self._period_us = period_us
        self._woke_us = array("Q")
        self._late_us = array("Q")
        self._due_us = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat in the running loop."""
        self._due_us = monotonic_us() + self._period_us
        self._task = asyncio.get_running_loop().create_task(self._beat(), name="heartbeat")

    async def stop(self) -> None:
        """End the beat; the measurements stay."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(max(0, self._due_us - monotonic_us()) / 1e6)
            now_us = monotonic_us()
            self._record(now_us, max(0, now_us - self._due_us))
            self._due_us = now_us + self._period_us

    def _record(self, woke_us: int, late_us: int) -> None:
        self._woke_us.append(woke_us)
        self._late_us.append(late_us)

    def worst_lag_us(self, since_us: int, until_us: int | None = None) -> int:
        """The longest time that the loop was late at any moment of [since_us, until_us].

        Both are on the monotonic clock; without `until_us` up to now. A stall that only touches
        the interval counts whole, and one that still lasts counts as far as it got.
        """
        now_us = monotonic_us()
        until_us = now_us if until_us is None else until_us
        worst = 0
        for index in range(bisect_left(self._woke_us, since_us), len(self._woke_us)):
            if self._woke_us[index] - self._late_us[index] > until_us:
                break
            worst = max(worst, self._late_us[index])
        if self._task is not None and self._due_us <= until_us:
            worst = max(worst, now_us - self._due_us)
        return worst

    def summary_us(self) -> dict[str, int]:
        """The maximum and the 99.9th percentile of all beats."""
        ordered = sorted(self._late_us)
        if not ordered:
            return {"max": 0, "p999": 0}
        return {
            "max": ordered[-1],
            "p999": ordered[min(len(ordered) - 1, len(ordered) * 999 // 1000)],
        }
