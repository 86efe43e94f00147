# SPDX-License-Identifier: Apache-2.0
"""The runs of the reference client that the selftest judges: one for each defect and quirk."""

from __future__ import annotations

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Mapping, Optional, Sequence, Union

from bootcheck.inventory import Filed, load_scenarios
from bootcheck.layout import Layout
from bootcheck.proof.client_profile import changed_profile
from bootcheck.proof.expectation import Expectation
from bootcheck.proof.expectation_files import ExpectationError, load_expectations
from bootcheck.proof.expectation_plan import Plan, baseline, plan
from bootcheck.runlog import FILE_NAME, RunLogError, RunRecord, read

RUNS_AT_ONCE = 12  # they wait most of the time
# In a full selftest a run has hundreds of variants, and waits less: twelve would make each other so
# late that variants which measure time could not tell anything.
FULL_RUNS_AT_ONCE = 6

# Runs a command; gives its exit code and its output, which also goes to a log of this name.
Execute = Callable[[Sequence[str], str, Optional[dict[str, str]]], tuple[int, str]]
Recorded = tuple[Plan, Union[RunRecord, str]]  # a run, or why there is none


class ReferenceRuns:
    """Made on demand, each once: a selftest that goes on in a folder takes what is there."""

    def __init__(
        self,
        layout: Layout,
        directory: Path,
        execute: Execute,
        environment: Mapping[str, str],
        *,
        full: bool,
    ) -> None:
        self._layout, self._directory, self._execute = layout, directory, execute
        # For the runs of defects: many, and what sanitizers find the correct run has shown.
        sanitized = ("BOOTCHECK_BUILD", "BOOTCHECK_PEER")
        self.release = {name: text for name, text in environment.items() if name not in sanitized}
        self._full = full
        self._made: set[Path] = set()  # runs of this selftest, however they ended
        self._scenarios: Optional[list[Filed]] = None

    @property
    def scenarios(self) -> list[Filed]:
        """All scenarios. Raises ScenarioError."""
        if self._scenarios is None:
            self._scenarios = load_scenarios(self._layout)
        return self._scenarios

    def expectations(self) -> list[Expectation]:
        """Raises ExpectationError."""
        return load_expectations(self._layout.expectations)

    def all(self) -> list[Recorded]:
        """The runs of all expectations, that of the correct client first."""
        plans = [plan(item, self.scenarios, full=self._full) for item in self.expectations()]
        plans = [made for made in plans if made.node_ids]
        # long ones first, so that none is left for the end: slow scenarios, then quirks
        plans.sort(key=lambda made: -len(made.node_ids))
        plans.insert(0, baseline(self.scenarios))
        with ThreadPoolExecutor(FULL_RUNS_AT_ONCE if self._full else RUNS_AT_ONCE) as pool:
            return list(zip(plans, pool.map(self._recorded, plans)))

    def correct(self) -> Union[RunRecord, str]:
        """The run of the correct client, or why there is none."""
        return self._recorded(baseline(self.scenarios))

    def _recorded(self, made: Plan) -> Union[RunRecord, str]:
        output = self._directory / made.name.replace(" ", "-")
        try:
            if output not in self._made and not _is_whole(output / FILE_NAME):
                shutil.rmtree(output, ignore_errors=True)
                self._run(made, output)
            self._made.add(output)
            return read(output / FILE_NAME)
        except (RunLogError, ExpectationError, OSError) as problem:
            return f"no results: {problem}"

    def _run(self, made: Plan, output: Path) -> None:
        root = self._layout.root
        command = [sys.executable, "-m", "bootcheck", "--strict", f"--output={output}"]
        command += ["-m", "slow or not slow"]  # the node ids say what is run
        environment = None
        if made.expectation is not None:
            changes, folder = made.expectation.profile, self._directory / "profiles"
            profile = changed_profile(self._layout, changes, folder, output.name)
            command.append(f"--client={profile}")
            command += [f"--client-argument={word}" for word in made.expectation.client_arguments]
            environment = self.release
        command += [str(root / node_id) for node_id in made.node_ids]
        self._execute(command, f"{output.name}.log", environment)

    def unknown(self, program: Path) -> list[str]:
        """Defects and quirks of the client without an expectation, and the other way round."""
        expected = {(item.kind, item.name) for item in self.expectations()}
        known = set()
        for kind in ("defect", "quirk"):
            code, output = self._execute([str(program), f"--list-{kind}s"], "lists.log", None)
            try:
                known |= {(kind, item["name"]) for item in json.loads(output)}
            except (ValueError, KeyError, TypeError):
                return [f"--list-{kind}s ended with {code} and no list: {output[:200]}"]
        folder = self._layout.expectations
        return [
            f"{kind} {name}: {folder} expects nothing of it"
            for kind, name in sorted(known - expected)
        ] + [
            f"{kind} {name}: the reference client has none of this name"
            for kind, name in sorted(expected - known)
        ]


def _is_whole(file: Path) -> bool:
    """Whether a run is recorded there that came to its end."""
    try:
        end = read(file).end
    except (RunLogError, OSError):
        return False
    return end is not None and not end.get("stopped")
