# SPDX-License-Identifier: Apache-2.0
"""Runs bootcheck-audit-keys: devices go in, records come out (harness/keys/audit/report.h)."""

from __future__ import annotations

import json
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator, Optional

from bootcheck.audit.keyfile import Device
from bootcheck.layout import Layout
from bootcheck.verdict import ExitCode


class AuditError(Exception):
    """The program did not do its work; the text says why."""

    def __init__(self, text: str, code: ExitCode = ExitCode.ERROR) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Searches:
    """How far the searches go, and with which lists besides the project's own."""

    words: tuple[Path, ...] = ()
    known: tuple[Path, ...] = ()
    budget: Optional[int] = None  # millions of blocks for each search
    threads: Optional[int] = None
    quick: bool = False

    def options(self, layout: Layout) -> list[str]:
        lists = layout.key_lists
        words = [f"--words={path}" for path in (lists / "words.txt", *self.words)]
        known = [f"--known={path}" for path in (lists / "known-keys.txt", *self.known)]
        given = [*words, *known, f"--labels={lists / 'labels.txt'}"]
        if self.budget is not None:
            given.append(f"--budget={self.budget}")
        if self.threads is not None:
            given.append(f"--threads={self.threads}")
        return [*given, "--quick"] if self.quick else given


class Program:
    """One audit. It goes on by itself when the terminal interrupts this process."""

    def __init__(self, layout: Layout, searches: Searches) -> None:
        command = [str(layout.audit_program), *searches.options(layout)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as problem:
            raise AuditError(
                f"{command[0]}: {problem.strerror}: ./run_tests.py builds it"
            ) from None
        self._problem: Optional[Exception] = None
        self._stopped = False
        self._errors = b""

    def records(self, devices: Iterable[Device]) -> Iterator[bytes]:
        """Give it the devices, and yield its records, each a line. Raises AuditError."""
        feeder = threading.Thread(target=self._feed, args=(devices,), daemon=True)
        listener = threading.Thread(target=self._listen, daemon=True)
        feeder.start()
        listener.start()
        assert self._process.stdout is not None
        yield from self._process.stdout
        feeder.join()
        listener.join()
        code = self._process.wait()
        if self._problem is not None:
            raise self._problem
        if code not in (0, 1, 2) and not self._stopped:
            last = self._errors.decode(errors="replace").strip()
            raise AuditError(f"the audit program ended with {code}: {last or 'without a word'}")
        if code == 2 and self._errors:
            first = self._errors.decode(errors="replace").splitlines()[0]
            raise AuditError(first, ExitCode.USAGE)

    def _feed(self, devices: Iterable[Device]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            for device in devices:
                if self._stopped:
                    break
                stdin.write(json.dumps(device).encode() + b"\n")
        except BrokenPipeError:
            pass  # it has said why
        except Exception as problem:  # told in the other thread
            self._problem = problem
            self.kill()
        finally:
            try:
                stdin.close()
            except BrokenPipeError:
                pass

    def _listen(self) -> None:
        assert self._process.stderr is not None
        self._errors = self._process.stderr.read()

    def stop(self) -> None:
        """End the searches soon; what was found is still told."""
        self._stopped = True
        self._process.terminate()

    def kill(self) -> None:
        self._stopped = True
        self._process.kill()
