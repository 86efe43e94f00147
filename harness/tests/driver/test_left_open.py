# SPDX-License-Identifier: Apache-2.0
"""What the texts leave open is told side by side."""

from __future__ import annotations

from typing import Optional

from bootcheck.left_open import choice_text, section
from bootcheck.runlog import VariantRecord
from bootcheck.verdict import Choice, Result, Verdict

QUESTION = "after a session that the server started"


def record(edition: str, choice: Optional[Choice]) -> VariantRecord:
    made = VariantRecord("id", "f.py", "scenario", ["FIN-01"], edition, "psk", "tlv")
    made.result = Result(Verdict.PASS, choices=[choice] if choice else [])
    return made


def test_answers_to_one_question_stand_together_those_of_one_case_in_one_line() -> None:
    low = Choice(QUESTION, "low-entropy key", "gone")
    high = Choice(QUESTION, "high-entropy key", "used")
    other = Choice("a session at the end of T", "", "it goes on")
    records = [record("CR", low), record("1.1", other), record("CR", high), record("1.0", low)]
    assert section(records).splitlines() == [
        "left open by the texts, told and not judged:",
        "  a session at the end of T",
        "    it goes on (1.1-psk)",
        "  after a session that the server started",
        "    high-entropy key: used (CR-psk)",
        "    low-entropy key: gone (1.0-psk, CR-psk)",
    ]


def test_run_without_such_a_question_has_no_such_section() -> None:
    assert section([record("1.1", None)]) == ""


def test_choice_in_one_line_leaves_out_a_case_that_there_is_not() -> None:
    assert choice_text(Choice("q", "c", "a")) == "left open: q, c: a"
    assert choice_text(Choice("q", "", "a")) == "left open: q: a"
