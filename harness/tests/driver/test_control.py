# SPDX-License-Identifier: Apache-2.0
"""Windows come from controls, and accounts of controls must be kept in the edition."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bootcheck.control import Control, kinds
from bootcheck.profile import CoapParameters, Profile, load
from bootcheck.usable import timeout_for_early_probe

REFERENCE = Path(__file__).parents[3] / "fixtures" / "profiles" / "reference-client.toml"


LOSS_S = CoapParameters().loss_s


def reference(**changes: Any) -> Profile:
    return replace(load(REFERENCE), **changes)


def test_stimulus_that_missed_one_run_is_not_effective() -> None:
    control = Control("x", LOSS_S, {"trigger": [0.1, 0.2], "restart": [0.3, 0.1, 0.2]})
    assert control.effective == ["restart"]
    assert control.slowest_s == 0.3


def test_window_is_twice_the_slowest_control() -> None:
    assert Control("x", LOSS_S, {"restart": [0.1, 10.0, 0.1]}).window_s(0) == 20.0
    assert Control("x", LOSS_S, {"restart": [0.1, 10.0, 0.1]}).window_s(7) == 27.0
    assert "10.000 s" in Control("x", LOSS_S, {"restart": [0.1, 10.0, 0.1]}).origin(7)


def test_window_has_room_for_a_retransmission_after_the_slowest_reaction() -> None:
    latest_retransmission_s = 2 * 1.5  # RFC 7252 4.8: ACK_TIMEOUT × ACK_RANDOM_FACTOR
    assert LOSS_S > latest_retransmission_s
    for slowest in (0.01, 1.5, 3.0):
        control = Control("x", LOSS_S, {"restart": [slowest, 0.0, 0.0]})
        assert control.window_s(0) == slowest + LOSS_S


def test_a_client_that_retransmits_late_has_longer_windows() -> None:
    assert CoapParameters(ack_timeout_s=10).loss_s == 16
    # the peer's own retransmissions take as long as ever
    assert CoapParameters(ack_timeout_s=0.1).loss_s == LOSS_S


def test_accounts_of_controls_must_be_kept() -> None:
    # CR: a low-entropy account without a timeout would have to be purged
    assert [(k.entropy, k.timeout) for k in kinds("CR", reference())] == [
        ("high", None),
        ("low", 86400),
    ]
    low = kinds("CR", reference(entropy="low"))
    assert [(k.entropy, k.timeout) for k in low] == [("low", 86400)]
    assert kinds("CR", reference(entropy="low", timeout=None)) == []
    assert [k.timeout for k in kinds("1.1", reference())] == [None, 86400]
    assert [k.timeout for k in kinds("1.1", reference(timeout=None))] == [None]


def test_early_probe_leaves_room_for_a_window_and_three_reactions() -> None:
    bench: Any = SimpleNamespace(profile=reference())
    for slowest in (0.01, 0.5, 1.4, 2.0, 3.0, 10.2, 30.0):
        control = Control("x", LOSS_S, {"restart": [slowest, 0.0, 0.0]})
        timeout = timeout_for_early_probe(bench, control)
        assert timeout > 3 * slowest
        assert timeout >= control.window_s(0) + 3
