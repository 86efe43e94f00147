# SPDX-License-Identifier: Apache-2.0
"""That the original is not used any more counts only when the new account was used meanwhile."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bootcheck.account import Credentials
from bootcheck.peer import Event
from bootcheck.session import Finished
from bootcheck.subjects.replacement import Replacement, expect_identity_unused

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


@pytest.mark.parametrize("contact_s, unused", [(2.9, True), (3.1, False)])
def test_a_request_from_before_the_finish_may_come_again(contact_s: float, unused: bool) -> None:
    """A retransmission after a loss comes within 3 s; what comes later was sent later."""
    events = [Event(0, 1, "response_received", {}), Event(int(contact_s * 1e6), 2, "contact", {})]
    verdicts: list[bool] = []
    peer = SimpleNamespace(events=events[:1], last_seq=1)

    async def until(at_us: int) -> None:
        assert at_us == 3_000_000
        if events[1].t <= at_us:
            peer.events, peer.last_seq = events, 2

    def check(name: str, row: Any, passed: bool, what: str, **told: Any) -> None:
        verdicts.append(passed)

    profile = SimpleNamespace(coap=SimpleNamespace(loss_s=3.0))
    bench: Any = SimpleNamespace(
        peer=peer, profile=profile, until=until, check=check, forgot_at=None
    )
    old: Any = SimpleNamespace(is_contact=lambda event: event.name == "contact", uri="coap://old")
    servers: Any = SimpleNamespace()
    replacement = Replacement(bench, old, servers, servers, "low", replaced=1)
    asyncio.run(replacement.let_earlier_requests_come(Finished(0, 0, 1)))
    peer.events = events
    row: Any = None
    replacement.expect_original_unused(row, used=True)
    assert verdicts == [unused]
