# SPDX-License-Identifier: Apache-2.0
"""A run tells what it was made with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from bootcheck.provenance import git_commit, peer_versions
from peer_process import peer_program


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_peer_tells_its_libraries() -> None:
    versions = peer_versions(Path(peer_program()))
    assert set(versions["libraries"]) == {"mbedtls", "libcoap", "jansson"}
    assert versions["peer"]


@pytest.mark.parametrize("program", ["/bin/true", "/bin/cat", "/nowhere"])
def test_another_program_tells_nothing(program: str) -> None:
    assert peer_versions(Path(program)) == {}


def test_the_commit_of_a_checkout_and_whether_it_was_changed(tmp_path: Path) -> None:
    git_missing = subprocess.run(["sh", "-c", "command -v git"], capture_output=True).returncode
    if git_missing:
        pytest.skip("git is not installed")
    assert git_commit(tmp_path) is None
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("a")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-q", "-m", "x")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert git_commit(tmp_path) == commit
    (tmp_path / "file").write_text("b")
    assert git_commit(tmp_path) == commit + "+"
    (tmp_path / "inside").mkdir()
    assert git_commit(tmp_path / "inside") is None, "a folder in another project's checkout"
