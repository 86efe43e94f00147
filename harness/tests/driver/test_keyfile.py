# SPDX-License-Identifier: Apache-2.0
"""CSV files of keys: what is read, and which line is said to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from bootcheck.audit.keyfile import Device, KeyFile, KeyFileError

KEY = "00112233445566778899aabbccddeeff"


def read(tmp_path: Path, data: bytes) -> tuple[list[Device], list[tuple[int, str]]]:
    path = tmp_path / "keys.csv"
    path.write_bytes(data)
    complaints: list[tuple[int, str]] = []
    file = KeyFile(path, lambda line, text: complaints.append((line, text)))
    try:
        return list(file.devices()), complaints
    finally:
        file.close()


def test_columns_may_be_in_any_order_and_values_may_be_missing(tmp_path: Path) -> None:
    text = f"serial,Key,note,identity\r\nSN1,{KEY.upper()},x,a\r\n,{KEY},y,b\r\n"
    devices, complaints = read(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert devices == [
        {"line": 2, "identity": "a", "key": KEY.upper(), "serial": "SN1"},
        {"line": 3, "identity": "b", "key": KEY},
    ]
    assert complaints == []


def test_what_is_not_used_and_what_is_absent_is_known(tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    path.write_text("identity,key,colour,mac\n")
    file = KeyFile(path, lambda line, text: None)
    assert file.unused == ["colour"]
    assert file.absent == ["endpoint", "serial", "imei"]
    assert list(file.devices()) == []
    file.close()


def test_lines_are_counted_over_quoted_and_empty_ones(tmp_path: Path) -> None:
    text = f'identity,key\n"a\nb",{KEY}\n\nc,zz\nd,{KEY}\n'
    devices, complaints = read(tmp_path, text.encode())
    assert [device["line"] for device in devices] == [3, 6]  # the line in which it ends
    assert complaints == [(5, "key: character 1 is no hexadecimal digit")]


def test_a_line_without_end_fills_no_memory(tmp_path: Path) -> None:
    devices, complaints = read(tmp_path, b"identity,key\n" + b"a" * 3_000_000)
    assert devices == []
    assert complaints == [(2, "is longer than 65536 bytes")]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="nothing.csv: cannot be read: No such file"):
        KeyFile(tmp_path / "nothing.csv", lambda line, text: None)
