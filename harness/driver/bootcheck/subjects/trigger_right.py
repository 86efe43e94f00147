# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Request Trigger of a client with two LwM2M Servers: one has the right to execute it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.applied import BOOTSTRAP_REQUEST_TRIGGER
from bootcheck.ending import NotApplicable
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.subjects.access_rights import SERVER, TwoServers, expect_code

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer


async def expect_trigger_needs_the_right(bench: "Bench", both: TwoServers) -> None:
    """The server of the account may not execute its trigger; the other may, and it works."""
    row, bs = bench.row("TRG-04"), both.bs
    seconds, origin = bench.window(await bench.control())
    seq = bench.peer.last_seq
    answer = await _execute(bench, both.dm, both)
    what = "a server without the right to execute the trigger is refused"
    await expect_code(bench, row, "trigger-refused", what, answer, ["4.01"])
    contact = await bench.wait_for(bs.is_contact, after_seq=seq, within_s=seconds)
    bench.check(
        "not-triggered",
        row,
        contact is None,
        "what was refused starts no bootstrap",
        expected=f"no contact with {bs.uri}",
        observed="a contact" if contact else f"none within {seconds:g} s",
        evidence=(describe(contact, bench.peer.events[0].t),) if contact else (),
        window={"seconds": seconds, "origin": origin},
    )
    if contact is not None:
        return
    seq = bench.peer.last_seq
    answer = await _execute(bench, both.other, both)
    code = answer.get("code") if answer is not None else None
    if code in ("4.04", "4.05"):
        raise NotApplicable(f"the client answers {code} to an Execute of /1/x/9: it has none")
    bound = bench.profile.timings.reaction_s
    event = await bench.wait_for(bs.is_bootstrap_request, after_seq=seq, within_s=bound)
    bench.check(
        "triggered-with-the-right",
        row,
        event is not None,
        "the server with the right starts a bootstrap",
        expected=f"a Bootstrap-Request at {bs.uri}",
        observed="it came" if event else f"none within {bound:g} s (timings.reaction_s)",
    )


async def _execute(bench: "Bench", server: "LwM2MServer", both: TwoServers) -> Optional[Event]:
    path = (str(SERVER), str(both.dm.number), str(BOOTSTRAP_REQUEST_TRIGGER))
    return await server.send("POST", path, bench.window_for_answers_s)
