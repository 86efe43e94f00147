# SPDX-License-Identifier: Apache-2.0
"""Registrations at one and several servers: which follow a bootstrap, what a failure brings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.account import ServerAccount
from bootcheck.applied import ask_for_update

from bootcheck.ending import Ended, NotApplicable
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.server import REGISTER_REFUSED
from bootcheck.session import BootstrapSession, Finished, accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

BOOTSTRAP_ON_FAILURE = "16"  # /1/x/16
SHORT_S = 8  # a lifetime that a test can outlast
_SHOWN = 6  # events that a check repeats as evidence


async def write_second_account(
    bench: "Bench", session: BootstrapSession, account: ServerAccount
) -> None:
    """Write a further LwM2M Server's account. A client that has no room for it refuses it."""
    for answer in (await session.put_security(account), await session.put_server(account)):
        if not accepted(answer):
            code = answer.get("code") if answer is not None else None
            raise NotApplicable(
                f"the client answers {code or 'nothing'} to the Write of a second LwM2M Server's "
                "account: it takes one only"
            )


async def expect_registrations(
    bench: "Bench", row: Requirement, servers: Sequence["LwM2MServer"], after_seq: int
) -> None:
    """Each of these servers gets a Register, or an Update of one that it has."""

    def is_known(event: Event, dm: "LwM2MServer") -> bool:
        return event.get("server") == dm.name and event.name in ("registered", "updated")

    bound = bench.profile.timings.reaction_s
    for dm in servers:
        match = partial(is_known, dm=dm)
        event = await bench.wait_for(match, after_seq=after_seq, within_s=bound)
        bench.check(
            f"registered-at-{dm.name}",
            row,
            event is not None,
            "the client is registered at every server that it has the account of",
            expected=f"a Register at {dm.uri}",
            observed=event.name if event else f"none within {bound:g} s (timings.reaction_s)",
            evidence=(describe(event, event.t),) if event else (),
        )


def is_refused(dm: "LwM2MServer", event: Event) -> bool:
    """A Register of the client was refused."""
    return bool(
        event.name == "response_sent"
        and event.get("server") == dm.name
        and event.get("code") == REGISTER_REFUSED
    )


async def expect_bootstrap_after_failure(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    *,
    after_seq: int,
    since_us: int,
    seconds: float,
    gives_up: bool,
    what: str,
) -> BootstrapSession:
    """No registration has come about: the client asks for a bootstrap; its session.

    `gives_up`: the profile says that the client gives a registration up within `seconds`. Without
    that it is left to it how often it tries.
    """
    event = await bench.wait_for(
        bs.is_bootstrap_request, after_seq=after_seq, until_us=since_us + int(seconds * 1e6)
    )
    passed: Optional[bool] = True if event else False if gives_up else None
    bench.check(
        "bootstraps",
        row,
        passed,
        f"the client asks for a bootstrap: {what}",
        expected=f"a Bootstrap-Request at {bs.uri}",
        observed="it came" if event else f"none within {seconds:g} s",
        evidence=(describe(event, since_us),) if event else (),
    )
    if event is None:
        raise Ended()
    bench.contacted = True
    return bs.session(event)


async def expect_refusal(
    bench: "Bench", row: Requirement, dm: "LwM2MServer", after_seq: int
) -> Event:
    """A Register came, and was refused; without one nothing can be told of what that brings."""
    bound = bench.profile.timings.reaction_s
    event = await bench.wait_for(lambda e: is_refused(dm, e), after_seq=after_seq, within_s=bound)
    if event is None:
        bench.check(
            "refused",
            row,
            None,
            "a Register is refused",
            expected=f"a Register at {dm.uri}",
            observed=f"none within {bound:g} s (timings.reaction_s)",
        )
        raise Ended()
    return event


async def write_no_bootstrap_on_failure(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """From 1.1 on /1/x/16 says what a failed registration leads to: here to no bootstrap.

    A client that is held to 1.0 may have it all the same.
    """
    answer = await session.put_resource(1, dm.number, BOOTSTRAP_ON_FAILURE, False)
    code = answer.get("code") if answer is not None else None
    if code == "2.04":
        return
    told = f"the client answers {code or 'nothing'} to a Write of /1/x/16"
    if bench.variant.edition != "1.0":
        raise NotApplicable(f"{told}: it does not support this optional resource")
    bench.fact(told)


async def expect_no_bootstrap_while_one_registers(
    bench: "Bench",
    row: Requirement,
    bs: "BootstrapServer",
    refusing: "LwM2MServer",
    accepting: "LwM2MServer",
    after_seq: int,
) -> BootstrapSession:
    """One server refuses and the other accepts: no bootstrap. Then both refuse, and it comes.

    The account of the accepting one has a lifetime of SHORT_S. Gives the session of that bootstrap:
    without it the silence before shows nothing.
    """
    refused = await expect_refusal(bench, row, refusing, after_seq)
    control = await bench.control()
    seconds, origin = bench.window(control)
    contact = await bench.wait_for(
        bs.is_contact, after_seq=after_seq, until_us=refused.t + int(seconds * 1e6)
    )

    def judge(passed: Optional[bool], observed: str) -> None:
        bench.check(
            "no-bootstrap",
            row,
            passed,
            "no bootstrap is asked for while one server has the client registered",
            expected=f"no contact with {bs.uri}",
            observed=observed,
            evidence=(describe(contact, refused.t),) if contact else (),
            window={"from_us": refused.t, "seconds": seconds, "origin": origin},
        )

    if contact is not None:
        judge(False, "a contact")
        raise Ended()
    seq = await accepting.refuse_registration()
    told = await ask_for_update(bench, accepting)
    bound = bench.profile.timings.reaction_s + SHORT_S
    request = await bench.wait_for(bs.is_bootstrap_request, after_seq=seq, within_s=bound)
    if request is None:
        judge(None, f"none; but none either within {bound:g} s once both refused ({told})")
        raise Ended()
    judge(True, f"none within {seconds:g} s; one came once both refused ({told})")
    return bs.session(request)


async def expect_update(
    bench: "Bench", row: Requirement, dm: "LwM2MServer", registered: Event, lifetime: int
) -> float:
    """Seconds from the registration to the first Update that the client sends by itself."""
    event = await bench.wait_for(
        lambda e: e.get("server") == dm.name and e.name in ("updated", "registered"),
        after_seq=registered.seq,
        until_us=registered.t + int((lifetime + bench.profile.coap.loss_s) * 1e6),
    )
    if event is None:
        bench.check(
            "updates",
            row,
            None,
            "the client keeps up its registration by itself",
            expected=f"an Update within its lifetime of {lifetime} s",
            observed="none: whether one is missing later cannot be told",
        )
        raise Ended()
    return (event.t - registered.t) / 1e6


async def expect_old_server_left_alone(
    bench: "Bench",
    row: Requirement,
    old: "LwM2MServer",
    new: "LwM2MServer",
    *,
    finished: Finished,
    interval_s: float,
) -> None:
    """After the Finish the server whose account was deleted gets no request but De-register.

    `interval_s`: when the client updated that registration before. The other server has the same
    lifetime: its Update shows that the client still sends them.
    """
    loss_s = bench.profile.coap.loss_s
    seconds = 2 * interval_s + loss_s
    seq = bench.peer.last_seq
    await bench.until(finished.latest_us + int(seconds * 1e6))
    heard = [
        event
        for event in bench.peer.events
        if event.get("server") == old.name
        and event.t > finished.latest_us
        and event.name == "request_received"
        and event.get("operation") != "deregister"
    ]
    alive = bench.peer.first(new.is_update, seq)
    bench.check(
        "old-server-left-alone",
        row,
        not heard if heard or alive else None,
        "a server whose account was deleted hears of the client no more",
        expected=f"nothing but a De-register at {old.uri}",
        observed=f"{len(heard)} messages"
        if heard
        else "nothing, while the other server got an Update"
        if alive
        else "nothing, but no Update came to the other server either",
        evidence=tuple(describe(event, finished.latest_us) for event in heard[:_SHOWN]),
        window={
            "from_us": finished.latest_us,
            "seconds": round(seconds, 3),
            "origin": f"twice the {interval_s:.3f} s after which an Update came before, "
            f"and {loss_s:g} s for a retransmission (RFC 7252 4.8)",
        },
    )


async def delete_account(
    bench: "Bench", row: Requirement, session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """Delete both instances of an LwM2M Server's account; Ended when the client refuses."""
    instance = await session.server_instance(dm.account())
    for path in (("1", str(dm.number)), ("0", str(instance))):
        answer = await session.send("DELETE", path)
        code = answer.get("code") if answer is not None else None
        if code == "2.02":
            continue
        bench.check(
            "deleted",
            row,
            None,
            "the account of the LwM2M Server is deleted",
            expected="2.02",
            observed=f"DELETE /{'/'.join(path)} was answered {code or 'by nothing'}",
        )
        raise Ended()


async def expect_register_after_refused_update(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer"
) -> None:
    """An Update is answered 4.04: the client registers anew, and does not bootstrap."""
    seq = bench.peer.last_seq  # a client may send an Update by itself, as soon as it is registered
    await dm.arm("update", {"action": "respond", "code": "4.04", "times": 1})
    told = await ask_for_update(bench, dm)
    bound = bench.profile.timings.reaction_s
    event = await bench.wait_for(
        lambda e: dm.is_registration(e) or bs.is_contact(e), after_seq=seq, within_s=bound
    )
    refused = bench.peer.first(lambda e: e.name == "response_sent" and e.get("code") == "4.04", seq)
    passed: Optional[bool] = event is not None and dm.is_registration(event)
    if event is None or refused is None:
        passed = None
    bench.check(
        "registers-anew",
        row,
        passed,
        "an Update that was refused is followed by a Register, not by a bootstrap",
        expected=f"a Register at {dm.uri}",
        observed="it came"
        if event is not None and dm.is_registration(event)
        else f"a contact with {bs.uri}"
        if event
        else f"nothing within {bound:g} s ({told})",
        evidence=(describe(event, event.t),) if event else (),
    )
