# SPDX-License-Identifier: Apache-2.0
"""What a bootstrap costs the server: the peer against a bare mbedTLS server, by turns."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

CLIENTS = {1: 600, 50: 1500, 500: 1500}  # at once: bootstraps that are measured
ROUNDS_MIN = 3
_CLIENT_LIMIT_S = 60


class BenchError(Exception):
    """A program of the bench failed: there is nothing to report."""


@dataclass(frozen=True)
class Contender:
    """A server, by the name that it is printed with."""

    name: str
    program: str
    way: str = ""


BARE = Contender("bare mbedTLS", "bench-bare-server")
CONTENDERS = [
    BARE,
    Contender("bare mbedTLS, again", "bench-bare-server"),
    Contender("peer, no capture or log", "bench-peer-server", "quiet"),
    Contender("peer", "bench-peer-server", "files"),
    Contender("peer, steered by JSON", "bench-peer-server", "control"),
]


@dataclass(frozen=True)
class Sample:
    """One run of the load client."""

    cpu_us: float  # of the server, per bootstrap
    kernel_us: float  # the part of it in the kernel
    per_second: float
    repeated: int  # what the client had to send again


class Server:
    """A running server of the bench; used as a context."""

    def __init__(self, programs: Path, output: Path, contender: Contender) -> None:
        command = [str(programs / contender.program)]
        if contender.way:
            command += [contender.way, str(output)]
        self._name = contender.name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._line()["port"])

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code != 0:
            raise BenchError(f"{self._name}: exit code {code}")

    def usage(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self._name}: ended with code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def load(programs: Path, port: int, clients: int, count: int) -> dict[str, Any]:
    """Run the load client."""
    numbers = [str(number) for number in (port, clients, count, _CLIENT_LIMIT_S)]
    done = subprocess.run(
        [str(programs / "bench-load-client"), *numbers], stdout=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise BenchError(f"load client: exit code {done.returncode}: {done.stdout.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def sample(programs: Path, output: Path, contender: Contender, clients: int) -> Sample:
    """A fresh server, a warm-up, and one measured run."""
    with Server(programs, output, contender) as server:
        load(programs, server.port, clients, 2 * clients + 100)
        before = server.usage()
        run = load(programs, server.port, clients, CLIENTS[clients])
        after = server.usage()
    count = after["bootstraps"] - before["bootstraps"]
    if count < CLIENTS[clients]:
        raise BenchError(f"{contender.name}: saw {count} of {CLIENTS[clients]} bootstraps")
    user, kernel = ((after[name] - before[name]) / count for name in ("user_us", "system_us"))
    return Sample(
        user + kernel, kernel, run["completed"] / run["elapsed_us"] * 1e6, run["repeated"]
    )


def report(clients: int, samples: dict[Contender, list[Sample]]) -> None:
    """The table of one number of clients."""
    rounds = len(samples[BARE])
    print(f"\n{clients} clients at once, {rounds} rounds of {CLIENTS[clients]} bootstraps")
    print(f"{'':26}{'CPU µs per bootstrap':^24}{'per second':^16}{'CPU, ratio to bare':^30}")
    print(f"{'':26}{'min':>7}{'median':>8}{'kernel':>8}   {'median':>7}{'max':>7}", end="")
    print(f"   {'of minima':>9}{'median':>8}   {'range':<12}")
    for contender, runs in samples.items():
        cpu = [run.cpu_us for run in runs]
        rate = [run.per_second for run in runs]
        ratios = [run.cpu_us / bare.cpu_us for run, bare in zip(runs, samples[BARE])]
        of_minima = min(cpu) / min(run.cpu_us for run in samples[BARE])
        kernel = median(run.kernel_us for run in runs)
        print(
            f"{contender.name:26}{min(cpu):7.0f}{median(cpu):8.0f}{kernel:8.0f}   "
            f"{median(rate):7.0f}{max(rate):7.0f}   {of_minima:9.2f}{median(ratios):8.2f}   "
            f"{min(ratios):.2f}–{max(ratios):.2f}"
        )
    repeated = sum(run.repeated for runs in samples.values() for run in runs)
    if repeated:
        print(f"the load client had to repeat {repeated} messages")


def measure(programs: Path, output: Path, seconds: float) -> None:
    """Rounds over all servers and numbers of clients until the time is up, then the tables."""
    started = time.monotonic()
    samples: dict[int, dict[Contender, list[Sample]]] = {
        clients: {contender: [] for contender in CONTENDERS} for clients in CLIENTS
    }
    done, longest = 0, 0.0
    while done < ROUNDS_MIN or time.monotonic() - started + longest < seconds:
        began = time.monotonic()
        turn = done % len(CONTENDERS)  # who goes first changes, so that no one has the best place
        for clients in CLIENTS:
            for contender in CONTENDERS[turn:] + CONTENDERS[:turn]:
                samples[clients][contender].append(sample(programs, output, contender, clients))
        longest = max(longest, time.monotonic() - began)
        done += 1
    for clients, of_clients in samples.items():
        report(clients, of_clients)
    print()
