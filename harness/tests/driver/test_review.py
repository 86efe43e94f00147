# SPDX-License-Identifier: Apache-2.0
"""The review says before a run what a profile decides and what it leaves undecided."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bootcheck import review
from bootcheck.layout import Layout

LAYOUT = Layout.of_this_package()
PROFILE = (LAYOUT.profiles / "reference-client.toml").read_text()


def reviewed(profile: str, tmp_path: Path) -> tuple[int, str]:
    path = tmp_path / "p.toml"
    path.write_text(profile)
    stream = io.StringIO()
    return review.command(["--client", str(path)], LAYOUT, stream), stream.getvalue()


def test_a_profile_that_says_all_leaves_nothing(tmp_path: Path) -> None:
    code, text = reviewed(PROFILE, tmp_path)
    assert code == 0 and text.startswith("ok")


def test_what_is_not_declared_is_asked_with_what_it_decides(tmp_path: Path) -> None:
    code, text = reviewed(PROFILE.replace("hold_off = true\n", "", 1), tmp_path)
    assert code == 3
    assert text.startswith("ask   p.toml:")
    assert "hold_off is not declared: say hold_off = true or false" in text
    assert "; decides new_account_s_hold_off_is_obeyed" in text


def test_what_is_not_supported_is_told_with_its_line(tmp_path: Path) -> None:
    code, text = reviewed(
        PROFILE.replace("several_servers = true", "several_servers = false"), tmp_path
    )
    assert code == 0
    assert "n/a   p.toml:" in text and "several_servers = false; decides " in text


def test_a_mandatory_feature_that_is_denied_is_a_failure(tmp_path: Path) -> None:
    denied = PROFILE.replace("hold_off = true", "hold_off = false", 1)
    code, text = reviewed(denied, tmp_path)
    assert code == 1
    assert text.startswith("FAIL  p.toml:")
    assert "hold_off = false, but SEQ-09 asks for it in 1.0, 1.1, 1.2" in text
    code, text = reviewed(denied.replace('"CR", "1.0", "1.1", "1.2"', '"CR"'), tmp_path)
    assert "FAIL" not in text, "the change request has no /0/x/11"


def test_old_expected_results_are_told(tmp_path: Path) -> None:
    row = (
        "[[expected]]\nscenario = 'none'\nverdict = 'FAIL'\nreason = 'why'\nexpires = 2001-01-01\n"
    )
    code, text = reviewed(PROFILE + row, tmp_path)
    assert "why: expired on 2001-01-01" in text and "there is no scenario none" in text


def test_a_contradiction_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _ = reviewed(PROFILE.replace("listens = true", "listens = false"), tmp_path)
    assert code == 2
    assert "supports.server_initiated needs handle.listens = true" in capsys.readouterr().err


def test_how_a_client_reads_a_rule_is_told_with_its_verdict(tmp_path: Path) -> None:
    code, text = reviewed(PROFILE + "[readings]\nFIN-05 = 2\n", tmp_path)
    assert code == 0
    assert "FIN-05 is read as 2: A session may leave none" in text and "1.1 WARN" in text
