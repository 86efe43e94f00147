# SPDX-License-Identifier: Apache-2.0
"""run.jsonl gives back what was written, also when the run was killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from bootcheck.runlog import RunLog, RunLogError, VariantRecord, read
from bootcheck.verdict import Check, Choice, ErrorKind, Result, Verdict


def variant(name: str) -> VariantRecord:
    return VariantRecord(
        f"f.py::{name}[1.1-psk-tlv]", "f.py", name, ["CLN-05"], "1.1", "psk", "tlv"
    )


def written(path: Path, end: bool) -> list[VariantRecord]:
    """A run of three variants: finished, started, waiting."""
    variants = [variant("done"), variant("begun"), variant("waiting")]
    log = RunLog(path)
    log.run({"bootcheck": "x", "seed": 7}, variants)
    variants[0].lane = "lanes/done"
    log.started(variants[0], 10)
    log.started(variants[1], 11)
    variants[0].duration = 1.25
    variants[0].result = Result(
        Verdict.FAIL,
        "because \udcff \x00",
        [
            Check(
                "gone",
                "CLN-05",
                Verdict.FAIL,
                "the account is gone",
                "silence",
                "a request",
                ["+1 s ClientHello"],
                {"seconds": 6.0, "origin": "twice the control", "from_us": 1, "until_us": 2},
            )
        ],
        ["a fact"],
        ErrorKind.STALL,
        "two\nlines",
        [Choice("after a bootstrap with T = 0", "low-entropy key", "the account is used")],
    )
    log.finished(variants[0], 12)
    if end:
        log.end({"exit_code": 1, "duration": 2.0})
    log.close()
    return variants


def test_everything_written_is_read_back(tmp_path: Path) -> None:
    variants = written(tmp_path / "run.jsonl", end=True)
    record = read(tmp_path / "run.jsonl")
    assert record.variants[0].result == variants[0].result
    assert record.variants[0].duration == 1.25
    assert record.variants[0].lane == "lanes/done"
    assert record.header["seed"] == 7
    assert record.end == {"exit_code": 1, "duration": 2.0}


def test_unfinished_variants_of_a_killed_run_are_not_run(tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", end=False)
    done, begun, waiting = read(tmp_path / "run.jsonl").variants
    assert done.result.verdict is Verdict.FAIL
    assert begun.result == Result(Verdict.NOT_RUN, "the run was killed while this variant ran")
    assert waiting.result == Result(
        Verdict.NOT_RUN, "the run was killed before this variant started"
    )


def test_a_file_cut_at_any_byte_after_its_first_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    written(path, end=True)
    whole = path.read_bytes()
    for length in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:length])
        assert len(read(path).variants) == 3


def test_a_file_cut_in_its_first_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    written(path, end=True)
    for length in (0, 1, 40):
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(RunLogError, match="first line"):
            read(path)


@pytest.mark.parametrize("line", ["{}", "7", "no json", '{"record": "finished", "id": "unknown"}'])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "run.jsonl"
    written(path, end=True)
    lines = path.read_text().splitlines()
    lines[2] = line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(RunLogError, match="run.jsonl:3"):
        read(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"record": "run", "format": 99, "variants": []}\n')
    with pytest.raises(RunLogError, match="99"):
        read(path)


def test_members_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    written(path, end=True)
    path.write_text(path.read_text().replace('"name": "gone"', '"name": "gone", "later": 1'))
    assert read(path).variants[0].result.checks[0].name == "gone"
