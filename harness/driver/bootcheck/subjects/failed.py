# SPDX-License-Identifier: Apache-2.0
"""Sessions that fail, and what they must leave: the account as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.account import ServerAccount
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession
from bootcheck.subjects.replacement import Replacement
from bootcheck.usable import stimulate

if TYPE_CHECKING:
    from bootcheck.bench import Bench

_SHOWN = 6  # events that a check repeats as evidence


async def refused_finish(bench: "Bench", session: BootstrapSession) -> Event:
    """FIN-02: the Finish of an inconsistent configuration is refused; Ended when it is not."""
    answer = await session.send("POST", ("bs",))
    code = answer.get("code") if answer is not None else None
    bench.check(
        "inconsistency-refused",
        bench.row("FIN-02"),
        code == "4.06",
        "a Finish that leaves a Server instance without an account is refused",
        expected="4.06",
        observed=code or "no answer",
    )
    if answer is None or code is None or code.startswith("2."):
        raise Ended()
    return answer


async def write_inconsistent(
    bench: "Bench",
    session: BootstrapSession,
    account: ServerAccount,
    instance: Optional[int] = None,
    *,
    beside: bool = False,
) -> None:
    """Leave a Server instance that is no account: with a lifetime and nothing else.

    A client may refuse that at once. Then it is one whose Short Server ID no Security instance has.
    `beside` the account of another LwM2M Server, for which a client may have no room.
    """
    place = account.number if instance is None else instance
    answer = await session.put_resource(1, place, "1", account.lifetime)
    code = answer.get("code") if answer is not None else None
    if code == "2.04":
        return
    bench.fact(f"a lifetime alone for a new Server instance was answered {code or 'by nothing'}")
    answer = await session.put_server(account)
    expect = session.expect_written_beside if beside else session.expect_written
    expect("write-1-answered", "a Server instance by itself", answer)


async def correct(bench: "Bench", session: BootstrapSession, account: ServerAccount) -> None:
    """FIN-07: after a refused Finish what was missing is taken."""
    for answer in (await session.put_security(account), await session.put_server(account)):
        bench.expect_answer(
            "correction-answered",
            bench.row("FIN-07"),
            "after the refused Finish a Write in the same session is accepted",
            answer,
            "2.04",
        )


async def expect_original_after_power_cut(
    bench: "Bench", row: Requirement, servers: Replacement
) -> BootstrapSession:
    """The session is cut off: after the start the next bootstrap is one with the original account.

    Gives its session. Raises Ended when the original is not used.
    """
    seq = await bench.power_cut_client()
    bound = bench.profile.timings.start_s
    event = await _first_sign(bench, servers, seq, bench.now() + int(bound * 1e6))
    what = f"within {bound:g} s of the start (timings.start_s)"
    return await _judge(bench, row, servers, seq, event, what)


async def expect_original_after_session_limit(
    bench: "Bench", row: Requirement, servers: Replacement, last_us: int
) -> BootstrapSession:
    """The client's own limit ends the session: its next bootstrap uses the original account.

    `last_us`: when the last command was answered.
    """
    timings = bench.profile.timings
    seq = bench.peer.last_seq
    bound = timings.session_limit_s + timings.retry_s
    event = await _first_sign(bench, servers, seq, last_us + int(bound * 1e6))
    what = f"within {bound:g} s (timings.session_limit_s + timings.retry_s)"
    return await _judge_patiently(bench, row, servers, seq, event, what)


async def expect_original_after_refusals(
    bench: "Bench", row: Requirement, servers: Replacement, *, seconds: int
) -> BootstrapSession:
    """The client's limit ends the session; attempts are refused until `seconds` after the first."""
    old, timings, began = servers.old, bench.profile.timings, bench.peer.last_seq
    await old.refuse_requests()
    bound = timings.session_limit_s + timings.retry_s
    event = await _first_sign(bench, servers, began, bench.now() + int(bound * 1e6))
    what = f"within {bound:g} s (timings.session_limit_s + timings.retry_s)"
    bench.fact("the session that got no Finish ended " + what if event else f"no attempt {what}")
    since = event.t if event is not None else bench.now()
    await bench.until(since + seconds * 1_000_000 + bench.grace_us)
    await old.accept_requests()
    if event is None:
        return await _judge_patiently(bench, row, servers, began, event, what)
    if servers.dm.is_registration(event):
        return await _judge(bench, row, servers, began, event, what)
    seq = bench.peer.last_seq
    event = await _first_sign(bench, servers, seq, bench.now() + int(timings.retry_s * 1e6))
    what = f"within {timings.retry_s:g} s after refusals (timings.retry_s)"
    return await _judge_patiently(bench, row, servers, seq, event, what)


async def _judge_patiently(
    bench: "Bench",
    row: Requirement,
    servers: Replacement,
    seq: int,
    event: Optional[Event],
    what: str,
) -> BootstrapSession:
    """Judge the first sign after `seq`; a restart asks a client that gave none once more."""
    if event is not None:
        return await _judge(bench, row, servers, seq, event, what)
    if bench.profile.keeps_state is not True:
        bench.check(
            "original-used",
            row,
            None,
            "the next bootstrap is one with the original account",
            expected=f"a Bootstrap-Request at {servers.old.uri}",
            observed=f"no attempt {what}; when a client tries again is left to it",
        )
        raise Ended()
    bound = bench.profile.timings.start_s
    seq = await bench.restart_client()
    event = await _first_sign(bench, servers, seq, bench.now() + int(bound * 1e6))
    what = f"{what}, nor within {bound:g} s of a restart (timings.start_s)"
    return await _judge(bench, row, servers, seq, event, what)


async def _first_sign(
    bench: "Bench", servers: Replacement, seq: int, until_us: int
) -> Optional[Event]:
    """A Bootstrap-Request at the original, a contact with the new server, or a Register."""
    old, new, dm = servers.old, servers.new, servers.dm
    return await bench.wait_for(
        lambda e: old.is_bootstrap_request(e) or new.is_contact(e) or dm.is_registration(e),
        after_seq=seq,
        until_us=until_us,
    )


async def _judge(
    bench: "Bench",
    row: Requirement,
    servers: Replacement,
    seq: int,
    event: Optional[Event],
    what: str,
) -> BootstrapSession:
    if event is not None and servers.dm.is_registration(event):
        # the accounts of LwM2M Servers need not be rolled back (FIN-08): a stimulus asks
        request = await stimulate(bench, row, servers.old, servers.dm, "original-used")
        return servers.old.session(request)
    passed = event is not None and servers.old.is_bootstrap_request(event)
    origin = bench.peer.events[seq - 1].t
    seen = [e for e in bench.peer.events[seq:] if bench.at_bootstrap_server(e)]
    bench.check(
        "original-used",
        row,
        passed,
        "the next bootstrap is one with the original account",
        expected=f"a Bootstrap-Request at {servers.old.uri}",
        observed=_told(servers, event, what),
        evidence=tuple(describe(e, origin) for e in seen[:_SHOWN]),
    )
    if event is None or not passed:
        raise Ended()
    return servers.old.session(event)


def _told(servers: Replacement, event: Optional[Event], what: str) -> str:
    if event is None:
        return f"nothing {what}"
    return "it came" if servers.old.is_bootstrap_request(event) else "a contact with the new server"


def expect_new_unused(
    bench: "Bench",
    row: Requirement,
    servers: Replacement,
    seq: int,
    meanwhile: str = "the original was used",
) -> None:
    """Since then the server of the account that was not taken saw nothing."""
    contacts = [e for e in bench.peer.events[seq:] if servers.new.is_contact(e)]
    origin = bench.peer.events[seq - 1].t
    bench.check(
        "new-unused",
        row,
        not contacts,
        "the server of the account that was not taken is not contacted",
        expected=f"no contact with {servers.new.uri}",
        observed=f"{len(contacts)} contacts" if contacts else f"none, while {meanwhile}",
        evidence=tuple(describe(event, origin) for event in contacts[:_SHOWN]),
    )
