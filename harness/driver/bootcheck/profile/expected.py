# SPDX-License-Identifier: Apache-2.0
"""Expected results: what a client is known to break."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Optional

from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.verdict import Verdict


@dataclass(frozen=True)
class ExpectedResult:
    """A verdict that certain checks are known to have, and why."""

    where: str  # file:line
    verdict: Verdict  # FAIL, WARN or INCONCLUSIVE, as it is without --strict
    reason: str
    scenario: Optional[str] = None  # None: in any
    requirement: Optional[str] = None  # None: those that the scenario is about
    checks: tuple[str, ...] = ()  # empty: all of the requirement
    editions: tuple[str, ...] = EDITIONS
    securities: tuple[str, ...] = SECURITIES
    link: str = ""
    expires: Optional[datetime.date] = None  # the last day on which it counts

    @property
    def text(self) -> str:
        """Where it stands and why, in one line."""
        return f"{self.where}: {self.reason}" + (f" ({self.link})" if self.link else "")

    def has_expired(self, today: datetime.date) -> bool:
        return self.expires is not None and today > self.expires

    def concerns(self, scenario: str, edition: str, security: str) -> bool:
        """Whether it speaks of this variant."""
        return (
            self.scenario in (None, scenario)
            and edition in self.editions
            and security in self.securities
        )
