# SPDX-License-Identifier: Apache-2.0
"""Where things are: found from this file, never from the current directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout, and the build that is used.

    `BOOTCHECK_BUILD` names another build folder than build/release, `BOOTCHECK_PEER` another
    peer program: the selftest runs everything on the sanitized build.
    """

    root: Path

    @classmethod
    def of_this_package(cls) -> "Layout":
        return cls(Path(__file__).resolve().parents[3])

    @property
    def scenarios(self) -> Path:
        return self.root / "scenarios"

    @property
    def profiles(self) -> Path:
        return self.root / "fixtures" / "profiles"

    @property
    def expectations(self) -> Path:
        return self.root / "fixtures" / "reference-client" / "expectations"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def build(self) -> Path:
        return Path(os.environ.get("BOOTCHECK_BUILD") or self.root / "build" / "release")

    @property
    def audit_program(self) -> Path:
        return self.build / "harness" / "keys" / "audit" / "bootcheck-audit-keys"

    @property
    def key_lists(self) -> Path:
        """Words, labels and known keys of the audit."""
        return self.root / "harness" / "keys" / "data"

    @property
    def peer_program(self) -> Path:
        default = self.build / "harness" / "peer" / "control" / "bootcheck-peer"
        return Path(os.environ.get("BOOTCHECK_PEER") or default)
