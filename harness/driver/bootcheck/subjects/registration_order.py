# SPDX-License-Identifier: Apache-2.0
"""The order in which a client registers to several LwM2M Servers, and what holds it up (FBK-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.evidence import describe
from bootcheck.session import BootstrapSession
from bootcheck.subjects.registering import is_attempt, latest_s, next_attempt, refused_after_finish
from bootcheck.subjects.server_settings import (
    BOOTSTRAP_ON_FAILURE,
    FAILURE_BLOCK,
    PRIORITY,
    offer_settings,
    require_settings,
    retries,
)

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer


async def session_for_two(
    bench: "Bench", bs: "BootstrapServer", first: "LwM2MServer", second: "LwM2MServer"
) -> BootstrapSession:
    """The first session: the accounts of two servers, with priorities 1 and 2."""
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    order = ((1, first), (2, second))
    for priority, dm in sorted(order, key=lambda item: item[1].number):
        await session.write(dm.account())
        await require_settings(bench, session, dm, {PRIORITY: priority})
    return session


async def expect_order(
    bench: "Bench", session: BootstrapSession, first: "LwM2MServer", second: "LwM2MServer"
) -> None:
    """Finish: both get a Register, `first` before `second`."""
    seq = bench.peer.last_seq
    await session.finish()
    for dm in (first, second):
        await dm.expect_registration(after_seq=seq)
    events = bench.peer.events
    order = [e for e in events if is_attempt(first, e) or is_attempt(second, e)]
    bench.check(
        "in-order",
        bench.row("FBK-05"),
        order[0].get("server") == first.name,
        "the server with the lower priority number gets its Register first",
        expected=f"a Register at {first.uri} before one at {second.uri}",
        observed=" then ".join(str(event.get("server")) for event in order),
        evidence=tuple(describe(event, order[0].t) for event in order),
    )


async def expect_held_up(
    bench: "Bench",
    bs: "BootstrapServer",
    session: BootstrapSession,
    first: "LwM2MServer",
    second: "LwM2MServer",
) -> None:
    """`first` blocks and refuses: `second` gets its Register once `first` accepts, not before."""
    await require_settings(bench, session, first, {FAILURE_BLOCK: True})
    # lest the refusal lead to a bootstrap; and so that the client tries again soon
    await offer_settings(bench, session, first, {BOOTSTRAP_ON_FAILURE: False})
    told = await offer_settings(bench, session, first, retries(5, 1, 1))
    finish = bench.peer.last_seq
    failed = await refused_after_finish(bench, session, first)
    bound = latest_s(bench, 1) if told else bench.profile.timings.reaction_s
    again = await next_attempt(bench, first, failed.seq, bound)
    early = bench.peer.first(lambda event: is_attempt(second, event), finish)
    contact = bench.peer.first(bs.is_contact, failed.seq)
    bench.check(
        "held-up",
        bench.row("FBK-05"),
        False if early is not None else True if again is not None else None,
        "while a server that blocks refuses, the next one gets no Register",
        expected=f"further Registers at {first.uri}, none at {second.uri}",
        observed=f"a Register at {second.uri}"
        if early is not None
        else "so it is"
        if again is not None
        else f"no further Register{' but a bootstrap' if contact else ''}: nothing is shown",
    )
    if early is not None or again is None:
        return
    seq = bench.peer.last_seq
    await first.accept_registration()
    released = await bench.wait_for(
        lambda event: is_attempt(second, event),
        after_seq=seq,
        within_s=latest_s(bench, 2) + bench.profile.timings.reaction_s,
    )
    bench.check(
        "let-go",
        bench.row("FBK-05"),
        released is not None,
        "once the server that blocks has accepted, the next one gets its Register",
        expected=f"a Register at {second.uri}",
        observed="it came" if released is not None else "none",
    )


async def expect_not_held_up(
    bench: "Bench", session: BootstrapSession, first: "LwM2MServer", second: "LwM2MServer"
) -> None:
    """`first` does not block and refuses: `second` gets its Register all the same."""
    await require_settings(bench, session, first, {FAILURE_BLOCK: False})
    await offer_settings(bench, session, first, {BOOTSTRAP_ON_FAILURE: False})
    told = await offer_settings(bench, session, first, retries(2, 1, 1))
    seq = bench.peer.last_seq
    failed = await refused_after_finish(bench, session, first)
    bound = bench.profile.timings.reaction_s + bench.profile.coap.loss_s
    came = await bench.wait_for(
        lambda event: is_attempt(second, event), after_seq=seq, within_s=bound
    )
    bench.check(
        "not-held-up",
        bench.row("FBK-05"),
        True if came is not None else False if told else None,
        "a server that does not block and refuses holds up no other",
        expected=f"a Register at {second.uri}",
        observed="it came" if came is not None else f"none within {bound:g} s",
        evidence=(describe(came, failed.refused.t),) if came is not None else (),
    )
