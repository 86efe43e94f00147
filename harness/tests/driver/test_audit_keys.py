# SPDX-License-Identifier: Apache-2.0
"""`audit-keys` finds how keys of low entropy came about, and is not alarmed by others.

By default few keys are searched quickly, and the searches that this leaves out are tested once, in
`test_a_key_is_named_by_its_fingerprint_and_never_shown`, and in harness/tests/keys.
BOOTCHECK_AUDIT_KEYS=1000 makes so many keys of each class, a hundred times as many random ones, and
makes all searches (an hour).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from math import sqrt
from pathlib import Path
from typing import Any, Iterator

import pytest
from bootcheck.audit.outcome import FILE_NAME
from lxml import etree
from low_keys import FAST, FULL, Fleet, Made, write
from project import DRIVER

COUNT = int(os.environ.get("BOOTCHECK_AUDIT_KEYS") or 0)
REACH = FULL if COUNT else FAST
QUICK = ["--quick", "--budget=1"]
BUDGET = ["--budget=20"] if COUNT else QUICK
WAIT_S = 7200.0 if COUNT else 300.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(DRIVER)}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bootcheck", "audit-keys", *arguments]


def audit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run to its end; results in folder/out."""
    return subprocess.run(
        command("--output", str(folder / "out"), *arguments),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )


def records(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    with open(folder / "out" / FILE_NAME) as lines:
        for line in lines:
            record = json.loads(line)
            if record["record"] == kind:
                yield record


def is_quick(by: str) -> bool:
    """Whether --quick searches this."""
    return not by.startswith(("hmac", "pbkdf2")) and "+" not in by


def fleet() -> Fleet:
    return Fleet(COUNT or 28, REACH)


@pytest.mark.parametrize("kind", ["pins", "passwords", "of_devices", "globals"])
def test_low_keys_are_found_with_their_derivation(tmp_path: Path, kind: str) -> None:
    made = write(tmp_path / "keys.csv", getattr(fleet(), kind)())
    budget = ["--budget=120"] if COUNT and kind == "pins" else BUDGET  # all of 8 digits
    done = audit(tmp_path, "--keys", str(tmp_path / "keys.csv"), *budget)
    assert done.returncode == 1, done.stderr
    found = {
        key["device"]: {item["id"] for item in key["evidence"] if item["weight"] == "low"}
        for key in records(tmp_path, "key")
    }
    assert set(found) == set(made)
    wanted = {device: by for device, by in made.items() if COUNT or is_quick(by)}
    assert len(wanted) > len(made) / 4
    missed = Counter(by for device, by in wanted.items() if by not in found[device])
    assert not missed
    print(f"{kind}: {len(wanted)} of {len(made)} keys found: {dict(Counter(wanted.values()))}")


def test_derivations_that_it_does_not_know_are_no_evidence(tmp_path: Path) -> None:
    write(tmp_path / "keys.csv", fleet().held_out())
    done = audit(tmp_path, "--keys", str(tmp_path / "keys.csv"), *BUDGET)
    assert done.returncode == 0, done.stdout
    assert {key["verdict"] for key in records(tmp_path, "key")} == {"no evidence of low"}
    assert '"no evidence of low" does not say high' in done.stdout
    assert "not searched:" in done.stdout


def test_random_keys_are_no_alarm_and_hints_come_at_their_rate(tmp_path: Path) -> None:
    count = 100 * (COUNT or 20)
    write(tmp_path / "keys.csv", Fleet(count, REACH).random())
    done = audit(tmp_path, "--keys", str(tmp_path / "keys.csv"), *BUDGET)
    assert done.returncode == 0, done.stdout
    (hints,) = records(tmp_path, "hints")
    assert hints["keys"] == count
    for name, counts in hints["of"].items():
        assert 0 < counts["expected"] < count / 1000, name
        assert abs(counts["seen"] - counts["expected"]) < 5 * sqrt(counts["expected"]) + 3, name


def test_a_key_is_named_by_its_fingerprint_and_never_shown(tmp_path: Path) -> None:
    made: list[Made] = list(Fleet(14, FAST).pins())
    write(tmp_path / "keys.csv", iter(made))
    done = audit(tmp_path, "--keys", str(tmp_path / "keys.csv"), "--budget=1")
    texts = [done.stdout, done.stderr]
    texts += [path.read_text() for path in (tmp_path / "out").iterdir()]
    found = {key["device"]: [e["id"] for e in key["evidence"]] for key in records(tmp_path, "key")}
    assert all(device.by in found[device.endpoint] for device in made)
    for text in texts:
        for device in made:
            assert device.key.hex() not in text.lower()
            if device.key.isascii():
                assert device.key.decode() not in text
    document = etree.parse(str(tmp_path / "out" / "junit.xml"))
    schema = Path(__file__).parents[1] / "schemas" / "junit.xsd"
    etree.XMLSchema(etree.parse(str(schema))).assertValid(document)
    suite = document.getroot()[0]
    assert suite.get("tests") == suite.get("failures") == "14"


def small(folder: Path, text: str | bytes) -> str:
    path = folder / "keys.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


KEY = "b7c5d1e09a4f36287d51c3aef0692b84"
GOOD = f"good,{'00' * 16},ep-good,SN1\n"


@pytest.mark.parametrize(
    "line, told",
    [
        ("bad,8f14e4,ep,SN,more\n", "keys.csv:2: has 5 columns, the first line 4"),
        ("bad,8f14e4zz,ep,SN\n", "keys.csv:2: key: character 7 is no hexadecimal digit"),
        ("bad,8f14e,ep,SN\n", "keys.csv:2: key has 5 hexadecimal digits: a byte has two"),
        ("bad,,ep,SN\n", "keys.csv:2: key is empty"),
        (f"bad,{'ab' * 129},ep,SN\n", "keys.csv:2: key has 129 bytes: at most 128 are taken"),
        (f",{KEY},ep,SN\n", "keys.csv:2: identity is empty"),
        (f"bad,{KEY},ep-good,SN2\n", "keys.csv:3: the device is in line 2 already"),
        (f"bad,{KEY},{'e' * 300},SN2\n", "keys.csv:2: a key of 1 to 128 bytes and values of at"),
        (f'bad,"{KEY}"x,ep,SN\n', "keys.csv:2: "),
        (b"b\xffd,00,ep,SN\n", "keys.csv:2: is not UTF-8 (byte 2)"),
        (b"b\0d,00,ep,SN\n", "keys.csv:2: has a NUL byte"),
        (b"x" * 100000 + b"\n", "keys.csv:2: is longer than 65536 bytes"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_audited(
    tmp_path: Path, line: str | bytes, told: str
) -> None:
    given = line.encode() if isinstance(line, str) else line
    path = small(tmp_path, b"identity,key,endpoint,serial\n" + given + GOOD.encode())
    done = audit(tmp_path, "--keys", path, "--quick", "--budget=1")
    assert done.returncode == 2
    assert told in done.stderr
    assert "ep-good" in [key["device"] for key in records(tmp_path, "key")]


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "keys.csv:1: the first line must name the columns identity, key"),
        ("identity,endpoint\na,b\n", "keys.csv:1: the first line must name the columns"),
        ("identity;key\na;00\n", "(columns are separated by commas)"),
        ("identity,key,key\n", "keys.csv:1: column key is there twice: drop one"),
    ],
)
def test_a_file_without_the_columns_is_refused(tmp_path: Path, text: str, told: str) -> None:
    done = audit(tmp_path, "--keys", small(tmp_path, text))
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()  # no results


def test_wrong_lists_and_options_are_refused(tmp_path: Path) -> None:
    path = small(tmp_path, f"identity,key\na,{KEY}\n")
    (tmp_path / "known").write_text("hex:00 a demo\nnonsense\n")
    cases = (
        (["--known", str(tmp_path / "known")], "known:2: must be hex:DIGITS or text:WORD"),
        (["--words", "/no/such"], "/no/such: cannot be read: No such file"),
        (["--budget", "0"], "must be a number from 1"),
    )
    for number, (arguments, told) in enumerate(cases):
        done = subprocess.run(
            command("--keys", path, "--output", str(tmp_path / str(number)), *arguments),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        assert done.returncode == 2, done.stderr
        assert told in done.stderr


def test_own_words_and_known_keys_are_searched(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("xyzzyplugh\n")
    (tmp_path / "known").write_text(f"hex:{KEY} our own demo\n")
    word = "58797a7a79706c7567682100000000"  # Xyzzyplugh! and zeros
    path = small(tmp_path, f"identity,key\na,{word}\nb,{KEY}\n")
    lists = ["--words", str(tmp_path / "words"), "--known", str(tmp_path / "known")]
    done = audit(tmp_path, "--keys", path, "--quick", "--budget=1", *lists)
    assert done.returncode == 1, done.stderr
    found = {key["device"]: key["evidence"] for key in records(tmp_path, "key")}
    assert "plain(word)" in [item["id"] for item in found["a"]]
    assert "our own demo" in found["b"][0]["text"]


def test_what_was_found_before_an_interruption_is_kept(tmp_path: Path) -> None:
    low = "03ac674216f3e15c761ee1a5e255f067"  # SHA-256 of a PIN of four digits
    path = small(tmp_path, f"identity,key\na,{low}\nb,{KEY}\n")
    process = subprocess.Popen(
        command("--keys", path, "--output", str(tmp_path / "out"), "--budget=100000", "--quick"),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = tmp_path / "out" / FILE_NAME
    until = time.monotonic() + 120
    while not (log.exists() and '"sha256(pin)"' in log.read_text()):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "interrupted by SIGINT" in errors
    verdicts = {key["device"]: key["verdict"] for key in records(tmp_path, "key")}
    assert verdicts == {"a": "low", "b": "no evidence of low"}
    assert "the searches were interrupted" in out
    assert any(search["left"] for search in records(tmp_path, "search"))
