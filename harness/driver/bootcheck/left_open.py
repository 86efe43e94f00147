# SPDX-License-Identifier: Apache-2.0
"""What the texts leave open, and what the client does: told side by side, never judged."""

from __future__ import annotations

import textwrap
from typing import Sequence

from bootcheck.runlog import VariantRecord
from bootcheck.verdict import Choice

_WIDTH = 100


def choice_text(choice: Choice) -> str:
    """A choice in one line."""
    case = f", {choice.case}" if choice.case else ""
    return f"left open: {choice.question}{case}: {choice.answer}"


def section(variants: Sequence[VariantRecord]) -> str:
    """All choices of a run, those of one question together; empty when there are none."""
    found: dict[str, dict[tuple[str, str], set[str]]] = {}
    for variant in variants:
        for choice in variant.result.choices:
            answers = found.setdefault(choice.question, {})
            where = answers.setdefault((choice.case, choice.answer), set())
            where.add(f"{variant.edition}-{variant.security}")
    if not found:
        return ""
    lines = ["left open by the texts, told and not judged:"]
    for question, answers in sorted(found.items()):
        lines.append(_filled(question, "  "))
        for (case, answer), columns in sorted(answers.items()):
            before = f"{case}: " if case else ""
            lines.append(_filled(f"{before}{answer} ({', '.join(sorted(columns))})", "    "))
    return "\n".join(lines) + "\n"


def _filled(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )
