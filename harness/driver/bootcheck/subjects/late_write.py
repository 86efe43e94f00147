# SPDX-License-Identifier: Apache-2.0
"""Writes after the purge: no account can be added or changed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, tlv_content
from bootcheck.subjects.replacement import Replacement

if TYPE_CHECKING:
    from bootcheck.bench import Bench


async def expect_late_writes_refused(
    bench: "Bench", servers: Replacement, session: BootstrapSession, instance: int
) -> None:
    """The LwM2M Server, then the original Bootstrap-Server, write an account of the new server.

    `session`: the last one with the original, whose account was at /0/`instance`. That session may
    be closed: an error, a reset and silence are as good as each other. What a Write leaves is seen
    by later use. A client may be silent to what comes outside a session: the last Write is
    Non-confirmable, lest a retransmission of it be taken in a session that a later stimulus starts.
    """
    account, association = servers.new.account(), session.association
    within_s, _ = bench.window(await bench.control())
    added = await servers.dm.put_account(account, instance + 5, within_s)
    _judge(bench, "lwm2m-server", f"/0/{instance + 5}", added, within_s)
    changed = await session.server.request(
        "PUT",
        ("0", str(instance)),
        association,
        within_s,
        content=tlv_content(0, instance, account.resources()),
        type="NON",
    )
    _judge(bench, "bootstrap-server", f"/0/{instance}", changed, within_s)


def _judge(
    bench: "Bench", writer: str, path: str, answer: Optional[Event], within_s: float
) -> None:
    if answer is None:
        observed = f"no answer within {within_s:g} s"
    else:
        observed = str(answer.get("code") or f"no answer: {answer['reason']}")
    bench.check(
        f"write-by-{writer}-refused",
        bench.row("CLN-11"),
        not observed.startswith("2."),
        f"after the purge a Write of an account to {path} is not accepted",
        expected="an error, or no answer",
        observed=observed,
    )
