# SPDX-License-Identifier: Apache-2.0
"""The factory account in a file, for clients that read theirs from one."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Mapping, Optional


class AccountFile:
    """A JSON object of strings by the names of placeholders.

    It holds keys: it is outside of all results, readable by its owner only, and removed at the end.
    """

    def __init__(self) -> None:
        self._folder: Optional[Path] = None

    def write(self, values: Mapping[str, str]) -> Path:
        """Write what the client has from its factory; where it is."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="bootcheck-account-"))
        path = self._folder / "account.json"
        path.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return path

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
