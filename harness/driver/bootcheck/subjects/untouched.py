# SPDX-License-Identifier: Apache-2.0
"""Incremental bootstrap: what a later session does not write stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional

from bootcheck.applied import ask_for_update
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

TLV = 11542  # content format application/vnd.oma.lwm2m+tlv
_LIFETIME = "1"  # /1/x/1

Resources = Mapping[str, Any]


def other_lifetime(bench: "Bench") -> int:
    """A lifetime that the client does not have yet."""
    return bench.profile.lifetime * 3 // 4 or 2


async def server_resources(bench: "Bench", dm: "LwM2MServer") -> Optional[Resources]:
    """The server's own /1 instance as it reads it; None: not readable as TLV."""
    path = ("1", str(dm.number))
    answer = await dm.read(path, bench.profile.timings.answer_s, accept=TLV)
    items = (answer.get("decoded") or {}).get("tlv") if answer is not None else None
    if not items:
        bench.fact("Read /1/x is not answered in TLV: what a session changed was not compared")
        return None
    if items[0]["kind"] == "object_instance":
        items = items[0]["children"]
    return {str(item["id"]): item.get("value") for item in items}


async def write_lifetime(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", lifetime: int
) -> None:
    """Write /1/x/1 and nothing else."""
    answer = await session.put_resource(1, dm.number, _LIFETIME, lifetime)
    session.expect_written("write-lifetime-answered", "a single resource, /1/x/1,", answer)


async def expect_registered_as_before(
    bench: "Bench", row: Requirement, dm: "LwM2MServer", seq: int, lifetime: Optional[int]
) -> None:
    """After the session the client is registered at the same server, with the new lifetime."""

    def speaks(event: Event) -> bool:
        return event.name in ("registered", "updated") and event.get("server") == dm.name

    def tells(event: Event) -> bool:
        return speaks(event) and lifetime in (None, event.get("lifetime"))

    bound = bench.profile.timings.reaction_s
    told = await bench.wait_for(tells, after_seq=seq, within_s=bound)
    if told is None:  # a registration may outlive a session: ask for an Update
        await ask_for_update(bench, dm)
        told = await bench.wait_for(tells, after_seq=seq, within_s=bound)
    seen = told or bench.peer.first(speaks, seq)
    bench.check(
        "same-server",
        row,
        seen is not None,
        "the client is registered at the server that it had",
        expected=f"a Register or an Update at {dm.uri}",
        observed="it came" if seen else f"none within {bound:g} s, asked for by /1/x/8 or not",
        evidence=(describe(seen, seen.t),) if seen else (),
    )
    if lifetime is None or seen is None:
        return
    bench.check(
        "lifetime-told",
        row,
        told is not None,
        "the new lifetime is told to the LwM2M Server",
        expected=f"a Register or an Update with a lifetime of {lifetime} s",
        observed=f"{told.name}" if told else f"{seen.name} with lifetime {seen.get('lifetime')}",
    )


async def expect_rest_untouched(
    bench: "Bench",
    row: Requirement,
    dm: "LwM2MServer",
    before: Optional[Resources],
    lifetime: Optional[int],
) -> None:
    """Of what was written in the first session only the lifetime has changed, if it was written."""
    after = await server_resources(bench, dm) if before is not None else None
    if before is None or after is None:
        return
    written = dm.account().server_resources()
    wanted = {key: before.get(key) for key in written}
    if lifetime is not None:
        wanted[_LIFETIME] = lifetime
    changed = {key: after.get(key) for key in written if after.get(key) != wanted[key]}
    bench.check(
        "rest-untouched",
        row,
        not changed,
        "the session changes only what it writes",
        expected="/1/x as it was" + ("" if lifetime is None else f", lifetime {lifetime}"),
        observed=f"changed: {changed}" if changed else "so it is",
    )
