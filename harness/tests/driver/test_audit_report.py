# SPDX-License-Identifier: Apache-2.0
"""What is shown of an audit: bounded, whatever the number of keys; and what is left is told."""

from __future__ import annotations

import io
import json
from typing import Any

from bootcheck.audit import report
from bootcheck.audit.outcome import MOST_KEYS, Outcome


def outcome_of(*records: dict[str, Any]) -> Outcome:
    outcome = Outcome()
    for record in records:
        outcome.take(json.dumps(record).encode())
    return outcome


def key(number: int, low: bool = True) -> dict[str, Any]:
    hint = {"id": "run", "weight": "hint", "text": "3 equal bytes"}
    evidence = [hint, {"id": "sha256(pin)", "weight": "low", "text": "SHA-256 of a PIN"}]
    return {
        "record": "key",
        "line": number,
        "device": f"d{number}",
        "fingerprint": "00112233",
        "verdict": "low" if low else "no evidence of low",
        "evidence": evidence if low else [hint],
    }


def search(tried: int, budget: int, left: str) -> dict[str, Any]:
    return {
        "record": "search",
        "id": "x",
        "text": "MD5 of it",
        "tried": tried,
        "budget": budget,
        "left": left,
    }


END = {"record": "end", "low": 1, "no_evidence": 0, "stopped": False}


def test_of_many_keys_the_first_are_kept_and_all_are_counted() -> None:
    outcome = outcome_of(*(key(number) for number in range(MOST_KEYS + 10)), key(1, low=False))
    assert len(outcome.keys) == MOST_KEYS + 1
    assert (outcome.low, outcome.no_evidence) == (MOST_KEYS + 10, 1)
    assert outcome.counts["sha256(pin)"] == MOST_KEYS + 10
    lines = list(report.table(outcome, whole=False))
    assert lines[1].split() == ["d0", "00112233", "low", "SHA-256", "of", "a", "PIN"]
    assert any(line.startswith(f"… and {MOST_KEYS + 11 - 40} more") for line in lines)


def test_a_key_without_evidence_shows_its_hints() -> None:
    (line,) = [text for text in report.table(outcome_of(key(1, low=False)), whole=True)][1:2]
    assert line.endswith("no evidence of low  3 equal bytes")


def test_what_was_not_searched_is_told_and_what_was_not_needed_is_counted() -> None:
    searches = (search(5, 5, "many"), search(5, 5, ""), search(0, 5, "all"))
    outcome = outcome_of(*searches, END)
    assert outcome.not_searched() == ["MD5 of it: many"]
    assert outcome.not_needed == 1
    stopped = outcome_of(*searches, {**END, "stopped": True})
    assert stopped.not_searched() == ["MD5 of it: many", "MD5 of it: all"]
    assert stopped.not_needed == 0
    stopped.quick = True
    assert stopped.not_searched()[0].startswith("HMAC, PBKDF2")


def test_progress_has_an_estimate_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    progress = report.Progress(stream)
    record = {"number": 2, "count": 9, "part": 0.5, "seconds_left": 200.0, "rate": 2.5e6}
    progress.show({**record, "open": 3, "text": "SHA-256 of PINs"})
    assert "[2/9] 50 %, some 3 min left, 2.5 million/s, 3 keys open" in stream.getvalue()
