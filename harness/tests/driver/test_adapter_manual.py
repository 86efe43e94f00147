# SPDX-License-Identifier: Apache-2.0
"""The manual adapter: a person at a terminal brings a device through a purge."""

from __future__ import annotations

from pathlib import Path

import real_run
from bootcheck.runlog import read
from bootcheck.verdict import ErrorKind, Verdict
from lab_profile import Lab, lab
from person import NAME, Person

__all__ = ["lab"]


def test_whole_purge_scenario(lab: Lab, tmp_path: Path) -> None:
    person = Person(lab.board("board"))
    code = person.run(["--client", str(lab.manual()), *real_run.PURGE], tmp_path / "out")
    variant = read(tmp_path / "out" / "run.jsonl").variants[0]
    assert code == 0 and variant.result.verdict is Verdict.PASS, variant.result
    assert "device board came back from its factory reset" in variant.result.facts
    notes = (tmp_path / "out" / variant.lane / "driver.jsonl").read_text()
    for action in ("factory_reset", "start", "stop", "start_again"):
        assert f"{NAME} confirmed, 20" in notes and f"action {action} of device board" in notes
    key = person.shown.partition(b"its PSK key in hexadecimal")[2].split()[0]
    assert len(key) == 32, "the person is shown the key"
    lanes = tmp_path / "out" / "lanes"
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.name != "capture.pcapng":
            assert key not in path.read_bytes(), f"{path.relative_to(lanes)} holds the key"


def test_person_who_cannot_do_it_is_an_error_with_what_was_said(lab: Lab, tmp_path: Path) -> None:
    person = Person(lab.board("board"))
    person.answer = lambda action: "the button is missing" if action == "factory_reset" else ""
    arguments = ["--client", str(lab.manual()), *real_run.PURGE]
    assert person.run(arguments, tmp_path / "out") == 4
    result = read(tmp_path / "out" / "run.jsonl").variants[0].result
    assert result.error_kind is ErrorKind.ENVIRONMENT
    assert f"factory_reset of device board: {NAME}: the button is missing" in result.reason


def test_person_who_interrupts_is_asked_no_more(lab: Lab, tmp_path: Path) -> None:
    person = Person(lab.board("board"))
    person.answer = lambda action: "\x03"  # Ctrl-C
    arguments = ["--client", str(lab.manual()), *real_run.PURGE]
    assert person.run(arguments, tmp_path / "out") == 4
    assert person.shown.count(b"Press Enter") == 1, person.shown.decode()
    result = read(tmp_path / "out" / "run.jsonl").variants[0].result
    assert result.verdict is Verdict.NOT_RUN and "SIGINT" in result.reason


def test_without_a_terminal_it_is_refused(lab: Lab, tmp_path: Path) -> None:
    lab.board("board")
    done = real_run.run(["--client", str(lab.manual())], tmp_path / "out")
    assert done.returncode == 2
    assert "there is no terminal" in done.stderr and "board.toml:" in done.stderr


def test_a_person_has_one_device(lab: Lab, tmp_path: Path) -> None:
    path = lab.manual()
    path.write_text(path.read_text() + '[[device]]\nname = "second"\n')
    done = real_run.run(["--client", str(path)], tmp_path / "out")
    assert done.returncode == 2 and "a person handles one device at a time" in done.stderr


def test_device_that_no_person_can_reset_is_not_stranded(lab: Lab, tmp_path: Path) -> None:
    person = Person(lab.board("board"))
    path = lab.manual(more='[manual]\nfactory_reset = ""\n')
    person.run(["--client", str(path), *real_run.PURGE], tmp_path / "out")
    result = read(tmp_path / "out" / "run.jsonl").variants[0].result
    assert result.verdict is Verdict.NOT_APPLICABLE and "no factory_reset" in result.reason
