# SPDX-License-Identifier: Apache-2.0
"""No key of an account is in any artefact but the captures, also of a client that prints it."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
import real_run
from bootcheck.layout import Layout
from bootcheck.redaction import redacted

PROFILE = Layout.of_this_package().profiles / "reference-client.toml"
# Keeps each key where the test finds it, and prints it in every form that it knows.
CLIENT = """\
#!/usr/bin/python3
import base64, json, os, sys
how = sys.argv.pop(1)
key = os.environ.get("BOOTCHECK_TEST_KEY", "")
if how == "file":
    key = json.load(open(os.environ["BOOTCHECK_TEST_FILE"]))["bs_key_hex"]
sys.argv = [key if word == "elsewhere" else word for word in sys.argv]
keys = [w for before, w in zip(sys.argv, sys.argv[1:]) if before.endswith("-key-hex")]
with open(os.environ["BOOTCHECK_TEST_KEYS"], "a") as file:
    file.writelines(key + "\\n" for key in keys)
for key in keys:
    raw = bytes.fromhex(key)
    spaced = " ".join(f"{byte:02x}" for byte in raw)
    for form in (key, key.upper(), base64.b64encode(raw).decode(), str(list(raw)), spaced,
                 spaced.upper(), spaced.replace(" ", ":"), repr(raw)):
        print("my key is", form, flush=True)
    sys.stdout.buffer.write(b"raw " + raw + b"\\n")
    sys.stdout.buffer.flush()
os.execv(sys.argv[1], sys.argv[1:])
"""


def forms(key: bytes) -> dict[str, bytes]:
    """How a key may be written; hexadecimal is searched in lower case."""
    spaced = " ".join(f"{byte:02x}" for byte in key)
    return {
        "raw": key,
        "hexadecimal": key.hex().encode(),
        "spaced hexadecimal": spaced.encode(),
        "hexadecimal with colons": spaced.replace(" ", ":").encode(),
        "base64": base64.b64encode(key).rstrip(b"="),
        "base64 for URLs": base64.urlsafe_b64encode(key).rstrip(b"="),
        "a list": str(list(key))[1:-1].encode(),
        "Python": repr(key)[2:-1].encode(),
    }


@pytest.mark.parametrize("key", [bytes(range(16)), b"a\\key'\"\xff\xfe\xfd?>\n\r\t12", b"k" * 32])
def test_a_key_is_taken_out_in_every_form(key: bytes) -> None:
    for name, form in forms(key).items():
        for text in (form, form.upper() if "hexadecimal" in name else form):
            assert redacted(b"it is " + text + b".", [key]).startswith(b"it is [key]"), name
    for offset in range(3):
        text = base64.b64encode(b"x" * offset + key + b"tail")
        assert b"[key]" in redacted(text, [key])
    assert redacted(b"another text, 1, 2, 3", [key]) == b"another text, 1, 2, 3"


@pytest.mark.parametrize("how", ["words", "environment", "file"])
def test_keys_are_in_captures_only(tmp_path: Path, how: str) -> None:
    client = tmp_path / "client"
    client.write_text(CLIENT)
    client.chmod(0o755)
    profile = tmp_path / "p.toml"
    text = PROFILE.read_text().replace("command = [", f'command = ["{client}", "{how}",', 1)
    if how != "words":
        text = text.replace('"--bs-key-hex", "{bs_key_hex}"', '"--bs-key-hex", "elsewhere"')
    if how == "environment":
        text += '[start.environment]\nBOOTCHECK_TEST_KEY = "{bs_key_hex}"\n'
    if how == "file":
        text += '[start.environment]\nBOOTCHECK_TEST_FILE = "{account_file}"\n'
    assert str(client) in text
    profile.write_text(text)
    out, keys_file = tmp_path / "out", tmp_path / "keys"
    os.environ["BOOTCHECK_TEST_KEYS"] = str(keys_file)
    try:
        ran = real_run.run(("--client", str(profile), *real_run.PURGE), out)
    finally:
        del os.environ["BOOTCHECK_TEST_KEYS"]
    assert ran.returncode == 0, ran.stdout + ran.stderr
    keys = [bytes.fromhex(line) for line in set(keys_file.read_text().split())]
    assert len(keys) >= 4, "the scenario and three controls have a key each"
    logs = list(out.rglob("client.log"))
    assert logs and all(b"my key is [key]" in log.read_bytes() for log in logs)
    (out / "console.txt").write_text(ran.stdout + ran.stderr)
    found = [
        f"{file.relative_to(out)}: {name}"
        for file in out.rglob("*")
        if file.is_file() and file.suffix != ".pcapng"
        for key in keys
        for name, form in forms(key).items()
        if form in file.read_bytes() or form in file.read_bytes().lower()
    ]
    assert not found, sorted(set(found))
    captures = list(out.rglob("*.pcapng"))
    assert captures, "what is searched is the whole of a run"
