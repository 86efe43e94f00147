# SPDX-License-Identifier: Apache-2.0
"""What the audit of the factory key means for the rules about keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.ending import NotApplicable

if TYPE_CHECKING:
    from bootcheck.bench import Bench


def expect_no_low_entropy(bench: "Bench") -> None:
    """Two checks where the key is low. Where nothing shows, nothing can be judged by it."""
    audit = bench.lane.settings.factory_audit
    held = bench.lane.held
    name = held.device.name if held is not None else ""
    key = audit.keys.get(name) or audit.keys.get("") if audit is not None else None
    if key is None:
        raise NotApplicable("the run makes the factory key: none is in the profile")
    assert audit is not None
    if not key.is_low:
        raise NotApplicable(
            f"key {key.fingerprint}: {key.verdict}, which does not show that it is high "
            "(by the searches of --quick; audit-keys goes further)"
        )
    observed = f"key {key.fingerprint}: {key.reasons[0]}"
    declared = bench.profile.found_low
    if declared:
        bench.fact(f"{declared}: the branches replace and timeout purge apply, and not keep")
    bench.check(
        "factory-key",
        bench.row("CLN-17"),
        False,
        "the factory key is of high entropy, unique and at least 16 bytes long",
        expected="no evidence of low entropy",
        observed=observed,
        evidence=tuple(key.reasons),
    )
    if bench.variant.edition != "CR":  # the change request allows such keys, and ends them
        bench.check(
            "low-entropy-with-psk",
            bench.row("CLN-16"),
            False,
            "PSK cipher suites are not used with a low-entropy secret",
            expected="no evidence of low entropy",
            observed=observed,
            evidence=tuple(key.reasons),
        )
