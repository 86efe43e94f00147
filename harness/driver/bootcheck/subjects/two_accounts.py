# SPDX-License-Identifier: Apache-2.0
"""A second Bootstrap-Server Account beside the original, which the published editions forbid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.ending import Ended
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, accepted
from bootcheck.stimulus import apply
from bootcheck.subjects.failed import (
    expect_new_unused,
    expect_original_after_power_cut,
    expect_original_after_session_limit,
)
from bootcheck.subjects.replacement import Replacement
from bootcheck.usable import next_session

if TYPE_CHECKING:
    from bootcheck.bench import Bench

_WHAT = "a second account beside the original is refused"
_WANTED = "4.xx to its Write, or 4.06 to the Finish"


async def expect_second_account_refused(
    bench: "Bench", servers: Replacement, *, patient: bool = False
) -> None:
    """Write a second account and finish: it is refused, and then the original is used alone.

    A refused Finish leaves a session to be ended: by a power cut, or by the client's own limit
    when `patient`.
    """
    session = await servers.first_session()
    await session.write(servers.dm.account())
    instance = await session.account_instance() + 5
    written = await session.put_account(servers.new.account(), instance)
    seq = bench.peer.last_seq
    answer = await session.send("POST", ("bs",))
    if accepted(answer):
        await servers.dm.expect_registration(after_seq=seq)
        if accepted(written):
            return await _judge_accepted(bench, servers)
    observed = f"the Write was answered {_code(written)}, the Finish {_code(answer)}"
    refused = _code(written)[0] in "45" or _code(answer) == "4.06"
    bench.check("refused", bench.row("CLN-09"), refused, _WHAT, expected=_WANTED, observed=observed)
    row = bench.row("CLN-08")
    if answer is None:
        raise Ended()
    if accepted(answer):
        session = await next_session(bench, row, servers.old, servers.dm)
    elif patient:
        session = await expect_original_after_session_limit(bench, row, servers, answer.t)
    elif bench.profile.survives_power_cut:
        session = await expect_original_after_power_cut(bench, row, servers)
    else:
        bench.fact("the session that failed was not waited for: a slow scenario does (-m slow)")
        return None
    await _expect_original_alone(bench, servers, session, seq)


async def _expect_original_alone(
    bench: "Bench", servers: Replacement, session: BootstrapSession, seq: int
) -> None:
    instances = await session.account_instances()
    if instances is None:
        bench.fact("the client does not answer Discover: the number of its accounts was not seen")
    elif not bench.check(
        "one-account",
        bench.row("SEQ-12"),
        len(instances) == 1,
        "the next session finds one account",
        expected="one instance of /0 without a Short Server ID",
        observed=f"instances {instances}",
    ):
        raise Ended()  # with two, the Finish of this session shows nothing more
    await session.provision(servers.dm)
    expect_new_unused(bench, bench.row("CLN-08"), servers, seq)


async def _judge_accepted(bench: "Bench", servers: Replacement) -> None:
    """Both were accepted: lawful only where the second has taken the place of the original."""
    old, new, row = servers.old, servers.new, bench.row("CLN-09")
    request, seq = await _next_request(bench, servers)
    if request is not None:
        await bench.wait_for(
            (new if old.is_contact(request) else old).is_contact,
            after_seq=seq,
            within_s=bench.profile.coap.loss_s,
        )
    contacted = [s.name for s in (old, new) if bench.peer.first(s.is_contact, seq) is not None]
    instances = None
    if request is not None and len(contacted) == 1:
        server = old if old.is_bootstrap_request(request) else new
        instances = await server.session(request).account_instances()
    told = f"contacted next: {', '.join(contacted) or 'none'}; accounts by Discover: {instances}"
    bench.check(
        "refused",
        row,
        has_replaced(contacted, new.name, instances),
        _WHAT,
        expected=f"{_WANTED}, or the new account alone after it",
        observed=f"both were accepted; {told}",
    )


def has_replaced(
    contacted: Sequence[str], new: str, instances: Optional[Sequence[int]]
) -> Optional[bool]:
    """Whether an accepted account is the only one now; None: it cannot be told."""
    if not contacted:
        return None
    if list(contacted) != [new]:
        return False  # the original is in use: the other is beside it, or its 2.04 was not true
    return None if instances is None else len(instances) == 1


async def _next_request(bench: "Bench", servers: Replacement) -> tuple[Optional[Event], int]:
    """The first Bootstrap-Request that a stimulus brings, at either server."""
    old, new, seq = servers.old, servers.new, bench.peer.last_seq
    for name in bench.stimuli():
        seq = bench.peer.last_seq
        applied = await apply(name, bench, servers.dm)
        request = None
        if applied.effective:
            request = await bench.wait_for(
                lambda e: old.is_bootstrap_request(e) or new.is_bootstrap_request(e),
                after_seq=seq,
                within_s=bench.profile.timings.reaction_s,
            )
        await servers.dm.accept_registration()
        if request is not None:
            return request, seq
    return None, seq


def _code(answer: Optional[Event]) -> str:
    return str(answer.get("code") or answer["reason"]) if answer is not None else "by nothing"
