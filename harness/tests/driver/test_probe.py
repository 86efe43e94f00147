# SPDX-License-Identifier: Apache-2.0
"""The probe finds by experiment what a client supports, and marks what its profile says else."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Optional

import pytest
from bootcheck import probe
from bootcheck.layout import Layout
from test_doctor import FORGETFUL, PROFILE, PROGRAM, defective

LAYOUT = Layout.of_this_package()


def probed(profile: str, tmp_path: Path) -> tuple[int, str]:
    path = tmp_path / "p.toml"
    path.write_text(profile)
    stream = io.StringIO()
    code = probe.command(["--client", str(path), "--security", "psk"], LAYOUT, stream)
    assert path.read_text() == profile, "the profile is never edited"
    return code, stream.getvalue()


def test_the_reference_client_supports_what_its_profile_says(tmp_path: Path) -> None:
    code, text = probed(PROFILE, tmp_path)
    assert code == 0, text
    found = tomllib.loads(text)  # the lines can stand in a profile as they are
    assert found["supports"] == {
        "discover": True,
        "bootstrap_read": True,
        "registration_retries": True,  # a Read by the LwM2M Server shows it
        "bootstrap_trigger": True,
        "access_control": True,
        "account_replacement": True,
    }
    assert found["handle"] == {"keeps_state": True, "survives_power_cut": True}
    # it passes over a Write of what it does not know
    assert "# supports.account_timeout is not told: a Write of /0/x/12 is answered 2.04, " in text
    assert "# supports.hold_off is not told: " in text
    assert "as TLV (11542) is answered 2.05" in text


def test_differences_are_marked(tmp_path: Path) -> None:
    lies = PROFILE.replace("discover = true", "discover = false")
    lies = lies.replace("bootstrap_trigger = true\n", "").replace('"trigger", ', "")
    code, text = probed(lies.replace(PROGRAM, FORGETFUL, 1), tmp_path)
    assert code == 0, text
    line = {line.partition(" ")[0]: line for line in text.splitlines()}
    assert "discover = true " in line["discover"]
    assert "DIFFERS, declared: false (p.toml:" in line["discover"]
    assert "DIFFERS, not declared" in line["bootstrap_trigger"]
    assert "DIFFERS" not in line["account_replacement"]
    assert "keeps_state = false" in line["keeps_state"] and "DIFFERS" in line["keeps_state"]


@pytest.mark.parametrize(
    "code, unknown, read, value, told",
    [
        ("2.04", "4.04", "nothing", True, "/0/x/11 is answered 2.04"),
        ("2.04", "nothing", "4.05", True, "/0/x/11 is answered 2.04"),
        ("2.04", "2.04", "2.05", True, "/0/x/11 is answered 2.04, a Read then 2.05"),
        ("4.00", "2.04", "2.05", False, "is answered 4.00"),
        (
            "2.04",
            "2.04",
            "4.05",
            None,
            "is answered 2.04, and so is one of a resource that there is not",
        ),
    ],
)
def test_success_shows_a_resource_only_where_an_unknown_one_is_refused(
    code: str, unknown: str, read: str, value: Optional[bool], told: str
) -> None:
    found, how = probe.written("/0/x/11", code, unknown, read)
    assert found is value
    assert how.endswith(told)


def test_a_broken_rule_is_no_failure_on_the_way(tmp_path: Path) -> None:
    code, text = probed(defective("discovers-without-version"), tmp_path)
    assert code == 0, text
    assert "failed on the way" not in text and "survives_power_cut = true" in text


def test_a_client_that_does_not_come_is_told(tmp_path: Path) -> None:
    code, text = probed(PROFILE.replace(PROGRAM, '"sh", "-c", "exit 7"', 1), tmp_path)
    assert code == 2
    assert "could not be carried out" in text and "exit code 7" in text
