# SPDX-License-Identifier: Apache-2.0
"""The example of docs/writing-scenarios.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import real_run
from bootcheck.layout import Layout

PAGE = Layout.of_this_package().root / "docs" / "writing-scenarios.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```python\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ \./run_tests\.py (.*)$", re.MULTILINE)


def shown(output: str) -> str:
    """What the page shows of an output, without what differs from run to run."""
    return "\n".join(" ".join(line.split()) for line in output.splitlines())


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The file of the page, as a reader writes it."""
    name, text = FILE.findall(PAGE.read_text())[0]
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("number, code", [(0, 0), (1, 1)], ids=["it passes", "it can fail"])
def test_commands_of_the_page(example: Path, tmp_path: Path, number: int, code: int) -> None:
    blocks = [block for block in PAGE.read_text().split("```") if COMMAND.search(block)]
    command = COMMAND.findall(blocks[number])[0].split()
    assert command[0] == example.name
    done = real_run.run([str(example), *command[1:]], tmp_path / "out")
    assert done.returncode == code, done.stdout + done.stderr
    for line in blocks[number].strip().splitlines()[1:]:
        stable = re.sub(r" [0-9.]+ s$", "", " ".join(line.split()))
        assert stable in shown(done.stdout)


def test_every_step_of_the_page_is_there() -> None:
    """The example has one file, one run that passes and one that fails."""
    text = PAGE.read_text()
    assert len(FILE.findall(text)) == 1
    assert len(COMMAND.findall(text)) == 2
