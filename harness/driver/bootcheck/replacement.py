# SPDX-License-Identifier: Apache-2.0
"""Replacing the Bootstrap-Server Account in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.account import BootstrapServerAccount, Credentials
from bootcheck.evidence import describe, identity_text
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_ROWS = ("CLN-02", "CLN-08")
_SHOWN = 6  # events that a check repeats as evidence


async def overwrite(
    bench: "Bench", session: BootstrapSession, account: BootstrapServerAccount
) -> None:
    """Write the new account over the original; a client that declares replacement accepts it."""
    answer = await session.overwrite_account(account)
    bench.expect_answer(
        "replacement-accepted",
        bench.row(*_ROWS),
        "the Write of a new account over the original is accepted",
        answer,
        "2.04",
    )


async def expect_single_account(bench: "Bench", session: BootstrapSession) -> None:
    """Before the Finish one account is there. In CR two may exist in between: not judged."""
    if bench.variant.edition == "CR":
        return
    instances = await session.account_instances()
    if instances is None:
        bench.fact("the client does not answer Discover: the number of its accounts was not seen")
        return
    bench.check(
        "single-account-before-finish",
        bench.row("CLN-08"),
        len(instances) == 1,
        "one account is there before the Finish",
        expected="one instance of /0 without a Short Server ID",
        observed=f"instances {instances}",
    )


async def finish_replacement(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> int:
    """Finish, see the registration; the number of the last event before the Finish was answered."""
    what = "the Finish of a session that replaced the account is accepted"
    seq = bench.peer.last_seq
    await session.finish(_ROWS, what)
    answered = bench.peer.last_seq
    await dm.expect_registration(after_seq=seq)
    return answered


def expect_no_contact(
    bench: "Bench", row: Requirement, old: "BootstrapServer", after_seq: int, name: str, what: str
) -> None:
    """After `after_seq` the server saw neither a ClientHello nor a new request."""
    contacts = [event for event in _since(bench, after_seq) if old.is_contact(event)]
    origin = bench.peer.events[after_seq - 1].t if after_seq else 0
    bench.check(
        name,
        row,
        not contacts,
        what,
        expected=f"no contact with {old.uri}",
        observed=f"{len(contacts)} contacts"
        if contacts
        else "none, while the new account was used",
        evidence=tuple(describe(event, origin) for event in contacts[:_SHOWN]),
    )


def expect_identity_unused(
    bench: "Bench", row: Requirement, old: Credentials, after_seq: int, name: str, what: str
) -> None:
    """After `after_seq` no handshake offered the identity."""
    identity = old.identity.hex()
    offers = [
        event
        for event in _since(bench, after_seq)
        if event.name in ("identity_offered", "association_opened")
        and event.get("identity") == identity
    ]
    origin = bench.peer.events[after_seq - 1].t if after_seq else 0
    bench.check(
        name,
        row,
        not offers,
        what,
        expected=f"no handshake under identity {identity_text(identity)}",
        observed=f"{len(offers)} times" if offers else "none, while the new identity was used",
        evidence=tuple(describe(event, origin) for event in offers[:_SHOWN]),
    )


def _since(bench: "Bench", after_seq: int) -> list[Event]:
    """What happened since then, while the client had its state."""
    return bench.peer.events[after_seq : bench.forgot_at]
