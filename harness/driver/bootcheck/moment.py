# SPDX-License-Identifier: Apache-2.0
"""A moment that may be known no better than to lie between two times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Moment:
    """Both times are in microseconds of the monotonic clock."""

    earliest_us: int
    latest_us: int

    @classmethod
    def at(cls, time_us: int) -> "Moment":
        """A moment that is known."""
        return cls(time_us, time_us)

    def passed_since(self, now_us: int, seconds: float) -> Optional[bool]:
        """Whether so many seconds had passed then; None: it depends on when the moment was."""
        if now_us - self.latest_us >= seconds * 1e6:
            return True
        return None if now_us - self.earliest_us >= seconds * 1e6 else False

    def told(self, now_us: int) -> str:
        """How long it was then since the moment."""
        least, most = (now_us - self.latest_us) / 1e6, (now_us - self.earliest_us) / 1e6
        return f"{most:.3f} s" if least == most else f"between {max(least, 0):.3f} and {most:.3f} s"
