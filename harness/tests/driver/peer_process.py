# SPDX-License-Identifier: Apache-2.0
"""A running peer whose every line is held against the protocol's schema, for tests of the peer."""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional

import jsonschema

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "peer-protocol.schema.json").read_text())
WAIT_S = 10.0  # far above what any of these steps takes on a loaded machine


def peer_program() -> str:
    """The built peer, from the environment variable BOOTCHECK_PEER."""
    program = os.environ.get("BOOTCHECK_PEER")
    assert program, "set BOOTCHECK_PEER to the path of the built bootcheck-peer"
    assert os.access(program, os.X_OK), f"BOOTCHECK_PEER={program} is not a program"
    return program


def _validator(path: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator({"$ref": f"#/$defs/{path}", "$defs": SCHEMA["$defs"]})


def validate_event(event: dict[str, Any]) -> None:
    """Hold an event against the schema of its name."""
    assert event.get("event") in SCHEMA["$defs"]["events"], f"unknown event {event}"
    _validator(f"events/{event['event']}").validate(event)


class Refused(Exception):
    """The peer answered by an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.data = error.get("data", "")


_hosts = itertools.count(1)


def fresh_address() -> str:
    """An address of our own in 127/8, so that tests can run side by side."""
    return f"127.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}.{next(_hosts)}"


class PeerProcess:
    """Starts a peer in `directory`, says hello, and collects its events."""

    def __init__(self, directory: Path, hello: bool = True, seed: int = 7) -> None:
        self.directory = directory
        self.process = subprocess.Popen(
            [peer_program(), "--output", str(directory), "--seed", str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.events: list[dict[str, Any]] = []
        self._replies: "queue.Queue[dict[str, Any]]" = queue.Queue()
        self._changed = threading.Condition()
        self._problem: Optional[BaseException] = None
        self._next_id = 1
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if hello:
            self.hello = self.call("hello", protocol=1)

    def write(self, line: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def reply(self) -> dict[str, Any]:
        """The next answer, whatever it is."""
        try:
            return self._replies.get(timeout=WAIT_S)
        except queue.Empty:
            raise AssertionError(f"no answer from the peer; {self._problem}")

    def call(self, method: str, /, **params: Any) -> Any:
        """Call a method; its result, held against the schema. Raises Refused."""
        number, self._next_id = self._next_id, self._next_id + 1
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.write(json.dumps(request).encode() + b"\n")
        reply = self.reply()
        assert reply["id"] == number
        if "error" in reply:
            raise Refused(reply["error"])
        _validator("request").validate(request)  # what the peer accepts, the schema allows
        _validator(f"results/{method}").validate(reply["result"])
        return reply["result"]

    def open_server(self, address: str, role: str = "bootstrap") -> Any:
        """Open a server without security that is called as its role."""
        params = {"role": role, "address": address, "port": 5683, "security": "none"}
        return self.call("open_server", server=role, **params)

    def refused(self, method: str, /, **params: Any) -> Refused:
        """Call a method that the peer must refuse; its error."""
        try:
            result = self.call(method, **params)
        except Refused as error:
            return error
        raise AssertionError(f"{method} was not refused: {result}")

    def wait(self, name: str, after: int = 0, **members: Any) -> dict[str, Any]:
        """The first event of that name and these members with a number above `after`."""

        def find() -> Optional[dict[str, Any]]:
            return next((e for e in self.events[after:] if matches(e, name, members)), None)

        found = self._until(find)
        assert found is not None, f"no {name} {members} in {self.events[after:]}; {self._problem}"
        return found

    def all(self, name: str, **members: Any) -> list[dict[str, Any]]:
        """The events of that name so far."""
        return [event for event in self.events if matches(event, name, members)]

    @property
    def last(self) -> int:
        return len(self.events)

    def stop(self) -> int:
        """End by the end of input; the exit code. All that was said must have been valid."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        return self.ended()

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        if self._problem is not None:
            raise self._problem
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def _until(self, find: Callable[[], Optional[dict[str, Any]]]) -> Optional[dict[str, Any]]:
        deadline = time.monotonic() + WAIT_S
        with self._changed:
            while (found := find()) is None and self._problem is None:
                if not self._changed.wait(deadline - time.monotonic()):
                    return find()
                if not self._reader.is_alive():
                    break
            return found if found is not None else find()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                if line.endswith(b"\n"):  # a killed peer may leave half a line
                    self._take(json.loads(line))
        except BaseException as problem:  # told by the next call of the test
            self._problem = problem
        with self._changed:
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "event":
            event = message["params"]
            validate_event(event)
            assert event["seq"] == len(self.events) + 1
            assert set(message) == {"jsonrpc", "method", "params"}
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            return
        _validator("error" if "error" in message else "response").validate(message)
        self._replies.put(message)


def matches(event: dict[str, Any], name: str, members: dict[str, Any]) -> bool:
    return event["event"] == name and all(event.get(k) == v for k, v in members.items())


def read_events(directory: Path) -> list[dict[str, Any]]:
    """The complete lines of events.jsonl, each held against the schema."""
    lines = (directory / "events.jsonl").read_bytes().split(b"\n")[:-1]
    events = [json.loads(line) for line in lines]
    for event in events:
        validate_event(event)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events
