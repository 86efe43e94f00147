# SPDX-License-Identifier: Apache-2.0
"""What is left after a Bootstrap-Delete, by Discover in the same session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench

_UNSEEN = "the client does not answer Discover: what the Delete left is told by later use only"


async def delete(
    bench: "Bench", session: BootstrapSession, row: Requirement, path: Sequence[str]
) -> None:
    """Delete what is not the account alone; Ended when it is refused."""
    bench.expect_answer(
        "delete-answered",
        row,
        f"DELETE /{'/'.join(path)} is accepted",
        await session.send("DELETE", path),
        "2.02",
    )


async def expect_account_there(
    bench: "Bench", session: BootstrapSession, row: Requirement, account: int
) -> None:
    """The account's instance is still there."""
    instances = await session.account_instances()
    if instances is None:
        bench.fact(_UNSEEN)
        return
    bench.check(
        "account-there",
        row,
        account in instances,
        "the account is there after the Delete",
        expected=f"/0/{account}, without a Short Server ID",
        observed=f"accounts {instances}",
    )


async def expect_account_alone(
    bench: "Bench", session: BootstrapSession, row: Requirement, *, everything: bool
) -> None:
    """Of /0 only the account is left; after a Delete of `everything` also no instance of /1."""
    found = await session.security_instances()
    if found is None:
        bench.fact(_UNSEEN)
        return
    bench.check(
        "account-alone",
        row,
        list(found.values()) == [None],
        "of the Security object only the account is left",
        expected="one instance of /0, without a Short Server ID",
        observed=f"instances with Short Server IDs {found}",
    )
    if not everything:
        return
    servers = await _instances(session, "1")
    bench.check(
        "servers-gone",
        row,
        not servers if servers is not None else None,
        "no instance of the Server object is left",
        expected="no instance of /1",
        observed=f"instances {servers}" if servers is not None else "Discover /1 fails",
    )
    if bench.variant.edition in ("CR", "1.0"):
        return  # the first texts spare the account alone
    devices = await _instances(session, "3")
    bench.check(
        "device-there",
        row,
        0 in devices if devices is not None else None,
        "the Device instance is left",
        expected="/3/0",
        observed=f"instances {devices}" if devices is not None else "Discover /3 fails",
    )


async def _instances(session: BootstrapSession, obj: str) -> Optional[list[int]]:
    links = await session.discover((obj,))
    if links is None:
        return None
    parts = [link["target"].strip("/").split("/") for link in links]
    return [int(part[1]) for part in parts if len(part) == 2 and part[0] == obj]
