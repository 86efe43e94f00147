# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Read: what can be read in a session, and what cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence

from bootcheck.account import ServerAccount
from bootcheck.peer import Event
from bootcheck.session import LINK_FORMAT, BootstrapSession
from bootcheck.subjects.access_rule import AccessRule, rule_of
from bootcheck.subjects.bootstrap_write import TLV_FORMAT

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.requirement import Requirement
    from bootcheck.server import LwM2MServer

_COMPARED = ("0", "1", "6", "7")  # of /1: written in every account, and readable in every version


async def read(session: BootstrapSession, path: Sequence[str]) -> Optional[Event]:
    """The outcome of a Read in TLV, or in the client's own format where it has no TLV."""
    answer = await session.send("GET", path, accept=TLV_FORMAT)
    if answer is not None and answer.get("code") == "4.06":
        return await session.send("GET", path)
    return answer


def code_of(answer: Optional[Event]) -> str:
    """How a command was answered, for reports."""
    if answer is None:
        return "by nothing"
    return str(answer.get("code") or f"by nothing: {answer['reason']}")


async def expect_server_object_read(
    bench: "Bench", session: BootstrapSession, account: ServerAccount
) -> None:
    """/1 and its instance are read, as they were written.

    A client that refuses both follows a table of another document: a breach, but no certain one.
    """
    row = replace(bench.row("RDR-01"), verified="I")
    for name, path in (("object", ("1",)), ("instance", ("1", str(account.number)))):
        answer = await read(session, path)
        taken = bench.check_answer(
            f"server-{name}-read", row, f"/{'/'.join(path)} is read", answer, "2.05"
        )
        if taken and answer is not None:
            _expect_as_written(bench, name, answer, account)


def _expect_as_written(bench: "Bench", name: str, answer: Event, account: ServerAccount) -> None:
    items = (answer.get("decoded") or {}).get("tlv")
    if items is None:
        bench.fact(f"what Bootstrap-Read of the {name} gave is not TLV: it was not compared")
        return
    found = _resources(items, account.number)
    wanted = {key: account.server_resources()[key] for key in _COMPARED}
    differ = {key: found.get(key) for key in _COMPARED if found.get(key) != wanted[key]}
    bench.check(
        f"{name}-as-written",
        bench.row("RDR-01"),
        not differ,
        "Bootstrap-Read gives what was written",
        expected=f"{wanted}",
        observed=f"other: {differ}" if differ else "so it is",
    )


async def expect_access_control_read(
    bench: "Bench", session: BootstrapSession, rule: AccessRule
) -> None:
    """/2 and its instance are read, as they were written. Those that have /2 have both readings."""
    row = bench.row("RDR-01")
    for name, path in (("object", ("2",)), ("instance", ("2", str(rule.number)))):
        answer = await read(session, path)
        taken = bench.check_answer(
            f"access-{name}-read", row, f"/{'/'.join(path)} is read", answer, "2.05"
        )
        items = (answer.get("decoded") or {}).get("tlv") if taken and answer is not None else None
        if items is None:
            continue
        found = rule_of(items, rule.number)
        bench.check(
            f"access-{name}-as-written",
            row,
            found == rule,
            "Bootstrap-Read gives what was written",
            expected=f"{rule}",
            observed="so it is" if found == rule else f"{found}",
        )


def _resources(items: Sequence[Mapping[str, Any]], instance: int) -> dict[str, Any]:
    """The single resources of an instance; it may stand in an Object Instance TLV."""
    for item in items:
        if item["kind"] == "object_instance":
            if item["id"] == instance:
                items = item["children"]
                break
    return {str(item["id"]): item.get("value") for item in items}


async def expect_nothing_else_read(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """Device, Security and a single resource are not read."""
    row = bench.row("RDR-01")
    await _expect_refused(bench, session, row, "device-refused", [("3",), ("3", "0")])
    account = str(await session.account_instance())
    await _expect_refused(bench, session, row, "security-refused", [("0",), ("0", account)])
    resources = [("1", str(dm.number), "1")]
    single = replace(row, verified="I")  # no text speaks of it
    await _expect_refused(bench, session, single, "resource-refused", resources)


async def _expect_refused(
    bench: "Bench",
    session: BootstrapSession,
    row: "Requirement",
    name: str,
    paths: Sequence[Sequence[str]],
) -> None:
    answers = {f"/{'/'.join(path)}": await read(session, path) for path in paths}
    bench.check(
        name,
        row,
        not any(_is_read(answer) for answer in answers.values()),
        f"{' and '.join(answers)} cannot be read",
        expected="an error",
        observed=", ".join(f"{path}: {code_of(answer)}" for path, answer in answers.items()),
    )


def _is_read(answer: Optional[Event]) -> bool:
    """It was read; a list of what there is, is a Discover."""
    return (
        answer is not None
        and str(answer.get("code", "")).startswith("2.")
        and answer.get("content_format") != LINK_FORMAT
    )


async def expect_keys_unread(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> None:
    """No Read of a Security instance, or of its key, gives a key: the account's or a server's."""
    instances = (await session.account_instance(), await session.server_instance(dm.account()))
    paths: list[tuple[str, ...]] = [("0",)]
    for instance in instances:
        paths += [("0", str(instance)), ("0", str(instance), "5")]
    given = []
    for path in paths:
        answer = await read(session, path)
        if _has_key(answer) or (len(path) == 3 and _is_read(answer)):
            given.append(f"/{'/'.join(path)}")
    bench.check(
        "keys-unread",
        bench.row("RDR-02"),
        not given,
        "no key can be read by the Bootstrap-Server",
        expected="no key in an answer",
        observed=f"a key in the answer to {', '.join(given)}" if given else "none",
    )


def _has_key(answer: Optional[Event]) -> bool:
    """The peer shows each known key by a fingerprint (docs/peer-protocol.md)."""
    return answer is not None and '"redacted"' in json.dumps(dict(answer.data))
