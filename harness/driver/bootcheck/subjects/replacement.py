# SPDX-License-Identifier: Apache-2.0
"""Replacing the Bootstrap-Server Account in a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.account import BootstrapServerAccount, Credentials
from bootcheck.evidence import describe, identity_text
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, Finished
from bootcheck.usable import expect_account_usable, stimulate

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_ROWS = ("CLN-02", "CLN-08")
_SHOWN = 6  # events that a check repeats as evidence


async def overwrite(
    bench: "Bench",
    session: BootstrapSession,
    account: BootstrapServerAccount,
    only: Optional[str] = None,
    rows: Sequence[str] = _ROWS,
) -> None:
    """Write the new account, or one resource of it, over the original.

    A client that declares replacement accepts it.
    """
    answer = await session.overwrite_account(account, only)
    bench.expect_answer(
        "replacement-accepted" if only is None else f"replacement-of-{only}-accepted",
        bench.row(*rows),
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
    """Finish, see the registration; the number of the last event of the session."""
    what = "the Finish of a session that replaced the account is accepted"
    seq = bench.peer.last_seq
    finished = await session.finish(_ROWS, what)
    await dm.expect_registration(after_seq=seq)
    return finished.seq


@dataclass
class Replacement:
    """A client of the server `old` that is to become one of `new`."""

    bench: "Bench"
    old: "BootstrapServer"
    new: "BootstrapServer"
    dm: "LwM2MServer"
    entropy: str  # of the original's key
    replaced: int = 0  # the last event of the session that replaced the account

    async def first_session(self, timeout: Optional[int] = None) -> BootstrapSession:
        """Start the client with the original account; its first session."""
        bench, account = self.bench, self.old.account(timeout=timeout, entropy=self.entropy)
        await bench.start_client(account=account)
        session = await self.old.expect_bootstrap_request()
        await bench.apply_timeout(session)
        return session

    async def finish(self, session: BootstrapSession, rows: Sequence[str] = _ROWS) -> Finished:
        """Finish the session that replaced the account, see the registration."""
        what = "the Finish of a session that replaced the account is accepted"
        seq = self.bench.peer.last_seq
        finished = await session.finish(rows, what)
        self.replaced = finished.seq
        await self.dm.expect_registration(after_seq=seq)
        return finished

    async def let_earlier_requests_come(self, finished: Finished) -> None:
        """Contacts of the original count from when nothing of before the Finish is under way.

        A client may have asked for a bootstrap of its own just before the server began a session
        unasked; where that datagram was lost it comes again (RFC 7252 4.8), after the Finish.
        """
        await self.bench.until(finished.latest_us + int(self.bench.profile.coap.loss_s * 1e6))
        self.replaced = self.bench.peer.last_seq

    async def expect_only_the_new_is_used(self, row: Requirement) -> None:
        """Every stimulus leads to the new Bootstrap-Server, none to the original."""
        used = False
        try:
            await expect_account_usable(
                self.bench, row, self.new, self.dm, name="new-account-usable"
            )
            used = True
        finally:
            self.expect_original_unused(row, used)

    def expect_original_unused(self, row: Requirement, used: bool) -> None:
        """Since the replacement the original server saw neither a ClientHello nor a new request.

        Without a contact it says something only when the new account was used meanwhile.
        """
        contacts = [e for e in _since(self.bench, self.replaced) if self.old.is_contact(e)]
        if not contacts and not used:
            return
        origin = self.bench.peer.events[self.replaced - 1].t
        self.bench.check(
            "original-unused",
            row,
            not contacts,
            "the original Bootstrap-Server is not contacted after the replacement",
            expected=f"no contact with {self.old.uri}",
            observed=f"{len(contacts)} contacts" if contacts else "none, while the new was used",
            evidence=tuple(describe(event, origin) for event in contacts[:_SHOWN]),
        )


async def two_bootstrap_servers(bench: "Bench", entropy: str = "low") -> Replacement:
    """Open the servers of a replacement; `entropy` of the original's key."""
    old = await bench.bootstrap_server("bs-old", entropy=entropy)
    new, dm = await bench.bootstrap_server("bs-new"), await bench.lwm2m_server()
    return Replacement(bench, old, new, dm, entropy)


async def purge_original(
    bench: "Bench", row: Requirement, session: BootstrapSession, instance: int
) -> None:
    """CR: the new server deletes the original account, if the client has not done so by itself."""
    instances = await session.account_instances()
    if instances is not None and instance not in instances:
        return bench.fact("the client purged the original account before its new server did")
    answer = await session.send("DELETE", ("0", str(instance)))
    what = f"the Delete of the original account /0/{instance} by the new server is accepted"
    if instances is not None:
        bench.expect_answer("delete-account-answered", row, what, answer, "2.02")
    else:  # it may not have been there any more: later use tells
        code = answer.get("code") if answer is not None else None
        bench.fact(f"the Delete of the original account was answered {code or 'by nothing'}")


async def expect_refused_attempt_at_the_new_server_only(
    bench: "Bench", row: Requirement, replacement: Replacement
) -> None:
    """The new server refuses the Bootstrap-Request: for a window the original is not contacted."""
    await replacement.new.refuse_requests()
    control = await bench.control()
    window = bench.window(control)
    tried = await stimulate(bench, row, replacement.new, replacement.dm, "new-account-tried")
    what = "the original Bootstrap-Server is not tried when the new one refuses"
    known = control is not None
    await _expect_original_untried(bench, row, replacement, tried, window, what, known=known)


async def expect_unanswered_attempt_at_the_new_server_only(
    bench: "Bench", row: Requirement, replacement: Replacement
) -> None:
    """The new server answers nothing: also when the request is given up the original is not tried.

    Only then does a client have a reason to turn elsewhere: hence the long wait.
    """
    await replacement.new.arm("bootstrap_request", {"action": "silence"})
    control = await bench.control()
    seconds, origin = bench.window(control)
    answer_s = bench.profile.timings.answer_s
    window = (answer_s + seconds, f"timings.answer_s = {answer_s:g} s + {origin}")
    tried = await stimulate(bench, row, replacement.new, replacement.dm, "new-account-tried")
    what = "the original Bootstrap-Server is not tried when the new one is silent"
    known = control is not None
    await _expect_original_untried(bench, row, replacement, tried, window, what, known=known)


async def _expect_original_untried(
    bench: "Bench",
    row: Requirement,
    replacement: Replacement,
    tried: Event,
    window: tuple[float, str],
    what: str,
    *,
    known: bool,  # a control shows how fast this client is
) -> None:
    old, (seconds, origin) = replacement.old, window
    contact = await bench.wait_for(
        old.is_contact, after_seq=replacement.replaced, until_us=tried.t + int(seconds * 1e6)
    )
    bench.check(
        "original-unused",
        row,
        False if contact else True if known else None,
        what,
        expected=f"no contact with {old.uri}",
        observed="a contact" if contact else f"none within {seconds:g} s",
        evidence=(describe(contact, tried.t),) if contact else (),
        window={"from_us": tried.t, "seconds": seconds, "origin": origin},
    )


async def expect_only_the_new_identity_is_used(
    bench: "Bench",
    row: Requirement,
    old: Credentials,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
    replaced: int,
) -> None:
    """Every stimulus leads to a handshake under the server's new identity, none under the old."""
    used = False
    try:
        await expect_account_usable(bench, row, bs, dm, name="new-account-usable")
        used = True
    finally:
        expect_identity_unused(bench, row, old, replaced, used)


def expect_identity_unused(
    bench: "Bench", row: Requirement, old: Credentials, after_seq: int, used: bool
) -> None:
    """After `after_seq` no handshake offered the identity.

    Without an offer it says something only when the new account was used meanwhile.
    """
    identity = old.identity.hex()
    offers = [
        event
        for event in _since(bench, after_seq)
        if event.name in ("identity_offered", "association_opened")
        and event.get("identity") == identity
    ]
    if not offers and not used:
        return
    origin = bench.peer.events[after_seq - 1].t if after_seq else 0
    bench.check(
        "original-unused",
        row,
        not offers,
        "the original identity is not used after the replacement",
        expected=f"no handshake under identity {identity_text(identity)}",
        observed=f"{len(offers)} times" if offers else "none, while the new one was used",
        evidence=tuple(describe(event, origin) for event in offers[:_SHOWN]),
    )


def _since(bench: "Bench", after_seq: int) -> list[Event]:
    """What happened since then, while the client had its state."""
    return bench.peer.events[after_seq : bench.forgot_at]
