# SPDX-License-Identifier: Apache-2.0
"""What is left after a Bootstrap-Delete: by Discover in the same session, and by what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession
from bootcheck.subjects.discovery import instances

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

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


async def expect_instances(
    bench: "Bench", session: BootstrapSession, row: Requirement, obj: str, left: Sequence[int]
) -> None:
    """By Discover these instances of an object are left, and no others."""
    found = await _instances(session, obj)
    if found is None:
        bench.fact(_UNSEEN)
        return
    bench.check(
        "instances-left",
        row,
        sorted(found) == sorted(left),
        f"of /{obj} is left what was not deleted, and nothing else",
        expected=f"instances {sorted(left)}",
        observed=f"instances {sorted(found)}",
    )


async def delete_and_expect_device(
    bench: "Bench", session: BootstrapSession, row: Requirement, path: Sequence[str]
) -> None:
    """Delete Device: whatever the answer is, its instance is still listed."""
    before = await _instances(session, "3")
    answer = await session.send("DELETE", path)
    code = answer.get("code") if answer is not None else None
    bench.fact(f"DELETE /{'/'.join(path)} is answered {code or 'by nothing'}")
    if not before:
        bench.fact("the client does not list Device: only a Read tells whether it is there")
        return
    after = await _instances(session, "3")
    bench.check(
        "device-there",
        row,
        0 in after if after is not None else None,
        "the Device instance is there after the Delete",
        expected="/3/0",
        observed=f"instances {after}" if after is not None else "Discover /3 fails",
    )


async def expect_device_readable(bench: "Bench", row: Requirement, dm: "LwM2MServer") -> None:
    """After the session the LwM2M Server finds Device."""
    answer = await dm.read(("3", "0"), bench.profile.timings.answer_s)
    code = answer.get("code") if answer is not None else None
    bench.check(
        "device-readable",
        row,
        {"2.05": True, "4.04": False}.get(str(code)),
        "the LwM2M Server reads the Device instance",
        expected="2.05 to a Read of /3/0",
        observed=str(code or "no answer"),
    )


async def expect_deleted_unused(
    bench: "Bench", row: Requirement, deleted: "LwM2MServer", after_seq: int, registered: Event
) -> None:
    """A server whose account was deleted gets no Register and no Update after the Finish.

    Waits as long again as the Register to the other server took, and for a retransmission: this
    client would have registered by then. A De-register is lawful.
    """
    took_us = registered.t - bench.peer.events[after_seq - 1].t
    loss_s = bench.profile.coap.loss_s
    until_us = registered.t + took_us + int(loss_s * 1e6)
    contact = await bench.wait_for(
        lambda event: deleted.is_registration(event) or deleted.is_update(event),
        after_seq=after_seq,
        until_us=until_us,
    )
    waited_s = (until_us - registered.t) / 1e6
    bench.check(
        "deleted-unused",
        row,
        contact is None,
        "the client does not register where its account was deleted",
        expected=f"no Register and no Update at {deleted.uri}",
        observed=contact.name if contact else "none",
        evidence=(describe(contact, registered.t),) if contact else (),
        window={
            "from_us": registered.t,
            "until_us": until_us,
            "seconds": round(waited_s, 3),
            "origin": "as long again as the other Register took, and "
            f"{loss_s:g} s for a retransmission (RFC 7252 4.8)",
        },
    )


async def _instances(session: BootstrapSession, obj: str) -> Optional[list[int]]:
    links = await session.discover((obj,))
    return list(instances(links, obj)) if links is not None else None
