# SPDX-License-Identifier: Apache-2.0
"""A small project folder with scenarios, and runs of the driver in it, for tests of the driver."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from bootcheck.runlog import RunRecord, read

FAKE_RUN = Path(__file__).with_name("fake_run.py")
DRIVER = Path(__file__).resolve().parents[2] / "driver"
WAIT_S = 30.0  # bound of one run: far above what a loaded machine needs


@dataclass
class Project:
    """A root with scenarios/ and a profile; `fake_run.py` stands in for the runner."""

    root: Path

    def __post_init__(self) -> None:
        (self.root / "scenarios").mkdir()
        (self.root / "fixtures" / "profiles").mkdir(parents=True)
        (self.root / "fixtures" / "profiles" / "reference-client.toml").touch()

    @property
    def output(self) -> Path:
        return self.root / "out"

    def scenario_file(self, name: str, body: str) -> None:
        """Write scenarios/NAME with the import of `scenario` in front."""
        path = self.root / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("from bootcheck import scenario\n" + textwrap.dedent(body))

    def scenario(self, body: str, mark: str = "'CLN-05', editions=['1.1']") -> None:
        """A file with one scenario `it` of which only the body is given."""
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        text = f'@scenario({mark})\nasync def it(bench):\n    """It is tested."""\n{lines}\n'
        self.scenario_file("it.py", text)

    def command(self, *arguments: str, output: bool = True) -> list[str]:
        given = [*arguments, "--output", str(self.output)] if output else list(arguments)
        return [sys.executable, str(FAKE_RUN), str(self.root), *given]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(DRIVER),
            "PYTHONNOUSERSITE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "BOOTCHECK_PEER": "/bin/true",
        }

    def run(self, *arguments: str, output: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the driver to its end."""
        return subprocess.run(
            self.command(*arguments, output=output),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the driver; its standard output is a pipe."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def record(self) -> RunRecord:
        """The run.jsonl of the last run."""
        return read(self.output / "run.jsonl")

    def verdicts(self) -> dict[str, str]:
        return {v.label: v.result.verdict.value for v in self.record().variants}
