# SPDX-License-Identifier: Apache-2.0
"""The profile of a reference client that a quirk makes another client: what it then declares."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from bootcheck.layout import Layout
from bootcheck.proof.expectation_files import ExpectationError

NAME = "reference-client"
Changes = Sequence[tuple[str, str]]  # texts of the profile, each with what stands there instead


def changed_profile(layout: Layout, changes: Changes, folder: Path, name: str) -> str:
    """The profile to run with: its name, or the path of a changed one in `folder`.

    Raises ExpectationError for a text that is not there exactly once.
    """
    if not changes:
        return NAME
    text = (layout.profiles / f"{NAME}.toml").read_text(encoding="utf-8")
    for old, new in dict.fromkeys(changes):
        if text.count(old) != 1:
            raise ExpectationError(
                f"{name}: its profile has {old!r} {text.count(old)} times instead of once"
            )
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
