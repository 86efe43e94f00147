# SPDX-License-Identifier: Apache-2.0
"""The client's program, given with --binary; the editions of a run that names none."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from bootcheck.layout import Layout
from bootcheck.options import default_editions, set_binary
from bootcheck.profile import ProfileError, load

ANJAY = load(Layout.of_this_package().profiles / "anjay.toml")


def test_a_program_is_what_the_profile_s_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANJAY_DEMO", "elsewhere")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").touch()
    set_binary(ANJAY, None)
    assert os.environ["ANJAY_DEMO"] == "elsewhere"
    set_binary(ANJAY, "demo")  # clients run elsewhere: the path does not depend on the folder
    assert os.environ["ANJAY_DEMO"] == str(tmp_path / "demo")


def test_a_program_that_is_not_there_or_not_asked_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="--binary none: there is no such file"):
        set_binary(ANJAY, "none")
    with pytest.raises(ProfileError, match=r"anjay.toml:\d+ does not ask for a program"):
        set_binary(replace(ANJAY, binary=None), "demo")


@pytest.mark.parametrize(
    "claimed, run",
    [
        (("CR", "1.0", "1.1", "1.2"), ("CR", "1.1")),
        (("1.2", "1.1"), ("1.1",)),
        (("CR", "1.0"), ("CR", "1.0")),
        (("1.0", "1.2"), ("1.2",)),
        (("CR",), ("CR",)),
    ],
)
def test_a_client_without_1_1_runs_in_its_latest(
    claimed: tuple[str, ...], run: tuple[str, ...]
) -> None:
    assert default_editions(claimed) == run
