# SPDX-License-Identifier: Apache-2.0
"""A client without room for a second LwM2M Server may refuse it, and no other client may."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Optional

import pytest
from bootcheck.ending import Ended, NotApplicable
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession


class FakeBench:
    """Keeps the checks that are made."""

    def __init__(self, several: Optional[bool]) -> None:
        self.made: list[tuple[str, Any]] = []
        self.profile = SimpleNamespace(
            declared=lambda need: (f"supports.{need}", several), where=lambda key: "p.toml:7"
        )

    def row(self, name: str) -> str:
        return name

    def check(self, name: str, row: str, passed: Optional[bool], what: str, **more: str) -> None:
        self.made.append((row, passed))

    def expect_answer(
        self, name: str, row: str, what: str, answer: Optional[Event], code: str
    ) -> None:
        passed = answer is not None and answer.get("code") == code
        self.made.append((row, passed))
        if not passed:
            raise Ended()


def answered(code: Optional[str]) -> Event:
    return Event(1, 1, "response_received", {"code": code} if code else {})


def expect(several: Optional[bool], answer: Optional[Event]) -> list[tuple[str, Any]]:
    bench = FakeBench(several)
    session = BootstrapSession.__new__(BootstrapSession)  # without a contact
    session.bench = bench  # type: ignore[assignment]
    try:
        session.expect_written_beside("c", "it", answer)
    except Ended:
        assert bench.made and bench.made[-1][1] is not True
    return bench.made


@pytest.mark.parametrize("several", [True, False, None])
def test_an_accepted_write_passes_whatever_is_declared(several: Optional[bool]) -> None:
    assert expect(several, answered("2.04")) == [("WRI-01", True)]


@pytest.mark.parametrize("code", ["4.00", "5.00"])
def test_a_refusal_is_judged_by_what_is_declared(code: str) -> None:
    assert expect(True, answered(code)) == [("WRI-01", False)]
    assert expect(None, answered(code)) == [("WRI-01", None)]
    with pytest.raises(NotApplicable, match=f"p.toml:7: several_servers = false, .*answers {code}"):
        expect(False, answered(code))


@pytest.mark.parametrize("answer", [None, answered(None), answered("2.05")])
def test_what_is_no_refusal_is_a_breach(answer: Optional[Event]) -> None:
    assert expect(False, answer) == [("WRI-01", False)]
