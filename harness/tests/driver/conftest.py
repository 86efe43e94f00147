# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the driver's tests."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Iterator

import pytest
from peer_process import PeerProcess, fresh_address
from project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[PeerProcess]:
    """A running peer that was greeted."""
    process = PeerProcess(tmp_path)
    yield process
    if process.process.poll() is None:
        process.kill()


@pytest.fixture
def address() -> str:
    return fresh_address()


@pytest.fixture(autouse=True)
def heeded_interrupts() -> None:
    """What starts tests in the background ignores SIGINT or SIGHUP, for children too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
