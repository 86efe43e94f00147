# SPDX-License-Identifier: Apache-2.0
"""A factory key that a client cannot be told: what is declared of it against what is found."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import real_run
from bootcheck.audit.factory_keys import of_profile
from bootcheck.audit.outcome import Key
from bootcheck.declared import FactoryAudit, corrected
from bootcheck.layout import Layout
from bootcheck.profile import Profile, ProfileError, load
from bootcheck.runlog import FILE_NAME, VariantRecord, read
from bootcheck.verdict import Verdict

LAYOUT = Layout.of_this_package()
REFERENCE = (LAYOUT.profiles / "reference-client.toml").read_text()
LOW = hashlib.sha256(b"123456").hexdigest()[:32]
HIGH = "b7c5d1e09a4f36287d51c3aef0692b84"[::-1]
BRANCHES = "factory_key or high_entropy_account_is_kept or without_timeout_is_purged_at_once"


def profile_text(key: str, entropy: str = "high") -> str:
    """The reference client as a device that has its key already."""
    text = REFERENCE.replace('"{bs_identity_hex}"', '"6d65"').replace('"{bs_key_hex}"', f'"{key}"')
    fixed = f'entropy = "{entropy}"\nidentity = "me"\nkey = "{key}"\nserial = "SN1"'
    return text.replace('entropy = "told"', fixed)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "device.toml"
    path.write_text(text)
    return path


def results(tmp_path: Path, text: str, code: int) -> tuple[str, dict[str, VariantRecord]]:
    path = written(tmp_path, text)
    done = real_run.run(
        ["--client", str(path), "-k", BRANCHES, "--security", "psk"], tmp_path / "out"
    )
    assert done.returncode == code, done.stdout + done.stderr
    record = read(tmp_path / "out" / FILE_NAME)
    return done.stdout, {variant.label: variant for variant in record.variants}


def test_a_low_key_that_is_declared_high_is_judged_as_low(tmp_path: Path) -> None:
    shown, found = results(tmp_path, profile_text(LOW), 1)
    key = found["factory_key_shows_no_low_entropy[1.1-psk-tlv]"].result
    assert [(check.requirement, check.verdict) for check in key.checks] == [
        ("CLN-17", Verdict.WARN),
        ("CLN-16", Verdict.FAIL),
    ]
    assert "SHA-256 of a PIN of 6 digits, first 16 bytes" in key.checks[0].observed
    in_cr = found["factory_key_shows_no_low_entropy[CR-psk-tlv]"].result
    assert [check.requirement for check in in_cr.checks] == ["CLN-17"]
    kept = found["high_entropy_account_is_kept[CR-psk-tlv-random16]"].result
    assert kept.verdict is Verdict.NOT_APPLICABLE and "declared high" in kept.reason
    purged = "low_entropy_account_without_timeout_is_purged_at_once"
    assert found[f"{purged}[CR-psk-tlv-pin]"].result.verdict is Verdict.PASS
    assert found[f"{purged}[CR-psk-tlv-global]"].result.verdict is Verdict.NOT_APPLICABLE
    assert "not the branch keep applies, but replace" in shown
    assert hashlib.sha256(bytes.fromhex(LOW)).hexdigest()[:8] in shown
    assert LOW not in shown and LOW not in (tmp_path / "out" / FILE_NAME).read_text()


def test_a_key_that_shows_nothing_is_not_judged(tmp_path: Path) -> None:
    shown, found = results(tmp_path, profile_text(HIGH), 0)
    key = found["factory_key_shows_no_low_entropy[1.1-psk-tlv]"].result
    assert key.verdict is Verdict.NOT_APPLICABLE and "no evidence of low" in key.reason
    kept = found["high_entropy_account_is_kept[CR-psk-tlv-random16]"].result
    assert kept.verdict is Verdict.PASS
    assert "the factory key is the client's own (device.toml:" in kept.facts[0]


def audit_of(*verdicts: str) -> FactoryAudit:
    evidence = (("sha256(pin)", "low", "SHA-256 of a PIN"),)
    keys = {
        str(at): Key(at, "d", "00112233", verdict, evidence if verdict == "low" else ())
        for at, verdict in enumerate(verdicts)
    }
    return FactoryAudit(keys)


def loaded(tmp_path: Path, text: str) -> Profile:
    return load(written(tmp_path, text))


def test_only_a_declaration_of_high_is_corrected(tmp_path: Path) -> None:
    high = loaded(tmp_path, profile_text(HIGH))
    assert corrected(high, audit_of("no evidence of low")) is high
    assert corrected(high, audit_of("low", "low")).entropy == "low"
    low = loaded(tmp_path, profile_text(HIGH, "low"))
    assert corrected(low, audit_of("low")) is low


def test_devices_of_which_only_some_are_low_are_run_apart(tmp_path: Path) -> None:
    high = loaded(tmp_path, profile_text(HIGH))
    with pytest.raises(ProfileError, match="give those a profile of their own"):
        corrected(high, audit_of("low", "no evidence of low"))


def test_devices_are_audited_by_their_names(tmp_path: Path) -> None:
    text = profile_text(HIGH) + f'[[device]]\nname = "a"\nidentity = "i"\nkey = "{LOW}"\n'
    (device,) = of_profile(loaded(tmp_path, text))
    assert device == {"line": 1, "key": LOW, "identity": "i", "endpoint": "a"}


def test_a_profile_without_a_factory_key_has_nothing_to_audit(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no factory key is in this profile"):
        of_profile(loaded(tmp_path, REFERENCE))


@pytest.mark.parametrize(
    "old, new, told",
    [
        (f'key = "{HIGH}"', 'key = "0g"', "key must be 1 to 128 bytes in hexadecimal"),
        ('identity = "me"\n', "", "identity is missing in account: both are needed"),
        (f'key = "{HIGH}"\n', "", "key is missing in account: both are needed"),
        ('entropy = "high"', 'entropy = "told"', 'entropy = "told" contradicts the factory key'),
        ('"6d65"', '"{bs_key_hex}"', "tells the client a key"),
        (f'key = "{HIGH}"', 'key = "{nothing}"', "unknown placeholder {nothing}"),
    ],
)
def test_a_factory_key_that_cannot_be_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = profile_text(HIGH)
    assert old in text
    with pytest.raises(ProfileError) as problem:
        loaded(tmp_path, text.replace(old, new, 1))
    assert told in str(problem.value)


def test_a_factory_key_may_be_in_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = profile_text(HIGH).replace(f'key = "{HIGH}"', 'key = "{env.DEVICE_KEY}"')
    profile = loaded(tmp_path, text)
    assert profile.factory is not None
    with pytest.raises(ProfileError, match="DEVICE_KEY"):
        profile.factory.key_bytes()
    monkeypatch.setenv("DEVICE_KEY", HIGH)
    assert profile.factory.key_bytes().hex() == HIGH
