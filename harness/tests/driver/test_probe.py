# SPDX-License-Identifier: Apache-2.0
"""The probe finds by experiment what a client supports, and marks what its profile says else."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

from bootcheck import probe
from bootcheck.layout import Layout
from test_doctor import FORGETFUL, PROFILE, PROGRAM

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
        "account_timeout": True,
        "hold_off": True,
        "registration_retries": True,
        "bootstrap_trigger": True,
        "account_replacement": True,
    }
    assert found["handle"] == {"keeps_state": True, "survives_power_cut": True}
    assert "# Bootstrap-Read of /1 is answered 2.05" in text
    assert "as TLV (11542) is answered 2.05" in text


def test_differences_are_marked(tmp_path: Path) -> None:
    lies = PROFILE.replace("discover = true", "discover = false").replace(
        "hold_off = true\n", "", 1
    )
    code, text = probed(lies.replace(PROGRAM, FORGETFUL, 1), tmp_path)
    assert code == 0, text
    line = {line.partition(" ")[0]: line for line in text.splitlines()}
    assert "discover = true " in line["discover"]
    assert "DIFFERS, declared: false (p.toml:" in line["discover"]
    assert "DIFFERS, not declared" in line["hold_off"]
    assert "DIFFERS" not in line["account_timeout"]
    assert "keeps_state = false" in line["keeps_state"] and "DIFFERS" in line["keeps_state"]


def test_a_client_that_does_not_come_is_told(tmp_path: Path) -> None:
    code, text = probed(PROFILE.replace(PROGRAM, '"sh", "-c", "exit 7"', 1), tmp_path)
    assert code == 2
    assert "could not be carried out" in text and "exit code 7" in text
