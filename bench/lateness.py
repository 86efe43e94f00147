# SPDX-License-Identifier: Apache-2.0
"""How late the timers of many busy peers fire, which is what timing verdicts rest on."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any, Optional, Sequence, cast

UPDATE_PERIOD_S = 0.05  # of each lane: with a delayed answer, so that each is a timer
ANSWER_DELAY_US = 10_000
UPDATES_PER_REQUEST = 5  # every fifth time the server asks something, by the control protocol
LIMIT_US = 5000
_CON, _ACK = 0, 2
_SLEEPER = """
import sys, time
late, end = [], time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    due = time.monotonic_ns() + 10_000_000
    time.sleep(0.01)
    late.append((time.monotonic_ns() - due) // 1000)
print(*late)
"""


class Client(asyncio.DatagramProtocol):
    """An LwM2M client without security that answers everything; RFC 7252 3 in a few lines."""

    def __init__(self) -> None:
        self.transport: Optional[asyncio.DatagramTransport] = None
        self.answers = 0
        self._mid = random.randrange(65536)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        assert self.transport is not None
        self.answers += 1
        if data[0] >> 4 & 3 == _CON:  # a GET: 2.05 with its token, text/plain
            token = data[4 : 4 + (data[0] & 15)]
            head = bytes([0x40 | _ACK << 4 | len(token), 0x45]) + data[2:4]
            self.transport.sendto(head + token + b"\xff" + b"bench")

    def post(self, *options: tuple[int, bytes], payload: bytes = b"") -> None:
        """Options are (number, value), short ones, in ascending order."""
        assert self.transport is not None
        self._mid = (self._mid + 1) % 65536
        data = bytes([0x42 | _CON << 4, 0x02]) + self._mid.to_bytes(2, "big") * 2
        last = 0
        for number, value in options:
            data += bytes([(number - last) << 4 | len(value)]) + value
            last = number
        self.transport.sendto(data + (b"\xff" + payload if payload else b""))


class Lane:
    """One peer process and its client."""

    def __init__(self, directory: Path, process: Process) -> None:
        self.directory = directory
        self.process = process
        self.client = Client()
        self.events = 0
        self._answer: asyncio.Queue[Any] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program: Path, directory: Path) -> "Lane":
        directory.mkdir()
        command = [str(program), "--output", str(directory)]
        return cls(
            directory, await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        )

    async def open(self) -> None:
        """Open the server and register the client."""
        await self.call("hello", protocol=1)
        opened = await self.call(
            "open_server", server="dm", role="lwm2m", address="127.0.0.1", port=0, security="none"
        )
        late = [{"action": "respond", "delay_us": ANSWER_DELAY_US}]
        await self.call("arm", server="dm", operation="update", answers=late)
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self.client, remote_addr=("127.0.0.1", opened["port"])
        )
        self.client.post((11, b"rd"), (15, b"ep=bench"), (15, b"lt=60"), payload=b"</1/0>,</3/0>")

    async def call(self, method: str, /, **parameters: Any) -> Any:
        line = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        answer = await asyncio.wait_for(self._answer.get(), 30)
        return answer["result"]

    async def play(self, seconds: float) -> None:
        """Updates at a steady pace, and now and then a request of the server."""
        clock = asyncio.get_running_loop()
        end = clock.time() + seconds
        due = clock.time() + random.uniform(0, UPDATE_PERIOD_S)
        count = 0
        while due < end:
            await asyncio.sleep(due - clock.time())
            due += UPDATE_PERIOD_S
            count += 1
            self.client.post((11, b"rd"), (11, b"1"))
            if count % UPDATES_PER_REQUEST == 0:
                await self.call("send_request", server="dm", method="GET", path=["3", "0"])

    async def stop(self) -> dict[str, Any]:
        """The peer's own record of its timers."""
        status: dict[str, Any] = await self.call("status")
        await self.call("shutdown")
        await asyncio.wait_for(self.process.wait(), 10)
        await self._reader
        return status

    def end(self) -> None:
        if self.client.transport is not None:
            self.client.transport.close()
        if self.process.returncode is None:
            self.process.kill()

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            message = json.loads(line)  # all of it, as the driver does
            if "id" in message:
                self._answer.put_nowait(message)
            else:
                self.events += 1

    def answer_lateness(self) -> list[int]:
        """By the event log: from an update's arrival to its answer, past the delay, in µs."""
        arrived: dict[int, int] = {}
        late = []
        with open(self.directory / "events.jsonl", encoding="utf-8") as log:
            for line in log:
                event = json.loads(line)
                if event["event"] == "request_received" and event["operation"] == "update":
                    arrived[event["exchange"]] = event["t"]
                elif event["event"] == "response_sent" and event["exchange"] in arrived:
                    late.append(event["t"] - arrived[event["exchange"]] - ANSWER_DELAY_US)
        return late


def figures(values: list[int]) -> tuple[int, int, int]:
    """p50, p99.9 and the maximum."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(0.999 * (len(ordered) - 1))], ordered[-1]


def line(name: str, count: int, values: Sequence[int]) -> None:
    """A line of the table."""
    print(f"{name:46}{count:7}" + "".join(f"{value:8}" for value in values))


def report(lanes: list[Lane], statuses: list[dict[str, Any]], slept: list[int]) -> None:
    timers = [status["timers"] for status in statuses]
    late = [value for lane in lanes for value in lane.answer_lateness()]
    by_figure = [
        sorted(entry[name] for entry in timers)
        for name in ("late_us_p50", "late_us_p999", "late_us_max")
    ]
    fired = sum(entry["fired"] for entry in timers) // len(timers)
    print(f"{'lateness in µs':46}{'timers':>7}{'p50':>8}{'p99.9':>8}{'max':>8}")
    line("all lanes: delayed answers, by the event log", len(late), figures(late))
    line("median lane, by its status", fired, [ordered[len(ordered) // 2] for ordered in by_figure])
    line("worst lane, by its status", fired, [ordered[-1] for ordered in by_figure])
    line("a process that only sleeps, meanwhile", len(slept), figures(slept))
    if figures(late)[1] < LIMIT_US:
        print(f"p99.9 of all lanes is below {LIMIT_US // 1000} ms")
    elif figures(slept)[1] < LIMIT_US:
        print(f"p99.9 of all lanes is NOT below {LIMIT_US // 1000} ms")
    else:
        print(
            f"p99.9 is not below {LIMIT_US // 1000} ms, nor is that of a process that only sleeps:"
        )
        print("the machine is too busy for a verdict")


async def run(program: Path, output: Path, count: int, seconds: float) -> None:
    lanes: list[Lane] = []
    try:
        for number in range(count):  # one at a time: starting all at once stalls this loop
            lanes.append(await Lane.start(program, output / f"lane-{number}"))
            await lanes[-1].open()
        sleeper = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SLEEPER, str(seconds), stdin=DEVNULL, stdout=PIPE
        )
        await asyncio.gather(*(lane.play(seconds) for lane in lanes))
        said, _ = await sleeper.communicate()
        statuses = [await lane.stop() for lane in lanes]
    finally:
        for lane in lanes:
            lane.end()
    events = sum(lane.events for lane in lanes)
    answers = sum(lane.client.answers for lane in lanes)
    print(f"\n{count} lanes for {seconds:.0f} s: {answers / seconds:.0f} datagrams", end="")
    print(f" and {events / seconds:.0f} events a second reached the clients and the driver")
    report(lanes, statuses, [int(value) for value in said.split()])


def measure(program: Path, output: Path, lanes: int, seconds: float) -> None:
    asyncio.run(run(program, output, lanes, seconds))
