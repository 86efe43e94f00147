# SPDX-License-Identifier: Apache-2.0
"""What a profile decides before a scenario is run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from bootcheck.applicability import applicability
from bootcheck.lane import RunSettings
from bootcheck.layout import Layout
from bootcheck.profile import Profile, load
from bootcheck.requirement import load_catalogue
from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import Result, Verdict

LAYOUT = Layout.of_this_package()


def profile(**supports: Optional[bool]) -> Profile:
    """The reference client's with other declarations; None: not declared."""
    known = load(LAYOUT.profiles / "reference-client.toml")
    declared: dict[str, Optional[bool]] = {**known.supports, **supports}
    return replace(known, supports={k: v for k, v in declared.items() if v is not None})


def decided(
    of: Profile, *rows: str, edition: str = "1.1", strict: bool = False, **scenario: Any
) -> Optional[Result]:
    async def nothing(bench: Any) -> None:
        ...

    needs = ("hold_off",)
    made = Scenario("s", rows, ("1.1",), ("psk",), needs, None, "kept", False, "", nothing)
    settings = RunSettings(of, LAYOUT.peer_program, strict, 1)
    return applicability(
        replace(made, **scenario), Variant(edition, "psk"), settings, load_catalogue()
    )


def test_what_is_declared_is_run() -> None:
    assert decided(profile(), "SEQ-09") is None


def test_what_is_not_declared_is_asked() -> None:
    result = decided(profile(hold_off=None), "SEQ-09")
    assert result is not None and result.verdict is Verdict.INCONCLUSIVE
    assert "hold_off is not declared: say hold_off = true or false" in result.reason


def test_a_mandatory_feature_that_is_denied_fails_its_row() -> None:
    result = decided(profile(hold_off=False), "SEQ-10", "SEQ-09")
    assert result is not None and result.verdict is Verdict.FAIL
    [check] = result.checks
    assert check.requirement == "SEQ-09" and "hold_off = false" in check.observed


@pytest.mark.parametrize("rows, edition", [(("CLN-10",), "1.1"), (("SEQ-09",), "CR")])
def test_elsewhere_it_is_not_applicable(rows: tuple[str, ...], edition: str) -> None:
    """In scenarios of other rows, and in editions in which the feature is optional."""
    result = decided(profile(hold_off=False), *rows, edition=edition)
    assert result is not None and result.verdict is Verdict.NOT_APPLICABLE


def test_an_optional_feature_may_be_denied() -> None:
    result = decided(profile(several_servers=False), "SEQ-13", needs=("several_servers",))
    assert result is not None and result.verdict is Verdict.NOT_APPLICABLE
