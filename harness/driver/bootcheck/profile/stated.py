# SPDX-License-Identifier: Apache-2.0
"""How a client reads a rule whose sources disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping


@dataclass(frozen=True)
class StatedReading:
    """One of the readings of a row."""

    row: str
    number: int  # from 1, as `explain` has them
    text: str
    verdicts: Mapping[str, str]  # by edition

    def told(self, edition: str) -> str:
        verdict = self.verdicts.get(edition, "none")
        return f"the profile reads {self.row} as its reading {self.number} ({verdict}): {self.text}"
