# SPDX-License-Identifier: Apache-2.0
"""A small lab for tests: devices that are the reference client, each in a folder of its own.

usage: lab.py ACTION FOLDER [ARGUMENT...]     start and start_again take the client's arguments

A file FOLDER/fail-ACTION makes that action fail with its text; FOLDER/dies-at-reset holds the
number of the factory reset after which the device is dead; FOLDER/namespace names a network
namespace.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from bootcheck.layout import Layout

CLIENT = Layout.of_this_package().build / "fixtures/reference-client/bootcheck-reference-client"
_END_S = 10.0


class Board:
    """One device."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid, self._state = folder / "pid", folder / "state"

    def act(self, action: str, arguments: list[str]) -> None:
        """Carry an action out. Raises SystemExit when it fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "actions", "a") as file:
            file.write(f"{action}\n")
        failing = self.folder / f"fail-{action}"
        if failing.exists():
            print(failing.read_text())
            sys.exit(3)
        getattr(self, action)(*([arguments] if arguments else []))

    def start(self, arguments: list[str]) -> None:
        (self.folder / "arguments").write_text(json.dumps(arguments))
        self.start_again()

    def start_again(self) -> None:
        self._end(signal.SIGKILL)  # one that could not be stopped
        if (self.folder / "dead").exists():
            return
        self._state.mkdir(exist_ok=True)
        namespace = self.folder / "namespace"
        where = ["ip", "netns", "exec", namespace.read_text()] if namespace.exists() else []
        arguments = json.loads((self.folder / "arguments").read_text())
        with open(self.folder / "output", "ab") as output:
            client = subprocess.Popen(
                [*where, str(CLIENT), "--state", str(self._state), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._pid.write_text(str(client.pid))

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def power_cut(self) -> None:
        self._end(signal.SIGKILL)

    def factory_reset(self) -> None:
        shutil.rmtree(self._state, ignore_errors=True)
        count = (self.folder / "actions").read_text().split().count("factory_reset")
        dies = self.folder / "dies-at-reset"
        if dies.exists() and count >= int(dies.read_text()):
            (self.folder / "dead").touch()

    def _end(self, number: signal.Signals) -> None:
        if not self._pid.exists():
            return
        pid = int(self._pid.read_text())
        self._pid.unlink()
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        until = time.monotonic() + _END_S
        while _runs(pid):
            if time.monotonic() > until:
                sys.exit(f"the client {pid} does not end")
            time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    Board(Path(sys.argv[2])).act(sys.argv[1], sys.argv[3:])
