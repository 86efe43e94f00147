# SPDX-License-Identifier: Apache-2.0
"""Runs all variants of a run in one event loop, each in a lane of its own."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Callable, Iterable, Optional

from bootcheck import adapters, output, runner
from bootcheck.addresses import AddressBlock, AddressError, Places
from bootcheck.baseline import Baseline
from bootcheck.collection import ScenarioItem
from bootcheck.device import DevicePool, HeldDevice, NoDevice
from bootcheck.heartbeat import Heartbeat, monotonic_us
from bootcheck.lane import Lane, RunSettings
from bootcheck.runlog import RunLog, VariantRecord
from bootcheck.verdict import ErrorKind, Result, Verdict

# How long cancelled lanes may take to end their processes; what is left dies with this process.
CLEAN_UP_S = 8.0
HURRIED_CLEAN_UP_S = 1.0

_log = logging.getLogger(__name__)


class Execution:
    """One run. Results are written as they come; `run` returns when all is over or stopped."""

    def __init__(
        self,
        items: Iterable[ScenarioItem],
        settings: RunSettings,
        directory: Path,
        lanes: int,
        log: RunLog,
        baseline: Baseline,
        finished: Callable[[ScenarioItem, VariantRecord], None],
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._log = log
        self._baseline = baseline
        self._finished = finished
        self._lane_limit = lanes
        devices = adapters.devices(settings.profile)
        self._pool = DevicePool(devices) if devices else None
        self._heartbeat = Heartbeat()
        self._lane_names: set[str] = set()
        self._over: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping, self._hurrying = asyncio.Event(), asyncio.Event()
        self.records = {
            item: VariantRecord.of(item.nodeid, item.file, item.scenario, item.variant)
            for item in items
        }
        self.stopped = ""  # why the run was stopped before its end
        self.as_asked = False  # stopped by -x: what did not run then is no error

    def stop(self, reason: str, as_asked: bool = False) -> None:
        """Cancel what runs; called again, wait no longer for its clean-up. In the loop's thread."""
        if self.stopped:
            self._hurrying.set()
            return
        self._stopping.set()
        if self._settings.terminal is not None:
            self._settings.terminal.close()
        self.stopped, self.as_asked = reason, as_asked
        for task in self._tasks:
            task.cancel()

    async def run(self) -> dict[str, int]:
        """Run everything; gives the lag of the event loop in microseconds (`max`, `p999`)."""
        self._heartbeat.start()
        shared: Optional[runner.SharedControls] = None
        places = asyncio.Semaphore(self._lane_limit)
        loop = asyncio.get_running_loop()
        try:
            shared = runner.SharedControls(self._settings, self._lane, self._heartbeat)
            if not self.stopped:
                self._tasks = [
                    loop.create_task(self._in_place(places, item, shared), name=item.name)
                    for item in self.records
                ]
                await self._wait()
        except Exception as problem:  # the driver's own fault; what was found must not be lost
            _log.exception("the run failed")
            self.stop(f"the driver failed: {problem!r}")
            await self._wait()
        finally:
            if shared is not None:
                await self._close(shared)
            await self._heartbeat.stop()
        for item, record in self.records.items():
            if record.id not in self._over:
                self._end(item, record, self._not_run())
        return self._heartbeat.summary_us()

    async def _wait(self) -> None:
        """Wait for all lanes; once stopped, only as long as their clean-up may take."""
        everything = asyncio.ensure_future(asyncio.gather(*self._tasks, return_exceptions=True))
        stopping = asyncio.create_task(self._stopping.wait())
        hurrying = asyncio.create_task(self._hurrying.wait())
        for bound, signs in (
            (None, {everything, stopping}),
            (CLEAN_UP_S, {everything, hurrying}),
            (HURRIED_CLEAN_UP_S, {everything}),
        ):
            if not everything.done():
                await asyncio.wait(signs, timeout=bound, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        hurrying.cancel()
        if not everything.done():
            _log.error("lanes did not end their processes in time: what is left is killed")

    async def _close(self, shared: runner.SharedControls) -> None:
        try:
            await asyncio.wait_for(shared.close(), CLEAN_UP_S)
        except asyncio.TimeoutError:
            _log.error("the control lanes did not end in time")
        except Exception:  # whatever it is, the results must be written
            _log.exception("the control lanes could not be closed")

    async def _in_place(
        self, places: asyncio.Semaphore, item: ScenarioItem, shared: runner.SharedControls
    ) -> None:
        async with places:
            if not self.stopped:
                await self._variant(item, shared)

    async def _variant(self, item: ScenarioItem, shared: runner.SharedControls) -> None:
        record = self.records[item]
        began = time.monotonic()
        lane: Optional[Lane] = None
        try:
            result = await self._prepared(item, shared)
            if result is None:
                lane = await self._lane(f"{item.scenario.name}-{item.variant.id}")
                output.enter_lane(lane.directory)
                record.lane = str(lane.directory.relative_to(self._directory))
                record.started = True
                self._log.started(record, monotonic_us())
                result = await runner.run_variant(item.scenario, item.variant, lane, shared)
            last = len(self._over) + 1 == len(self.records)
            result = self._baseline.apply(record, result, last)
        except (AddressError, NoDevice) as problem:
            result = Result(Verdict.ERROR, str(problem), error_kind=ErrorKind.ENVIRONMENT)
        except asyncio.CancelledError:
            result = self._not_run() if self.stopped else _driver_error("cancelled itself")
        except Exception as problem:
            result = _driver_error(repr(problem), traceback.format_exc())
        finally:
            if lane is not None:
                lane.release()
        record.duration = time.monotonic() - began
        if lane is not None and result.verdict is Verdict.NOT_APPLICABLE:
            if _removed_if_empty(lane.directory):
                record.lane = ""
        self._end(item, record, result)

    async def _prepared(
        self, item: ScenarioItem, shared: runner.SharedControls
    ) -> Optional[Result]:
        """With devices: a control needs one too, and must not wait for that of this lane."""
        if self._pool is None:
            return None
        return await runner.prepare(item.scenario, item.variant, shared)

    def _not_run(self) -> Result:
        return Result(Verdict.NOT_RUN, self.stopped or "the run ended before this variant did")

    def _end(self, item: ScenarioItem, record: VariantRecord, result: Result) -> None:
        if record.id in self._over:
            return
        self._over.add(record.id)
        record.result = result
        self._log.finished(record, monotonic_us())
        self._finished(item, record)

    async def _lane(self, name: str) -> Lane:
        """A lane with an unused name, and with a device. Raises AddressError, NoDevice."""
        held = await self._pool.take() if self._pool is not None else None
        try:
            addresses = _places(held)
        except AddressError:
            if held is not None:
                held.release()
            raise
        fit = re.sub(r"[^A-Za-z0-9._+-]", "_", name)
        unused, number = fit, 1
        while unused in self._lane_names:
            number += 1
            unused = f"{fit}-{number}"
        self._lane_names.add(unused)
        directory = self._directory / "lanes" / unused
        directory.mkdir(parents=True)
        return Lane(unused, directory, addresses, self._settings, held)


def _places(held: Optional[HeldDevice]) -> Places:
    """Those that the profile names for a device, else addresses of the loopback."""
    if held is not None and held.device.address is not None:
        return held
    return AddressBlock.take()


def _driver_error(what: str, details: str = "") -> Result:
    return Result(
        Verdict.ERROR,
        f"the driver failed: {what}",
        error_kind=ErrorKind.DRIVER,
        details=details,
    )


def _removed_if_empty(directory: Path) -> bool:
    try:
        directory.rmdir()
    except OSError:
        return False
    return True


class Interruption:
    """Turns SIGINT, SIGTERM and SIGHUP into a call in the loop, from now to the process's end."""

    def __init__(self) -> None:
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._stop: Optional[Callable[[str], None]] = None
        self._seen = ""
        self._numbers = [
            number
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if signal.getsignal(number) is not signal.SIG_IGN
        ]
        for number in self._numbers:
            signal.signal(number, self._caught)

    def attach(self, stop: Callable[[str], None]) -> None:
        """Call `stop(reason)` in the running loop for each signal, also for one from before."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        if self._seen:
            stop(self._seen)

    def close(self) -> None:
        """The results are written: a late signal must not change the exit code any more.

        Ignored, because Python puts other handlers back to the default when it ends.
        """
        for number in self._numbers:
            signal.signal(number, signal.SIG_IGN)

    def _caught(self, number: int, frame: object) -> None:
        self._seen = f"interrupted by {signal.Signals(number).name}"
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop, self._seen)


def use_pidfd_watcher() -> None:
    """Before Python 3.12 asyncio waits for each child in a thread of its own."""
    if sys.version_info < (3, 12):
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
