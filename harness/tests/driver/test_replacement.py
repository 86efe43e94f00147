# SPDX-License-Identifier: Apache-2.0
"""That the original is not used any more counts only when the new account was used meanwhile."""

from types import SimpleNamespace
from typing import Any

import pytest

from bootcheck.account import Credentials
from bootcheck.peer import Event
from bootcheck.subjects.replacement import expect_identity_unused

OLD = Credentials(b"old", b"k" * 16)


def judged(used: bool, *offered: bytes) -> list[bool]:
    verdicts: list[bool] = []
    events = [
        Event(number, number, "identity_offered", {"identity": identity.hex()})
        for number, identity in enumerate(offered, 1)
    ]

    def check(name: str, row: Any, passed: bool, what: str, **told: Any) -> None:
        verdicts.append(passed)

    bench: Any = SimpleNamespace(peer=SimpleNamespace(events=events), forgot_at=None, check=check)
    row: Any = None
    expect_identity_unused(bench, row, OLD, 0, used)
    return verdicts


@pytest.mark.parametrize(
    "used, offered, verdicts",
    [
        (True, [b"new"], [True]),
        (True, [b"new", b"old"], [False]),
        (False, [b"old"], [False]),
        (False, [], []),  # a client that made no handshake has shown nothing
    ],
)
def test_silence_about_the_old_identity(
    used: bool, offered: list[bytes], verdicts: list[bool]
) -> None:
    assert judged(used, *offered) == verdicts
