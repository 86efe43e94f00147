# SPDX-License-Identifier: Apache-2.0
"""The driver's end of the peer's control protocol (docs/peer-protocol.md)."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

from bootcheck.process import Spawner, end
from bootcheck.profile.model import CoapParameters

PROTOCOL = 1
ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, NO_SUCH_ASSOCIATION = -32010, -32011, -32013
_GAVE_UP = 3  # the peer's exit code when it is overloaded
_END_LIMIT_S = 2.0
_CALL_LIMIT_S = 30.0  # a peer that answers later than this is stuck: every method answers at once


def now_us() -> int:
    """The monotonic clock that the peer's `t` is on."""
    return time.monotonic_ns() // 1000


class PeerLost(Exception):
    """The peer died, gave up or broke the protocol: the lane cannot be judged."""


class PeerRefused(Exception):
    """The peer answered a request by an error."""

    def __init__(self, method: str, error: Mapping[str, Any]) -> None:
        self.code = int(error.get("code", 0))
        super().__init__(f"{method}: {error.get('message')} ({self.code}) {error.get('data', '')}")


@dataclass(frozen=True)
class Event:
    """Something that the peer reports, with its time in microseconds on the monotonic clock."""

    t: int
    seq: int
    name: str
    data: Mapping[str, Any]

    def get(self, member: str, default: Any = None) -> Any:
        return self.data.get(member, default)

    def __getitem__(self, member: str) -> Any:
        return self.data[member]


class Peer:
    """One running peer process and all that it has reported."""

    def __init__(self, process: Process, directory: Path) -> None:
        self._process = process
        self._directory = directory
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._next_id = 1
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self.events: list[Event] = []
        self.lost: Optional[str] = None  # why, once it is lost
        self.stopping = False
        self.versions: Mapping[str, Any] = {}

    @classmethod
    async def start(
        cls, spawner: Spawner, program: Path, directory: Path, seed: int, coap: CoapParameters
    ) -> "Peer":
        """Start a peer that writes its capture and events to `directory`. Raises PeerLost.

        `coap` is what the client's retransmissions are held against.
        """
        with open(directory / "peer.log", "wb") as log:
            try:
                process = await spawner.spawn(
                    [str(program), "--output", str(directory), "--seed", str(seed)],
                    output=PIPE,
                    errors=log,
                )
            except OSError as error:
                raise PeerLost(
                    f"the peer cannot be started: {error}: run ./run_tests.py to build it"
                )
        peer = cls(process, directory)
        try:
            peer.versions = await peer.call(
                "hello",
                protocol=PROTOCOL,
                client={
                    "ack_timeout_us": round(coap.ack_timeout_s * 1e6),
                    "max_retransmit": coap.max_retransmit,
                },
            )
        except BaseException:  # also of a lane that is cancelled: nobody else can end it
            await end(process, gently_s=0)
            await peer._reader
            raise
        return peer

    async def call(self, method: str, /, **parameters: Any) -> Any:
        """Call a method and return its result. Raises PeerRefused, PeerLost."""
        return (await self.call_at(method, **parameters))[0]

    async def call_at(self, method: str, /, **parameters: Any) -> tuple[Any, int]:
        """As `call`, with the last event from before the call was carried out: its seq.

        `last_seq` after a call is another one: what the client did at once may be in it already.
        """
        if self.lost is not None:
            raise PeerLost(self.lost)
        number, self._next_id = self._next_id, self._next_id + 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            await self._process.stdin.drain()
            reply, seq = await asyncio.wait_for(answer, _CALL_LIMIT_S)
        except (ConnectionError, asyncio.TimeoutError) as error:
            raise PeerLost(self.lost or f"the peer does not answer {method}: {error!r}")
        finally:
            self._answers.pop(number, None)
        if "error" in reply:
            raise PeerRefused(method, reply["error"])
        return reply["result"], seq

    async def changed(self, until_us: int) -> bool:
        """Wait for a further event or loss; False when the time is up."""
        remaining = (until_us - now_us()) / 1e6
        if remaining <= 0:
            return False
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), remaining)
            return True
        except asyncio.TimeoutError:
            return False

    def wake(self) -> None:
        """Let `changed` return: something else that a wait is interested in has happened."""
        self._changed.set()

    def first(self, match: Callable[[Event], bool], after_seq: int = 0) -> Optional[Event]:
        """The first event after `after_seq` that matches."""
        # seq starts at 1 without gaps, so it is the index of the next event
        return next((event for event in self.events[after_seq:] if match(event)), None)

    @property
    def last_seq(self) -> int:
        return len(self.events)

    async def stop(self) -> None:
        """End the peer in an orderly way, so that its capture is complete."""
        self.stopping = True
        if self.lost is None:
            try:
                await self.call("shutdown")
                await asyncio.wait_for(self._process.wait(), 5)
            except (PeerLost, PeerRefused, asyncio.TimeoutError):
                pass
        await end(self._process, gently_s=2)
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        assert self._process.stdout is not None
        broken = ""
        try:
            while line := await self._process.stdout.readline():
                self._take(line)
        except ValueError as error:
            broken = f"the peer broke its protocol: {error}"
            await end(self._process, gently_s=_END_LIMIT_S)
        except asyncio.CancelledError:  # the loop ends: no answer would come through any more
            self._is_lost("the driver ends")
            raise
        code = await self._process.wait()
        why = broken or f"the peer ended with exit code {code}"
        if code == _GAVE_UP:  # its last line may be torn: it could not write any more
            why = f"the peer gave up: {self._overload()}"
        self._is_lost(why)

    def _is_lost(self, why: str) -> None:
        self.lost = why
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(why))
        self._changed.set()

    def _overload(self) -> str:
        """Why the peer gave up, from its own file: the notification may not have come through."""
        found = "overloaded"
        with open(self._directory / "events.jsonl", "rb") as events:
            for line in events:
                if b'"overloaded"' in line:
                    try:
                        found = str(json.loads(line)["why"])
                    except (ValueError, KeyError):
                        continue
        return found

    def _take(self, line: bytes) -> None:
        message = json.loads(line)
        if message.get("method") == "event":
            data = message["params"]
            if data["seq"] != len(self.events) + 1:
                raise ValueError(f"event {data['seq']} came after event {len(self.events)}")
            self.events.append(Event(data["t"], data["seq"], data["event"], data))
            self._changed.set()
            return
        answer = self._answers.get(message.get("id"))
        if answer is None:
            raise ValueError(f"an answer to nothing: {line[:200]!r}")
        if not answer.done():
            answer.set_result((message, len(self.events)))
