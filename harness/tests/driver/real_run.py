# SPDX-License-Identifier: Apache-2.0
"""Runs of the whole driver with the real peer and real scenarios, for tests of the driver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Mapping, Optional, Sequence

from project import DRIVER

LIMIT_S = 120.0
# one scenario of a purge with the shortest timeout, in one variant
PURGE = ("-k", "account_is_purged_after_one_second", "--edition", "1.1", "--security", "psk")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bootcheck", *arguments]


def environment() -> dict[str, str]:
    fixed = {"PYTHONNOUSERSITE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {**os.environ, **fixed, "PYTHONPATH": str(DRIVER)}


def unsanitized() -> dict[str, str]:
    """For clients into which another library is loaded: sanitizers refuse to come second."""
    others = ("BOOTCHECK_BUILD", "BOOTCHECK_PEER")
    return {name: value for name, value in environment().items() if name not in others}


def run(
    arguments: Sequence[str], directory: Path, variables: Optional[Mapping[str, str]] = None
) -> subprocess.CompletedProcess[str]:
    """Run scenarios to the end; the results are in `directory`."""
    return subprocess.run(
        command(*arguments, "--output", str(directory)),
        env=variables or environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
    )
