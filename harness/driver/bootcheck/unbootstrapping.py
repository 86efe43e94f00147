# SPDX-License-Identifier: Apache-2.0
"""Un-bootstrapping: what goes with the Security instance of an LwM2M Server (TS 1.0 E.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.discovery import instances
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer


async def delete_security_of(
    bench: "Bench", session: BootstrapSession, row: Requirement, dm: "LwM2MServer"
) -> None:
    """Delete the Security instance of a server, and tell what becomes of its Server instance.

    When that goes is not said: it is judged after the Finish.
    """
    instance = await session.server_instance(dm.account())
    bench.expect_answer(
        "delete-answered",
        row,
        f"DELETE /0/{instance} is accepted",
        await session.send("DELETE", ("0", str(instance))),
        "2.02",
    )
    links = await session.discover(("1",))
    if links is not None:
        there = _of(dm, links)
        when = "still there before the Finish" if there else "gone at once"
        bench.fact(f"the Server instance of the deleted account is {when}")


async def expect_server_instance_gone(
    bench: "Bench", session: BootstrapSession, row: Requirement, dm: "LwM2MServer"
) -> None:
    """In the next session there is no Server instance of the deleted account."""
    links = await session.discover(("1",))
    if links is None:
        bench.fact("the client does not answer Discover: only what it registers to was seen")
        return
    there = _of(dm, links)
    bench.check(
        "pair-gone",
        row,
        not there,
        "with the Security instance went the Server instance of its Short Server ID",
        expected=f"no instance of /1 with ssid={dm.short_server_id}",
        observed=f"instances {there}" if there else "none",
    )


def _of(dm: "LwM2MServer", links: list[dict[str, object]]) -> list[int]:
    found = instances(links, "1").items()
    return [number for number, told in found if told.get("ssid") == str(dm.short_server_id)]
