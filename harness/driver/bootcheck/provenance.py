# SPDX-License-Identifier: Apache-2.0
"""What a run was made with: the header of run.jsonl."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

import pytest

from bootcheck import __version__, adapters, time_scale
from bootcheck.heartbeat import monotonic_us
from bootcheck.layout import Layout
from bootcheck.options import RunOptions


def header(options: RunOptions, layout: Layout) -> dict[str, Any]:
    """Versions, profile, choices and the time of the start."""
    profile = options.profile
    return {
        "bootcheck": __version__,
        "commit": git_commit(layout.root),
        "python": platform.python_version(),
        "pytest": pytest.__version__,
        "system": _system(),
        "peer": peer_versions(layout.peer_program),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "t": monotonic_us(),
        "command": sys.argv[1:],
        "profile": {
            "name": profile.name,
            "version": profile.version,
            "file": _in_checkout(profile.path, layout.root),
            "sha256": profile.sha256,
            "found_low": profile.found_low,
        },
        "editions": list(options.editions),
        "securities": list(options.securities),
        "seed": options.seed,
        "strict": options.strict,
        "lanes": options.lanes,
        "client_arguments": list(options.client_arguments),
        "adapter": profile.lab.adapter,
        "devices": [device.name for device in adapters.devices(profile)],
        "allow_destructive": options.allow_destructive,
        "time_scale": time_scale.told(options.time_scale, profile)
        if options.time_scale != 1
        else None,
    }


def _in_checkout(path: Path, root: Path) -> str:
    """Relative to the checkout where it is inside: a report may leave the machine."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def git_commit(root: Path) -> Optional[str]:
    """The commit of the checkout, with `+` when tracked files differ from it; None without git."""
    found = _git(root, "rev-parse", "--show-toplevel", "HEAD")
    if found is None or len(found) != 2 or Path(found[0]).resolve() != root.resolve():
        return None  # no checkout, or a folder inside of another project's
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    return found[1] + ("+" if changes else "")


def _git(root: Path, *arguments: str) -> Optional[list[str]]:
    try:
        process = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return process.stdout.splitlines() if process.returncode == 0 else None


def peer_versions(program: Path) -> dict[str, Any]:
    """The peer's version and those of its libraries, from its `hello`; empty when it has none."""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 1}}
    with tempfile.TemporaryDirectory(prefix="bootcheck-") as folder:
        try:
            process = subprocess.run(
                [str(program), "--output", folder],
                input=json.dumps(hello) + "\n",
                capture_output=True,
                text=True,
                timeout=10,
            )
            answers = [json.loads(line) for line in process.stdout.splitlines()]
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return {}  # the lanes will tell what is wrong with it
    for answer in answers:
        if answer.get("id") == 1 and "result" in answer:
            return {name: answer["result"].get(name) for name in ("peer", "libraries")}
    return {}


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        name = "Linux"
    return f"{name}, {platform.system()} {platform.release()} {platform.machine()}"
