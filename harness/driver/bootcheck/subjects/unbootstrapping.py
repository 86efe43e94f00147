# SPDX-License-Identifier: Apache-2.0
"""Un-bootstrapping: what goes with the Security instance of an LwM2M Server (TS 1.0 E.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession
from bootcheck.subjects.access_rule import AccessRule, rule_of
from bootcheck.subjects.bootstrap_read import code_of
from bootcheck.subjects.bootstrap_write import TLV_FORMAT
from bootcheck.subjects.discovery import instances

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


async def expect_rights_handed_over(
    bench: "Bench", row: Requirement, reader: "LwM2MServer", rule: AccessRule, heir: "LwM2MServer"
) -> None:
    """Of a rule of several servers the deleted one has no entry; what it owned is the heir's."""
    gone = rule.owner
    answer = await reader.read(("2", str(rule.number)), bench.profile.timings.answer_s, TLV_FORMAT)
    items = (answer.get("decoded") or {}).get("tlv") if answer is not None else None
    found = rule_of(items, rule.number) if items is not None else None
    unread = f"a Read of /2/{rule.number} is answered {code_of(answer)}: its content is not known"
    bench.check(
        "entry-gone",
        row,
        gone not in found.rights if found is not None else None,
        "a server whose account was deleted has no access right any more",
        expected=f"no entry of {gone} in /2/{rule.number}/2",
        observed=f"entries {dict(found.rights)}" if found is not None else unread,
    )
    bench.check(
        "owner-handed-over",
        row,
        found.owner == heir.short_server_id if found is not None else None,
        "what it owned is owned by the server that has most of the rights to write and delete",
        expected=f"owner {heir.short_server_id}",
        observed=f"owner {found.owner}" if found is not None else unread,
    )


async def expect_rights_gone(
    bench: "Bench", row: Requirement, reader: "LwM2MServer", rule: AccessRule
) -> None:
    """A rule of the deleted server alone is gone."""
    answer = await reader.read(("2", str(rule.number)), bench.profile.timings.answer_s, TLV_FORMAT)
    code = str(answer.get("code")) if answer is not None else ""
    bench.check(
        "own-rights-gone",
        row,
        {"2.05": False, "4.04": True}.get(code),
        "rights that only the deleted server had are gone",
        expected=f"4.04 to a Read of /2/{rule.number}",
        observed=code_of(answer),
    )
