# SPDX-License-Identifier: Apache-2.0
"""An LwM2M Server that fails is a stimulus, and is back for what comes after it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bootcheck.layout import Layout
from bootcheck.runlog import FILE_NAME, read
from bootcheck.verdict import Verdict

LAYOUT = Layout.of_this_package()
SCENARIO = "account_without_timeout_is_kept"


@pytest.mark.parametrize(
    "stimulus, security, sign",
    [
        ("server_gone", "nosec", "closed: lwm2m server"),
        ("server_gone", "psk", "closed: lwm2m server"),
        ("handshake_refused", "psk", "alert fatal handshake_failure"),
    ],
)
def test_failing_server_brings_the_client_to_its_bootstrap_server(
    tmp_path: Path, stimulus: str, security: str, sign: str
) -> None:
    text = (LAYOUT.profiles / "reference-client.toml").read_text(encoding="utf-8")
    profile = tmp_path / "client.toml"
    profile.write_text(re.sub(r"(?m)^stimuli = .*", f'stimuli = ["{stimulus}"]', text))
    command = [sys.executable, "-m", "bootcheck", "--client", str(profile), "-k", SCENARIO]
    command += ["--edition", "1.1", "--security", security, "--output", str(tmp_path / "out")]
    ended = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=120)
    record = read(tmp_path / "out" / FILE_NAME)
    assert [v.result.verdict for v in record.variants] == [Verdict.PASS], ended.stdout
    variant = record.variants[0]
    (usable,) = [c for c in variant.result.checks if c.name.startswith("usable-")]
    assert usable.name == f"usable-{stimulus}"
    # the session after it ends with a registration at the server, which is back
    assert [c.name for c in variant.result.checks].count("registered-after-finish#2") == 1
    assert sign in (record.directory / variant.lane / "trace.txt").read_text(encoding="utf-8")
