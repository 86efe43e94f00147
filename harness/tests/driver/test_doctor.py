# SPDX-License-Identifier: Apache-2.0
"""The doctor says what is wrong with a client's profile, and how to mend it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bootcheck import doctor
from bootcheck.layout import Layout
from bootcheck.verdict import ExitCode

LAYOUT = Layout.of_this_package()
PROFILE = (LAYOUT.profiles / "reference-client.toml").read_text()
PROGRAM = '"{build}/fixtures/reference-client/bootcheck-reference-client"'
# its seventh word is the folder of its state
FORGETFUL = f"""'sh', '-c', 'rm -rf "$7"/*; exec "$@"', 'sh', {PROGRAM}"""


def diagnosis(profile: str, tmp_path: Path, *arguments: str) -> tuple[int, str]:
    path = tmp_path / "p.toml"
    path.write_text(profile)
    stream = io.StringIO()
    given = ["--client", str(path), "--security", "psk", *arguments]
    return doctor.command(given, LAYOUT, stream), stream.getvalue()


def test_a_good_client_has_nothing_to_mend(tmp_path: Path) -> None:
    code, text = diagnosis(PROFILE, tmp_path)
    assert code == ExitCode.OK, text
    assert "mend" not in text
    for line in ("registered again with its state", "ends when it is told", "psk, trigger: "):
        assert line in text


@pytest.mark.parametrize(
    "old, new, told",
    [
        ('"{bs_identity_hex}"', '"6e6f626f6479"', "unknown_identity, identity nobody"),
        ('"{bs_key_hex}"', '"00112233445566778899aabbccddeeff"', "the key is not"),
        ('"{endpoint}"', '"another"', "ep=another came, and ep=bootcheck-"),
        ('"{bs_uri}"', '"coaps://127.0.0.1:9"', "the client sent nothing"),
        (PROGRAM, '"/no/such/program"', "/no/such/program is not there (p.toml:"),
        (PROGRAM, f'"{__file__}"', "is not executable"),
        (PROGRAM, '"{env.BOOTCHECK_NO_SUCH}"', "BOOTCHECK_NO_SUCH is not set (p.toml:"),
        (PROGRAM, '"sh", "-c", "echo I fail; exit 7"', "exit code 7"),
        (PROGRAM, '"sh", "-c", "echo I fail; exit 7"', "last output: I fail"),
        (PROGRAM, FORGETFUL, "keeps_state = true, and the state was lost"),
        ("start_s = 30", "start_s = 0.001", "no Bootstrap-Request reached"),
        ("[account]", "[acount]", "p.toml:20: unknown table [acount]"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = PROFILE.replace("start_s = 30", "start_s = 3")
    wanted = text if old in text else PROFILE
    assert old in wanted, "the case changes something"
    code, text = diagnosis(wanted.replace(old, new, 1), tmp_path)
    assert code == ExitCode.USAGE, text
    mends = [line for line in text.splitlines() if line.startswith("mend")]
    assert any(told in line for line in mends), text


def test_a_machine_that_is_not_ready_is_another_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOTCHECK_PEER", str(tmp_path / "none"))
    code, text = diagnosis(PROFILE, tmp_path)
    assert code == ExitCode.ERROR
    assert "mend  peer: " in text and "./run_tests.py builds it" in text
    assert "client over" not in text, "nothing is started then"
