# SPDX-License-Identifier: Apache-2.0
"""Classes of keys: variants of CR with PSK, one place in expectations, and keys of the peer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from bootcheck import scenario
from bootcheck.inventory import Filed
from bootcheck.key_class import ALL_KEYS, HIGH_KEYS, LOW_KEYS, key_class
from bootcheck.proof.expectation import Expectation, Expected, compare
from bootcheck.proof.expectation_plan import baseline, plan
from bootcheck.scenario import ScenarioError, place_of
from bootcheck.verdict import Check, Result, Verdict
from peer_process import PeerProcess


@scenario("CLN-03", editions=["CR", "1.1"], entropy="low", keys=LOW_KEYS)
async def purged(bench: Any) -> None:
    """It is purged."""


FILED = Filed("scenarios/it.py", purged.scenario)  # type: ignore[attr-defined]
EXPECTED = Expected("CLN-03", Verdict.FAIL, True, "")
DEFECT = Expectation("defect", "d", {("purged", "CR-psk", "gone"): EXPECTED})


def result(verdict: Verdict) -> Result:
    return Result(verdict, checks=[Check("gone", "CLN-03", verdict, "it is gone")])


def test_only_variants_of_the_change_request_with_psk_have_classes() -> None:
    ids = [variant.id for variant in FILED.scenario.variants()]
    assert ids == [
        "CR-nosec-tlv",
        *(f"CR-psk-tlv-{key}" for key in LOW_KEYS),
        "1.1-nosec-tlv",
        "1.1-psk-tlv",
    ]
    assert {place_of(name) for name in ids} == {"CR-nosec", "CR-psk", "1.1-nosec", "1.1-psk"}


def test_a_class_of_another_entropy_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no key class 'pin' of high entropy"):
        scenario("CLN-01", editions=["CR"], entropy="high", keys=["pin"])(FILED.scenario.function)


def test_a_key_has_the_class_that_is_wanted_where_its_entropy_is_that() -> None:
    assert key_class("low", "serial") == "serial"
    assert key_class("high", "serial") == "random16"  # a replacement is always random
    assert key_class("low") == "pin"
    assert set(ALL_KEYS) == {*LOW_KEYS, *HIGH_KEYS}


def test_a_line_of_an_expectation_stands_for_all_classes() -> None:
    both = [f"CR-psk-tlv-{key}" for key in ("pin", "serial")]
    failed = [("purged", name, result(Verdict.FAIL)) for name in both]
    assert compare(DEFECT, failed) == []
    failed[1] = ("purged", both[1], result(Verdict.PASS))
    (problem,) = compare(DEFECT, failed)
    assert problem.startswith("purged[CR-psk-tlv-serial] gone: expected FAIL, got PASS")
    failed[1] = (
        "purged",
        both[1],
        Result(Verdict.PASS, checks=[Check("x", "A", Verdict.PASS, "")]),
    )
    (problem,) = compare(DEFECT, failed)
    assert "purged[CR-psk-tlv-serial] gone: expected FAIL of CLN-03, but" in problem


def test_a_defect_runs_the_first_class_and_the_correct_client_all() -> None:
    assert len(baseline([FILED]).node_ids) == 3 + len(LOW_KEYS)
    assert plan(DEFECT, [FILED], full=False).node_ids == (f"{FILED.id}[CR-psk-tlv-pin]",)
    assert len(plan(DEFECT, [FILED], full=True).node_ids) == 3 + len(LOW_KEYS)


def made(peer: PeerProcess, key: str, **more: Any) -> str:
    params = {"class": key, "seed": 7, "label": "bs", "endpoint": "ep-1", **more}
    return str(peer.call("make_key", **params)["key"])


def test_the_peer_makes_low_keys_again_and_random_ones_never(peer: PeerProcess) -> None:
    for key in ALL_KEYS:
        again = made(peer, key) == made(peer, key)
        assert again is (key in LOW_KEYS), key
        assert len(made(peer, key)) == (64 if key == "random32" else 32)
    assert made(peer, "pin") != made(peer, "pin", seed=8)
    assert made(peer, "endpoint") == hashlib.sha1(b"ep-1").hexdigest()[:32]
    assert made(peer, "serial", serial="SN1") == hashlib.md5(b"SN1").hexdigest()


def test_an_unknown_class_is_refused(peer: PeerProcess, tmp_path: Path) -> None:
    error = peer.refused("make_key", **{"class": "dice", "seed": 1, "label": "", "endpoint": ""})
    assert "class" in error.data
