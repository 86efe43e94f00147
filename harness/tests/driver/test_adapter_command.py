# SPDX-License-Identifier: Apache-2.0
"""The command adapter: a purge from reset to reset, actions that fail, devices that do not come."""

from __future__ import annotations

from pathlib import Path

import pytest
import real_run
from bootcheck.runlog import RunRecord, read
from bootcheck.verdict import ErrorKind, Result, Verdict
from lab_profile import CUT, RESTARTED, Lab, lab

__all__ = ["lab"]
CONTROLS = 3  # each with a reset of its own
KEPT = ("-k", "account_without_timeout_is_kept", "--edition", "1.1", "--security", "nosec")


def run(profile: Path, directory: Path, *more: str) -> RunRecord:
    done = real_run.run(["--client", str(profile), *(more or real_run.PURGE)], directory)
    assert (directory / "run.jsonl").exists(), done.stderr
    return read(directory / "run.jsonl")


def only(record: RunRecord) -> Result:
    assert len(record.variants) == 1
    return record.variants[0].result


def test_whole_purge_scenario_and_the_reset_after_it(lab: Lab, tmp_path: Path) -> None:
    board = lab.board("board")
    record = run(lab.write("command"), tmp_path / "out")
    result = only(record)
    assert result.verdict is Verdict.PASS, (result.reason, result.details)
    assert "device board came back from its factory reset" in result.facts
    assert record.header["devices"] == ["board"]
    actions = (board.folder / "actions").read_text().split()
    assert actions[:2] == ["factory_reset", "start"]
    assert actions.count("factory_reset") == CONTROLS + 2
    lane = tmp_path / "out" / record.variants[0].lane
    assert "action-01-factory_reset.log" in {path.name for path in lane.iterdir()}


def test_account_that_is_not_purged_is_found(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    path = lab.write("command")
    defect = '"--defect", "never-purges", "--endpoint"'
    path.write_text(path.read_text().replace('"--endpoint"', defect))
    result = only(run(path, tmp_path / "out"))
    assert result.verdict is Verdict.FAIL
    assert "CLN-05" in {c.requirement for c in result.checks if c.verdict is Verdict.FAIL}


def test_purge_needs_a_way_back(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    path = lab.write("command", actions=RESTARTED)
    result = only(run(path, tmp_path / "out"))
    assert result.verdict is Verdict.NOT_APPLICABLE
    line = path.read_text().splitlines().index("[actions]") + 1
    assert f"board.toml:{line}: there is no factory_reset" in result.reason
    assert "--allow-destructive" in result.reason


def test_device_that_does_not_come_ends_its_own_lane_only(lab: Lab, tmp_path: Path) -> None:
    (lab.board("dying").folder / "dies-at-reset").write_text("1")
    lab.board("well")
    path = lab.write("command", devices=('name = "dying"', 'name = "well"'))
    record = run(path, tmp_path / "out", *KEPT[:-2])
    verdicts = [variant.result.verdict for variant in record.variants]
    # a control missed it first; a scenario may be the second, and says so
    assert len(verdicts) == 2 and Verdict.PASS in verdicts, verdicts
    for variant in record.variants:
        if variant.result.verdict is not Verdict.PASS:
            assert "device dying is used no more" in variant.result.reason


def test_purged_device_that_does_not_come_back_is_an_error(lab: Lab, tmp_path: Path) -> None:
    (lab.board("board").folder / "dies-at-reset").write_text(str(CONTROLS + 2))
    result = only(run(lab.write("command"), tmp_path / "out"))
    assert result.verdict is Verdict.ERROR and result.error_kind is ErrorKind.ENVIRONMENT
    assert "device board is used no more: it did not come back after" in result.reason
    # what was found stays
    assert any(c.requirement == "CLN-05" and c.verdict is Verdict.PASS for c in result.checks)


def test_action_that_fails_is_named_with_its_code_and_output(lab: Lab, tmp_path: Path) -> None:
    (lab.board("board").folder / "fail-stop").write_text("no power at outlet 4")
    result = only(run(lab.write("command"), tmp_path / "out", *KEPT))
    assert result.verdict is Verdict.ERROR and result.error_kind is ErrorKind.ENVIRONMENT
    for words in ("action stop of device board", "exit code 3", "no power at outlet 4"):
        assert words in result.reason


def test_action_that_does_not_end_is_ended(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    slow = 'limit_s = 1\nfactory_reset = ["sleep", "60"]\n'
    path = lab.write("command", actions=RESTARTED + CUT, more=slow)
    record = run(path, tmp_path / "out", *KEPT)
    assert only(record).verdict is Verdict.ERROR
    assert "action factory_reset" in only(record).reason
    assert "did not end within 1 s" in only(record).reason


def test_program_that_is_not_there_is_named_with_its_line(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    path = lab.write("command", actions=RESTARTED, more='factory_reset = ["/no/such/program"]\n')
    reason = only(run(path, tmp_path / "out", *KEPT)).reason
    line = path.read_text().splitlines().index('factory_reset = ["/no/such/program"]') + 1
    assert f"board.toml:{line}" in reason and "/no/such/program" in reason


@pytest.mark.parametrize(
    "handle, actions, words",
    [
        ("survives_power_cut = true\n", RESTARTED, "handle.survives_power_cut needs an adapter"),
        ("keeps_state = true\n", CUT, "handle.keeps_state needs an adapter that can restart"),
    ],
)
def test_what_no_action_can_do_is_refused(
    lab: Lab, tmp_path: Path, handle: str, actions: tuple[str, ...], words: str
) -> None:
    path = lab.write("command", actions=actions, handle=handle)
    done = real_run.run(["--client", str(path)], tmp_path / "out")
    assert done.returncode == 2 and words in done.stderr and "board.toml:" in done.stderr


def test_key_that_an_action_prints_is_removed(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    shown = 'factory_reset = ["sh", "-c", "echo key $0; exit 1", "{bs_key_hex}"]\n'
    path = lab.write("command", actions=RESTARTED, more=shown)
    record = run(path, tmp_path / "out", *KEPT[:-1], "psk")
    assert "it printed key [key]" in only(record).reason
    logs = list((tmp_path / "out").glob("lanes/*/action-*-factory_reset.log"))
    assert logs and all(log.read_text() == "key [key]\n" for log in logs)
