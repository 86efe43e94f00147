# SPDX-License-Identifier: Apache-2.0
"""What a client does at once, in the same instant as a change takes effect, comes after it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

from bootcheck import stimulus
from bootcheck.applied import Applied
from bootcheck.peer import Event, Peer
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession, Finished
from bootcheck.subjects.replacement import Replacement


class QuickClient:
    """Of a process, what the peer's end needs: its client acts with the first answer to `arm`."""

    def __init__(self, *does: dict[str, Any]) -> None:
        self.stdout, self.stdin, self.does = asyncio.StreamReader(), self, list(does)
        self.seq = 0
        self._event({"event": "updated"})

    def write(self, line: bytes) -> None:
        call = json.loads(line)
        said: list[dict[str, Any]] = [{"jsonrpc": "2.0", "id": call["id"], "result": {}}]
        if call["method"] == "arm":
            said, self.does = said + self.does, []
        for message in said:
            self._event(message) if "event" in message else self._say(message)

    async def drain(self) -> None:
        """All lines are there before the call goes on."""
        await asyncio.sleep(0)

    def _event(self, data: dict[str, Any]) -> None:
        self.seq += 1
        self._say({"method": "event", "params": {"t": self.seq, "seq": self.seq, **data}})

    def _say(self, message: dict[str, Any]) -> None:
        self.stdout.feed_data(json.dumps(message).encode() + b"\n")


def dm(bench: Any) -> LwM2MServer:
    return LwM2MServer(bench, "dm", "127.0.0.1", 5683, "coap://127.0.0.1", None)


def sent(code: str) -> dict[str, Any]:
    return {"event": "response_sent", "server": "dm", "code": code}


def test_an_update_of_its_own_that_is_refused_in_that_instant_is_seen(tmp_path: Path) -> None:
    async def refused() -> Applied:
        process: Any = QuickClient(sent("4.04"), sent("4.03"))
        peer = Peer(process, tmp_path)
        await asyncio.sleep(0.01)

        async def wait_for(match: Any, *, after_seq: int, **bounds: Any) -> Optional[Event]:
            return peer.first(match, after_seq)

        bench: Any = SimpleNamespace(
            peer=peer,
            wait_for=wait_for,
            note=lambda text: None,
            is_bootstrap_contact=lambda event: False,
            window_for_answers_s=1,
            profile=SimpleNamespace(timings=SimpleNamespace(reaction_s=1)),
        )
        server: Any = dm(bench)
        server.execute = execute
        applied = await stimulus.apply("register_refused", bench, server)
        peer._reader.cancel()
        return applied

    async def execute(*resource: Any, **bounds: Any) -> None:
        """Not answered: the client is in its bootstrap."""

    applied = asyncio.run(refused())
    assert applied.seq == 1
    assert applied.effective and applied.told.endswith("refused with 4.03")


def test_the_original_contacted_in_the_instant_of_the_finish_is_seen() -> None:
    verdicts: list[bool] = []
    answer = Event(1, 1, "response_received", {})
    events = [answer, Event(2, 2, "contact", {})]

    async def finish(rows: Any, what: str) -> Finished:
        return Finished(0, answer.t, answer.seq)

    async def expect_registration(after_seq: int) -> None:
        pass

    def check(name: str, row: Any, passed: bool, what: str, **told: Any) -> None:
        verdicts.append(passed)

    peer = SimpleNamespace(events=events, last_seq=2)
    bench: Any = SimpleNamespace(peer=peer, check=check, forgot_at=None)
    old: Any = SimpleNamespace(is_contact=lambda event: event.name == "contact", uri="coap://old")
    new: Any = SimpleNamespace()
    server: Any = SimpleNamespace(expect_registration=expect_registration)
    session: Any = SimpleNamespace(finish=finish)
    replacement = Replacement(bench, old, new, server, "low")
    asyncio.run(replacement.finish(session))
    row: Any = None
    replacement.expect_original_unused(row, used=True)
    assert verdicts == [False]


def test_a_finish_tells_the_event_of_its_answer() -> None:
    answer = Event(5, 2, "response_received", {"code": "2.04", "sent_us": 4})

    async def send(self: Any, *request: Any) -> Event:
        return answer

    bench: Any = SimpleNamespace(
        row=lambda *ids: None,
        expect_answer=lambda *told: None,
        peer=SimpleNamespace(last_seq=3),
    )
    session: Any = SimpleNamespace(bench=bench, send=lambda *request: send(None, *request))
    finished = asyncio.run(BootstrapSession.finish(session))
    assert finished == Finished(4, 5, 2)
