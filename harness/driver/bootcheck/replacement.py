# SPDX-License-Identifier: Apache-2.0
"""Replacing the Bootstrap-Server Account in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.account import BootstrapServerAccount
from bootcheck.bench import Bench
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.server import LwM2MServer

_ROWS = ("CLN-02", "CLN-08")


async def overwrite(
    bench: Bench, session: BootstrapSession, account: BootstrapServerAccount
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


async def expect_single_account(bench: Bench, session: BootstrapSession) -> None:
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


async def finish_replacement(bench: Bench, session: BootstrapSession, dm: "LwM2MServer") -> int:
    """Finish, see the registration; the number of the last event before the Finish was answered."""
    what = "the Finish of a session that replaced the account is accepted"
    seq = bench.peer.last_seq
    await session.finish(_ROWS, what)
    answered = bench.peer.last_seq
    await dm.expect_registration(after_seq=seq)
    return answered
