# SPDX-License-Identifier: Apache-2.0
"""Accounts of LwM2M Servers that must not be taken: by whom they are refused, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from bootcheck.account import ServerAccount
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

URI_BYTES = 255  # registry, /0/x/0


def uri_of_length(uri: str, length: int) -> str:
    """The same server's URI with a path that makes it so long."""
    return uri + "/" + "a" * (length - len(uri) - 1)


def with_other_scheme(uri: str) -> str:
    """The same server, and the scheme that goes with the other security mode."""
    scheme, rest = uri.split("://")
    return f"{'coap' if scheme == 'coaps' else 'coaps'}://{rest}"


@dataclass(frozen=True)
class Offered:
    """How far accounts were taken: the last answer, and whether it was that of the Finish."""

    code: str
    finish: bool

    @property
    def refused(self) -> Optional[bool]:
        """None: it was not answered."""
        if not self.code[0].isdigit():
            return None
        return self.code == "4.06" if self.finish else self.code[0] in "45"

    @property
    def told(self) -> str:
        return f"{'the Finish' if self.finish else 'a Write'} was answered {self.code}"


async def _offer(session: BootstrapSession, account: ServerAccount) -> Offered:
    """Write the account and, if all of it is accepted, finish."""
    for put in (session.put_security, session.put_server):
        answer = await put(account)
        if not accepted(answer):
            return Offered(_code(answer), finish=False)
    return Offered(_code(await session.send("POST", ("bs",))), finish=True)


async def expect_refused(
    bench: "Bench", row: Requirement, session: BootstrapSession, account: ServerAccount, what: str
) -> Offered:
    """A Write of the account is answered by an error, or the Finish by 4.06. Ended when not."""
    offered = await _offer(session, account)
    if not bench.check(
        "account-refused",
        row,
        offered.refused,
        f"{what} is refused",
        expected="an error to a Write, or 4.06 to the Finish",
        observed=offered.told,
    ):
        raise Ended()
    return offered


async def expect_good_account_taken(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", offered: Offered
) -> None:
    """After a refusal the session goes on: the account is written as it should be, and used.

    A client may end a session whose Finish it has refused (that it does not is FIN-07).
    """
    if offered.finish and not accepted(await session.put_security(dm.account())):
        return bench.fact("the session was over after the refused Finish")
    await session.provision(dm)


async def expect_refused_or_survived(
    bench: "Bench",
    session: BootstrapSession,
    dm: "LwM2MServer",
    account: ServerAccount,
    what: str,
    *,
    may_be_used: bool,
) -> None:
    """ACC-10: it is refused; or it is taken, and the client is there for another bootstrap.

    `may_be_used`: a Register to the server of such an account is no breach.
    """
    timings, seq, event = bench.profile.timings, bench.peer.last_seq, None
    offered = await _offer(session, account)
    told, passed = offered.told, offered.refused
    if offered.refused is False:
        event = await bench.wait_for(
            lambda e: session.server.is_bootstrap_request(e) or dm.is_registration(e),
            after_seq=seq,
            within_s=timings.reaction_s + timings.retry_s,
        )
        told += f"; {'a Register' if event and dm.is_registration(event) else 'no Register'} came"
        passed = event is not None and (may_be_used or not dm.is_registration(event))
    if not bench.check(
        "refused-or-survived",
        bench.row("ACC-10"),
        passed,
        f"{what} is refused, or leaves a client that can be bootstrapped",
        expected="an error to a Write or to the Finish, or another Bootstrap-Request",
        observed=told,
        evidence=(describe(event, bench.peer.events[0].t),) if event else (),
    ):
        raise Ended()
    if event is None:
        await expect_good_account_taken(bench, session, dm, offered)
    elif session.server.is_bootstrap_request(event):
        await session.server.session(event).provision(dm)


def _code(answer: Optional[Event]) -> str:
    return str(answer.get("code") or answer["reason"]) if answer is not None else "by nothing"
