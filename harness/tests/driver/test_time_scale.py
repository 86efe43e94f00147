# SPDX-License-Identifier: Apache-2.0
"""Time scaling: what is divided, what the client is told, and verdicts that stay what they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import real_run
from bootcheck import time_scale
from bootcheck.account import BootstrapServerAccount
from bootcheck.layout import Layout
from bootcheck.profile import Profile, Timings, load
from bootcheck.runlog import read
from bootcheck.verdict import Verdict

REFERENCE = Layout.of_this_package().profiles / "reference-client.toml"


def profile(directory: Path, limit: str) -> Profile:
    text = REFERENCE.read_text()
    assert "time_scale_max = 50\n" in text
    path = directory / "client.toml"
    path.write_text(text.replace("time_scale_max = 50\n", limit))
    return load(path)


def test_waits_of_the_client_are_divided_and_no_bound_is_too_short_for_the_machine() -> None:
    declared = Timings(start_s=30, reaction_s=900, hold_off_s=10, session_limit_s=93, retry_s=600)
    used = time_scale.scaled(declared, 20)
    assert (used.reaction_s, used.hold_off_s, used.session_limit_s) == (45, 0.5, 10)
    assert used.retry_s == 30
    assert (used.start_s, used.purge_grace_s, used.answer_s) == (30, 1.5, 100)
    assert time_scale.scaled(declared, 1) == declared


def test_timers_are_told_longer_so_that_they_take_as_long_as_without_scaling() -> None:
    account = BootstrapServerAccount("coap://h", "h", 5683, None, timeout=3, hold_off=2)
    told = account.changed(time_scale=20).resources()
    assert (told["12"], told["11"]) == (60, 40)
    assert account.resources()["12"] == 3
    assert account.changed(timeout=0, time_scale=20).resources()["12"] == 0


def test_clock_of_a_client_that_is_started_again_goes_on(tmp_path: Path) -> None:
    asked = "import time; print(time.time())"
    ahead = {}
    for run_s in (0.0, 10.0):
        environment = time_scale.environment(20, run_s)
        process = subprocess.Popen(
            ["/usr/bin/python3", "-c", asked], env=environment, stdout=subprocess.PIPE, text=True
        )
        ahead[run_s] = float(process.communicate(timeout=30)[0])
        time_scale.clean_up(process.pid)
        left = [name for name in os.listdir("/dev/shm") if name.endswith(f"_{process.pid}")]
        assert not left
    assert 150 < ahead[10.0] - ahead[0.0] < 250  # 10 s at 20 times, less what the first run took


@pytest.mark.parametrize(
    "limit, words",
    [("", "time_scale_max is not declared"), ("time_scale_max = 10\n", "allows 10 at most")],
)
def test_factor_beyond_the_profile_is_refused(tmp_path: Path, limit: str, words: str) -> None:
    client = profile(tmp_path, limit)
    done = real_run.run(["--client", str(client.path), "--time-scale", "20"], tmp_path / "out")
    assert done.returncode == 2
    assert words in done.stderr and "client.toml" in done.stderr


def test_factor_that_is_no_number_is_refused(tmp_path: Path) -> None:
    done = real_run.run(["--time-scale", "1.5"], tmp_path / "out")
    assert done.returncode == 2 and "--time-scale 1.5: must be a number from 1" in done.stderr


def test_purge_is_seen_and_the_report_says_what_was_scaled(tmp_path: Path) -> None:
    done = real_run.run([*real_run.PURGE, "--time-scale", "20"], tmp_path, real_run.unsanitized())
    assert done.returncode == 0, done.stdout + done.stderr
    record = read(tmp_path / "run.jsonl")
    assert record.header["time_scale"]["divided"]["reaction_s"] == [20, 10]
    assert "ran 20 times faster" in " ".join(done.stdout.split())
    assert 'property name="time_scale"' in (tmp_path / "junit.xml").read_text()
    told = "a timeout of 1 s is told as 20 s"
    assert any(told in fact for fact in record.variants[0].result.facts)


def test_account_that_is_not_purged_is_found_in_scaled_time(tmp_path: Path) -> None:
    defect = ["--client-argument=--defect", "--client-argument=never-purges"]
    done = real_run.run(
        [*real_run.PURGE, "--time-scale", "20", *defect], tmp_path, real_run.unsanitized()
    )
    assert done.returncode == 1, done.stdout + done.stderr
    checks = read(tmp_path / "run.jsonl").variants[0].result.checks
    assert [c.requirement for c in checks if c.verdict is Verdict.FAIL][-1] == "CLN-05"


def test_wait_of_minutes_is_over_in_seconds(tmp_path: Path) -> None:
    asked = (
        "import time; began = time.monotonic(); time.sleep(100); print(time.monotonic() - began)"
    )
    environment = time_scale.environment(100, 0)
    process = subprocess.Popen(
        [sys.executable, "-c", asked], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert float(process.communicate(timeout=30)[0]) >= 100
    time_scale.clean_up(process.pid)
