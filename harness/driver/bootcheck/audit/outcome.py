# SPDX-License-Identifier: Apache-2.0
"""What an audit has found, gathered from its records: as much as is shown, whatever the number."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
FILE_NAME = "audit.jsonl"
MOST_KEYS = 5000  # that are kept for reports; audit.jsonl has all
NO_EVIDENCE = "no evidence of low"


@dataclass(frozen=True)
class Key:
    """The verdict on a key. It is named by its device and fingerprint, never by its value."""

    line: int
    device: str
    fingerprint: str
    verdict: str  # "low" or NO_EVIDENCE
    evidence: tuple[tuple[str, str, str], ...]  # id, weight, text

    @property
    def is_low(self) -> bool:
        return self.verdict == "low"

    @property
    def reasons(self) -> list[str]:
        """Why it is low, derivations first; of another the hints."""
        weight = "low" if self.is_low else "hint"
        found = [(item, text) for item, how, text in self.evidence if how == weight]
        return [text for _, text in sorted(found, key=lambda item: "(" not in item[0])]


@dataclass
class Outcome:
    """Counts of everything, and the first keys of each verdict."""

    quick: bool = False  # only the searches of --quick
    keys: list[Key] = field(default_factory=list)
    low: int = 0
    no_evidence: int = 0
    refused: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # low keys by the evidence for it
    hints: dict[str, Any] = field(default_factory=dict)
    searches: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    stopped: bool = False
    _kept: Counter[bool] = field(default_factory=Counter)

    def take(self, line: bytes) -> dict[str, Any]:
        """Take a record in; gives it."""
        record: dict[str, Any] = json.loads(line)
        kind = record["record"]
        if kind == "key":
            self._take_key(record)
        elif kind == "refused":
            self.refused += 1
        elif kind == "hints":
            self.hints = record
        elif kind == "search":
            self.searches.append(record)
        elif kind == "end":
            self.ended, self.stopped = True, record["stopped"]
        return record

    def _take_key(self, record: dict[str, Any]) -> None:
        evidence = tuple((e["id"], e["weight"], e["text"]) for e in record["evidence"])
        key = Key(
            record["line"], record["device"], record["fingerprint"], record["verdict"], evidence
        )
        self.low += key.is_low
        self.no_evidence += not key.is_low
        self.counts.update({item for item, weight, _ in evidence if weight == "low"})
        self._kept[key.is_low] += 1
        if self._kept[key.is_low] <= MOST_KEYS:
            self.keys.append(key)

    def not_searched(self) -> list[str]:
        """A line for each search that was not made, or not to its end."""
        slow = ["HMAC, PBKDF2, and secrets together with values of the device: all (--quick)"]
        return (slow if self.quick else []) + [
            f"{item['text']}: {item['left']}"
            for item in self.searches
            if item["left"] and not self._not_needed(item)
        ]

    @property
    def not_needed(self) -> int:
        """How many searches were not made, because each key had been found before."""
        return sum(map(self._not_needed, self.searches))

    def _not_needed(self, search: dict[str, Any]) -> bool:
        return not self.stopped and search["tried"] < search["budget"]
