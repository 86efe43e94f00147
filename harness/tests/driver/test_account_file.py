# SPDX-License-Identifier: Apache-2.0
"""A client that reads its factory account from a file, in TLV as in JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
import real_run
from bootcheck import tlv
from bootcheck.account import Credentials, ServerAccount
from bootcheck.account_file import AccountFiles
from bootcheck.layout import Layout

PROFILE = Layout.of_this_package().profiles / "reference-client.toml"
# Starts the program behind it with the account of the file: a reader of TLV (or JSON) of its own.
CLIENT = """\
#!/usr/bin/python3
import json, os, sys
def entries(data):
    while data:
        kind, wide, width, length = data[0] >> 6, data[0] & 32, data[0] >> 3 & 3, data[0] & 7
        at = 3 if wide else 2
        number = int.from_bytes(data[1:at], "big")
        if width:
            length = int.from_bytes(data[at:at + width], "big")
        at += width
        yield kind, number, data[at:at + length]
        data = data[at + length:]
form, path, program = sys.argv[1:4]
if form == "account_tlv":
    [(kind, number, instance)] = entries(open(path, "rb").read())
    assert (kind, number) == (0, 0)
    has = {number: value for kind, number, value in entries(instance)}
    assert has[1] == b"\\1" and has[2] == b"\\0" and has[4] == b""
    uri, identity, key = has[0].decode(), has[3].hex(), has[5].hex()
    timeout = str(int.from_bytes(has[12], "big")) if 12 in has else None
else:
    has = json.load(open(path))
    uri, identity, key = has["bs_uri"], has["bs_identity_hex"], has["bs_key_hex"]
    timeout = has.get("bs_timeout")
words = ["--bs-uri", uri, "--bs-identity-hex", identity, "--bs-key-hex", key]
if timeout:
    words += ["--bs-timeout", timeout]
os.execv(program, [*sys.argv[3:], *words])
"""
HANDLED = """\
[client]
name = "reads a file"
[supports]
editions = ["1.1"]
security = ["psk"]
account_timeout = true
[account]
timeout = "start"
[handle]
stimuli = ["trigger", "register_refused", "restart"]
keeps_state = true
[start]
command = [
    "{client}", "{form}", "{{{form}}}",
    "{{build}}/fixtures/reference-client/bootcheck-reference-client",
    "--endpoint", "{{endpoint}}", "--edition", "{{edition}}", "--state", "{{state_dir}}",
]
"""


def test_entries_are_as_in_the_examples_of_the_specification() -> None:
    """TS 1.0.2 6.4.3.2: resources of Device, and the head of an object instance."""
    device = {"0": "Open Mobile Alliance", "9": 100, "13": 1367491215, "14": "+02:00"}
    written = tlv.instances({0: device})
    assert written[:3] == bytes.fromhex("08 00 28")
    assert written[3:] == (
        bytes.fromhex("c8 00 14")
        + b"Open Mobile Alliance"
        + bytes.fromhex("c1 09 64")
        + bytes.fromhex("c4 0d 51 82 42 8f")
        + bytes.fromhex("c6 0e 2b 30 32 3a 30 30")
    )


def test_long_values_and_large_numbers() -> None:
    assert tlv.instances({300: {"1": True}}) == bytes.fromhex("23 01 2c c1 01 01")
    long = tlv.instances({0: {"5": {"hex": "ab" * 256}}})
    assert long[:8] == bytes.fromhex("10 00 01 04 d0 05 01 00")
    assert tlv.instances({0: {"1": 128}}) == bytes.fromhex("04 00 c2 01 00 80")


def test_the_account_of_an_lwm2m_server_stands_beside() -> None:
    files = AccountFiles()
    server = ServerAccount("coap://[::1]", Credentials(b"i", b"k"), 101, 60)
    try:
        path = files.write_server_tlv(server)
        expected = "08 00 0c c1 00 65 c1 01 3c c1 06 00 c1 07 55"
        assert path.read_bytes() == bytes.fromhex(expected)
        assert path.parent.stat().st_mode & 0o077 == 0, "others must not read it"
    finally:
        files.remove()
    assert not path.exists()


@pytest.mark.parametrize("form", ["account_tlv", "account_file"])
def test_a_client_is_purged_that_reads_its_account_from_a_file(tmp_path: Path, form: str) -> None:
    client = tmp_path / "client"
    client.write_text(CLIENT)
    client.chmod(0o755)
    profile = tmp_path / "p.toml"
    profile.write_text(HANDLED.format(client=client, form=form))
    ran = real_run.run(("--client", str(profile), *real_run.PURGE), tmp_path / "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
