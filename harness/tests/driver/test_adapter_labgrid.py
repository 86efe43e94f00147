# SPDX-License-Identifier: Apache-2.0
"""The example of an own adapter: a simulated board on a serial line, handled by labgrid."""

from __future__ import annotations

import importlib.util
import os
import pty
import shutil
import subprocess
import sys
import tty
from pathlib import Path
from typing import Iterator

import pytest
import real_run
from bootcheck.layout import Layout
from bootcheck.runlog import read
from bootcheck.verdict import Verdict
from lab_profile import LAB, Lab, lab

__all__ = ["lab"]
EXAMPLE = Layout.of_this_package().root / "fixtures" / "labgrid" / "labgrid_board.py"
SHELL = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
ENVIRONMENT = """\
targets:
  board:
    resources:
      RawSerialPort:
        port: {port}
    drivers:
      ExternalPowerDriver:
        cmd_on: "true"
        cmd_off: "{cut}"
      SerialDriver: {{}}
      ShellDriver:
        prompt: 'board# '
        login_prompt: ' login: '
        username: root
"""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("labgrid") is None,
    reason="labgrid is not installed: ./run_tests.py install labgrid",
)


@pytest.fixture
def serial_port() -> Iterator[str]:
    """The board's console: a shell at the other end of a serial line."""
    try:
        ours, theirs = pty.openpty()
    except OSError as problem:
        pytest.skip(f"there is no pseudo-terminal here: {problem}")
    tty.setraw(theirs)
    shell = subprocess.Popen(
        SHELL,
        stdin=ours,
        stdout=ours,
        stderr=ours,
        env={**real_run.environment(), "PS1": "board# "},
        start_new_session=True,
    )
    yield os.ttyname(theirs)
    shell.kill()
    shell.wait()
    os.close(ours)
    os.close(theirs)


def test_whole_purge_scenario(lab: Lab, tmp_path: Path, serial_port: str) -> None:
    board = lab.board("board")
    shutil.copy(EXAMPLE, lab.folder)

    def program(action: str) -> str:
        return f"{sys.executable} {LAB} {action} {board.folder}"

    environment = lab.folder / "environment.yaml"
    environment.write_text(ENVIRONMENT.format(port=serial_port, cut=program("power_cut")))
    start = program("start") + " --endpoint {endpoint} --bs-uri {bs_uri}"
    start += " --bs-identity-hex {bs_identity_hex} --bs-key-hex {bs_key_hex}"
    settings = f'[adapter]\nenvironment = "{environment}"\nstart = "{start}"\n'
    for action in ("start_again", "stop", "factory_reset"):
        settings += f'{action} = "{program(action)}"\n'
    path = lab.manual(more=settings)
    text = path.read_text().replace('"manual"', '"labgrid_board:LabgridBoard"')
    path.write_text(text.replace('timeout = "start"', 'timeout = "write"'))
    done = real_run.run(["--client", str(path), *real_run.PURGE], tmp_path / "out")
    assert (tmp_path / "out" / "run.jsonl").exists(), done.stderr
    result = read(tmp_path / "out" / "run.jsonl").variants[0].result
    assert result.verdict is Verdict.PASS, (result.reason, result.details)
    assert "device board came back from its factory reset" in result.facts
