# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write in its less common forms, and what the scenarios of it share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional, Sequence

from bootcheck.account import ServerAccount
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, tlv_content
from bootcheck.subjects.untouched import server_resources

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

UNKNOWN_RESOURCE = "4242"  # in no version of /0 and /1 (registry)
UNKNOWN_FORMAT = 65000  # RFC 7252 12.3: from 65000 on for experiments, so no client has it
TLV_FORMAT = 11542
# an 8-bit resource 0 that says it has 32 bytes, and has two
TRUNCATED_TLV = bytes.fromhex("c80020 3031").hex()


async def write_objects(
    bench: "Bench", session: BootstrapSession, accounts: Sequence[ServerAccount]
) -> None:
    """Write all these accounts by one Write of /0 and one of /1. Both are tried."""
    security = [
        {"id": await session.server_instance(account), "resources": account.security_resources()}
        for account in accounts
    ]
    server = [
        {"id": account.number, "resources": account.server_resources()} for account in accounts
    ]
    passed = True
    for obj, instances in ((0, security), (1, server)):
        content = {"tlv": {"object": obj, "level": "object", "instances": instances}}
        passed &= bench.check_answer(
            f"write-object-{obj}-answered",
            bench.row("WRI-02"),
            f"the Write of /{obj} with {len(instances)} of its instances is accepted",
            await session.send("PUT", (str(obj),), content=content),
            "2.04",
        )
    if not passed:
        raise Ended()


async def write_by_resource(
    bench: "Bench", session: BootstrapSession, account: ServerAccount
) -> None:
    """Write an account that is not there yet, one resource after the other. All are tried."""
    passed = True
    if bench.variant.edition in (
        "CR",
        "1.0",
    ):  # they have no /1/x/17, 18 and 20 to be written alone
        account = replace(account, gives_up_soon=False)
    instances = {0: await session.server_instance(account), 1: account.number}
    resources = {0: account.security_resources(), 1: account.server_resources()}
    for obj, instance in instances.items():
        for resource, value in resources[obj].items():
            passed &= bench.check_answer(
                f"write-{obj}-{resource}-answered",
                bench.row("WRI-02"),
                f"the Write of /{obj}/x/{resource} is accepted",
                await session.put_resource(obj, instance, resource, value),
                "2.04",
            )
    if not passed:
        raise Ended()


async def write_crosswise(
    bench: "Bench", session: BootstrapSession, accounts: Sequence[ServerAccount]
) -> None:
    """Write accounts so that their Server instances are numbered the other way round."""
    numbers = reversed([account.number for account in accounts])
    for account, number in zip(accounts, numbers):
        session.expect_written(
            "write-0-answered",
            "the LwM2M Server's Security instance",
            await session.put_security(account),
        )
        content = tlv_content(1, number, account.server_resources())
        session.expect_written(
            "write-1-answered",
            f"its Server instance to /1/{number}",
            await session.send("PUT", ("1", str(number)), content=content),
        )


async def write_with(
    bench: "Bench",
    session: BootstrapSession,
    account: ServerAccount,
    row: Requirement,
    more: dict[str, Any],
) -> None:
    """Write an account with more resources in both of its instances."""
    targets = {
        0: (await session.server_instance(account), account.security_resources()),
        1: (account.number, account.server_resources()),
    }
    for obj, (instance, resources) in targets.items():
        content = tlv_content(obj, instance, resources | more)
        bench.expect_answer(
            f"write-{obj}-answered",
            row,
            f"the Write of /{obj}/{instance} with resource {', '.join(more)} is accepted",
            await session.send("PUT", (str(obj), str(instance)), content=content),
            "2.04",
        )


async def rewrite_security(
    bench: "Bench", session: BootstrapSession, account: ServerAccount
) -> None:
    """Write a Security instance again that was written in this session."""
    bench.expect_answer(
        "rewrite-answered",
        bench.row("WRI-03"),
        "a further Write of the same instance is accepted",
        await session.put_security(account),
        "2.04",
    )


async def expect_registration_at_last(
    bench: "Bench", last: "LwM2MServer", first: "LwM2MServer", after_seq: int
) -> None:
    """The client registers to the server that was written last, and turns to no earlier one."""
    bound = bench.profile.timings.reaction_s
    event = await bench.wait_for(
        lambda event: last.is_registration(event) or first.is_contact(event),
        after_seq=after_seq,
        within_s=bound,
    )
    observed = f"nothing within {bound:g} s (timings.reaction_s)"
    if event is not None:
        observed = "it came" if last.is_registration(event) else "a contact with the first server"
    passed = bench.check(
        "last-value-used",
        bench.row("WRI-03"),
        event is not None and last.is_registration(event),
        "of two Writes of a Security instance the last one counts",
        expected=f"a Register at {last.uri}",
        observed=observed,
        evidence=(describe(event, bench.peer.events[0].t),) if event else (),
    )
    if not passed:
        raise Ended()


async def expect_not_bootstrapped(
    bench: "Bench",
    dm: "LwM2MServer",
    name: str,
    method: str,
    path: Sequence[str],
    content: Optional[dict[str, Any]] = None,
) -> None:
    """An operation of bootstrap that an LwM2M Server asks for is not done: an error, or silence."""
    within_s = bench.profile.timings.answer_s
    more = {} if content is None else {"content": content}
    answer = await dm.send(method, path, within_s, **more)
    observed = f"no answer within {within_s:g} s"
    if answer is not None:
        observed = str(answer.get("code") or f"no answer: {answer['reason']}")
    bench.check(
        f"{name}-refused",
        bench.row("WRI-10"),
        not observed.startswith("2."),
        f"{method} /{'/'.join(path)} of an LwM2M Server is not accepted",
        expected="an error, or no answer",
        observed=observed,
    )


async def expect_still_served(bench: "Bench", dm: "LwM2MServer") -> None:
    """The LwM2M Server's account is there as before; Ended when it is not."""
    path = ("1", str(dm.number), "1")
    answer = await dm.read(path, bench.profile.timings.answer_s)
    code = answer.get("code") if answer is not None else None
    served = bench.check(
        "still-served",
        bench.row("WRI-10"),
        code == "2.05" if code is not None else None,
        "the LwM2M Server goes on being served",
        expected=f"2.05 to a Read of /{'/'.join(path)}",
        observed=str(code or "no answer"),
    )
    if not served:
        raise Ended()


async def expect_own_lifetime(
    bench: "Bench", dm: "LwM2MServer", account: ServerAccount, after_seq: int
) -> None:
    """The Register to a server has the lifetime of the Server instance of the same account."""
    registered = await dm.expect_registration(after_seq=after_seq, rows=("ACC-04",))
    bench.check(
        "own-lifetime",
        bench.row("ACC-04"),
        registered.get("lifetime") == account.lifetime,
        "Security and Server instance belong together by their Short Server ID",
        expected=f"{account.lifetime} at {dm.uri}",
        observed=f"{registered.get('lifetime', 'no lifetime')}",
        evidence=(describe(registered, bench.peer.events[0].t),),
    )


def expect_instance_number(
    bench: "Bench", dm: "LwM2MServer", registered: Event, row: Requirement
) -> None:
    """The object list of a Register has the Server instance where it was written."""
    wanted, objects = f"/1/{dm.number}", [str(path) for path in registered.get("objects") or ()]
    bench.check(
        "instance-number-kept",
        row,
        wanted in objects,
        "the Server instance has the number that the Bootstrap-Server gave it",
        expected=f"{wanted} in the object list of the Register",
        observed=" ".join(objects) or "an empty object list",
    )


async def write_short_server_id(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> int:
    """Write another Short Server ID to both instances of an account; it. Both are tried."""
    instance = await session.server_instance(dm.account())
    other = dm.short_server_id + 50
    passed = True
    for obj, place, resource in ((0, instance, "10"), (1, dm.number, "0")):
        passed &= bench.check_answer(
            f"write-{obj}-{resource}-answered",
            bench.row("WRI-01"),
            f"the Write of /{obj}/x/{resource}, which no server may write, is accepted",
            await session.put_resource(obj, place, resource, other),
            "2.04",
        )
    if not passed:
        raise Ended()
    return other


async def expect_short_server_id_written(
    bench: "Bench", dm: "LwM2MServer", short_server_id: int
) -> None:
    """The LwM2M Server reads the Short Server ID that was written last."""
    found = await server_resources(bench, dm)
    value = (found or {}).get("0")
    bench.check(
        "short-server-id-written",
        bench.row("WRI-01"),
        value == short_server_id if value is not None else None,
        "a Write of a resource that no server may write takes effect",
        expected=f"/1/{dm.number}/0 = {short_server_id}",
        observed=str(value) if value is not None else "it is not read as TLV",
    )
