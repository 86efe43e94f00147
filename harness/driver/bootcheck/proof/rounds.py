# SPDX-License-Identifier: Apache-2.0
"""`selftest rounds`: all quirks in every edition and security mode, again and again.

In a round the correct client and every quirk run all scenarios, several quirks in one client and in
other company each time, and many runs at once, so that the cores are kept busy. Nothing may be
FAIL, WARN or ERROR; INCONCLUSIVE only where a line of one of the quirks says so.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Sequence

from bootcheck.layout import Layout
from bootcheck.proof.client_profile import changed_profile
from bootcheck.proof.expectation import EVERY, Expectation
from bootcheck.proof.reference_runs import RUNS_AT_ONCE, Execute
from bootcheck.runlog import FILE_NAME, RunLogError, VariantRecord, read
from bootcheck.scenario import EDITIONS, place_of
from bootcheck.verdict import ExitCode, Verdict

TOGETHER = 3  # quirks in one client


@dataclass(frozen=True)
class Group:
    """A client with these quirks; none: the correct client."""

    round: int
    quirks: tuple[Expectation, ...]

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.round:02}-{'+'.join(quirk.name for quirk in self.quirks) or 'correct'}"

    @property
    def editions(self) -> tuple[str, ...]:
        """Where all its quirks are lawful."""
        return (self.quirks[0].lawful_in if self.quirks else ()) or EDITIONS


@dataclass(frozen=True)
class Found:
    """What one run has found."""

    group: Group
    counts: Mapping[Verdict, int]
    problems: list[str]


def groups(number: int, quirks: Sequence[Expectation], seed: int) -> Iterator[Group]:
    """The runs of a round: each quirk is in one of them."""
    yield Group(number, ())
    company = list(quirks)
    random.Random(f"{seed} {number}").shuffle(company)
    sets: dict[tuple[str, ...], list[Expectation]] = {}
    for quirk in company:
        if quirk.alone:
            yield Group(number, (quirk,))
        else:
            sets.setdefault(quirk.lawful_in, []).append(quirk)
    for members in sets.values():
        for first in range(0, len(members), TOGETHER):
            yield Group(number, tuple(members[first : first + TOGETHER]))


def problems_of(group: Group, variants: Sequence[VariantRecord]) -> list[str]:
    """What may not be, a line each."""
    problems = []
    for variant in variants:
        result = variant.result
        if result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
            continue
        if result.verdict is Verdict.INCONCLUSIVE:
            open_checks = [c.name for c in result.checks if c.verdict is not Verdict.PASS]
            if open_checks and all(_listed(group, variant, name) for name in open_checks):
                continue
        problems.append(f"{variant.label}: {result.verdict.value}: {result.reason}")
    return problems


def _listed(group: Group, variant: VariantRecord, check: str) -> bool:
    """Whether one of the quirks may leave this check open here."""
    place = place_of(variant.variant_id)
    for quirk in group.quirks:
        if check in quirk.allowed:
            return True
        for scenario, variants, name, _ in quirk.everything():
            named = scenario in (EVERY, variant.scenario) and name == check
            if named and (not variants or place in variants):
                return True
    return False


class Rounds:
    """Runs rounds; results go to `directory`, captures and logs stay of what went wrong."""

    def __init__(
        self, layout: Layout, directory: Path, execute: Execute, environment: dict[str, str]
    ) -> None:
        self._layout, self._directory = layout, directory / "rounds"
        self._execute, self._environment = execute, environment

    def run(
        self, quirks: Sequence[Expectation], rounds: int, seed: int, *, slow: bool
    ) -> Iterator[Found]:
        """All runs of all rounds; each round is told of when it has ended."""
        self._directory.mkdir(parents=True, exist_ok=True)
        print(f"rounds: seed {seed}", flush=True)
        with ThreadPoolExecutor(RUNS_AT_ONCE) as pool:
            waiting: list[list[Future[Found]]] = [
                [pool.submit(self._one, group, slow) for group in groups(number, quirks, seed)]
                for number in range(1, rounds + 1)
            ]
            for number, futures in enumerate(waiting, 1):
                found = [future.result() for future in futures]
                totals: Counter[Verdict] = Counter()
                for item in found:
                    totals.update(item.counts)
                told = ", ".join(f"{totals[v]} {v.value}" for v in Verdict if v in totals)
                print(f"rounds: {number} of {rounds}: {len(found)} clients: {told}")
                sys.stdout.flush()
                yield from found

    def _one(self, group: Group, slow: bool) -> Found:
        output = self._directory / group.name
        changes = [change for quirk in group.quirks for change in quirk.profile]
        profile = changed_profile(self._layout, changes, self._directory / "profiles", group.name)
        command = [sys.executable, "-m", "bootcheck", "--strict", f"--output={output}"]
        command += [f"--client={profile}", *(f"--edition={name}" for name in group.editions)]
        command += ["-m", "slow" if slow else "not slow"]
        for quirk in group.quirks:
            command += [f"--client-argument={word}" for word in ("--quirk", quirk.name)]
        code, _ = self._execute(command, f"rounds-{group.name}.log", self._environment)
        try:
            record = read(output / FILE_NAME)
        except (RunLogError, OSError) as problem:
            return Found(group, {}, [f"no results: {problem}"])
        problems = problems_of(group, record.variants)
        if not problems and code not in (ExitCode.OK, ExitCode.INCONCLUSIVE):
            problems = [f"the run ended with {code}"]
        if not problems:
            shutil.rmtree(output / "lanes", ignore_errors=True)  # 50 MB each
        counts = Counter(variant.result.verdict for variant in record.variants)
        return Found(group, counts, problems)
