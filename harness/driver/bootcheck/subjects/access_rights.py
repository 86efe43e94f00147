# SPDX-License-Identifier: Apache-2.0
"""Access Control, /2, as a bootstrap writes it, and what servers may do then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Collection, Mapping, Optional, Sequence

from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, tlv_content
from bootcheck.subjects.bootstrap_write import TLV_FORMAT
from bootcheck.subjects.untouched import other_lifetime

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

# rights of an entry of /2/x/2 (registry)
READ, WRITE, EXECUTE, DELETE, CREATE = 1, 2, 4, 8, 16
NO_OWNER = 65535  # /2/x/3: made and changed in a bootstrap only
DEFAULT = 0  # the entry for the servers that have none of their own
LINK_FORMAT = 40
SERVER, ACCESS_CONTROL, DEVICE = 1, 2, 3
_LIFETIME, _UPDATE_TRIGGER = "1", "8"

Rights = Mapping[int, int]  # by Short Server ID


@dataclass
class TwoServers:
    """A client with the accounts of two LwM2M Servers."""

    bench: "Bench"
    bs: "BootstrapServer"
    dm: "LwM2MServer"
    other: "LwM2MServer"

    async def provision(self, rules: Sequence[tuple[int, int, Rights, int]]) -> BootstrapSession:
        """The first session: both accounts, and for each (object, instance, rights, owner) a /2."""
        await self.bench.start_client(account=self.bs.account())
        session = await self.bs.expect_bootstrap_request()
        await session.write(self.dm.account())
        await session.write(self.other.account())
        for number, (obj, instance, rights, owner) in enumerate(rules):
            await write_access(session, number, obj, instance, rights, owner)
        seq = self.bench.peer.last_seq
        await session.finish()
        await self.dm.expect_registration(after_seq=seq)
        await self.other.expect_registration(after_seq=seq)
        return session


async def two_servers(bench: "Bench") -> TwoServers:
    """Open a Bootstrap-Server and two LwM2M Servers."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    return TwoServers(bench, bs, dm, await bench.lwm2m_server("dm2", number=1))


def access_content(
    number: int, obj: int, instance: int, rights: Rights, owner: int
) -> dict[str, Any]:
    """Content of a Write of /2/`number`."""
    entries = {"instances": {str(ssid): right for ssid, right in rights.items()}}
    resources = {"0": obj, "1": instance, "2": entries, "3": owner}
    return tlv_content(ACCESS_CONTROL, number, resources)


async def write_access(
    session: BootstrapSession, number: int, obj: int, instance: int, rights: Rights, owner: int
) -> None:
    """Write /2/`number`: who may do what with this instance of this object."""
    content = access_content(number, obj, instance, rights, owner)
    answer = await session.send("PUT", (str(ACCESS_CONTROL), str(number)), content=content)
    session.expect_written("write-2-answered", "an Access Control instance", answer)


async def expect_code(
    bench: "Bench",
    row: Requirement,
    name: str,
    what: str,
    answer: Optional[Event],
    codes: Collection[str],
) -> None:
    """The answer to an operation of a server has one of these codes. `4.` stands for any error."""
    observed = "no answer"
    if answer is not None:
        observed = str(answer.get("code") or f"no answer: {answer['reason']}")
    known = answer is not None and answer.get("code") is not None
    bench.check(
        name,
        row,
        any(observed.startswith(code) for code in codes) if known else None,
        what,
        expected=" or ".join("an error, 4.xx" if code == "4." else code for code in codes),
        observed=observed,
    )


async def read(bench: "Bench", server: "LwM2MServer", *path: int) -> Optional[Event]:
    return await server.read([str(i) for i in path], bench.profile.timings.answer_s)


async def write_lifetime(bench: "Bench", server: "LwM2MServer", instance: int) -> Optional[Event]:
    """A server writes another lifetime to an instance of /1."""
    content = tlv_content(SERVER, instance, {_LIFETIME: other_lifetime(bench)}, level="resource")
    path = (str(SERVER), str(instance), _LIFETIME)
    return await server.send("PUT", path, bench.profile.timings.answer_s, content=content)


async def execute_update(bench: "Bench", server: "LwM2MServer", instance: int) -> Optional[Event]:
    """A server executes Registration Update Trigger of an instance of /1."""
    path = (str(SERVER), str(instance), _UPDATE_TRIGGER)
    return await server.send("POST", path, bench.profile.timings.answer_s)


async def discover(bench: "Bench", server: "LwM2MServer", *path: int) -> Optional[Event]:
    within_s = bench.profile.timings.answer_s
    return await server.read([str(i) for i in path], within_s, accept=LINK_FORMAT)


def access_list(number: int, rights: Rights) -> dict[str, Any]:
    """Content of a Write of /2/`number`/2."""
    entries = {"instances": {str(ssid): right for ssid, right in rights.items()}}
    return tlv_content(ACCESS_CONTROL, number, {"2": entries}, level="resource")


async def expect_security_closed(bench: "Bench", dm: "LwM2MServer", account: int) -> None:
    """ACC-01: no operation on /0 is open to an LwM2M Server.

    Every edition wants an error; that it is 4.01 is tested by the enabler's own tests from 1.1 on
    for Read, Write and Write-Attributes (ETS int-221).
    """
    within_s, row = bench.profile.timings.answer_s, bench.row("ACC-01")
    security, instance = "0", str(account)
    uri = tlv_content(0, account, {"0": dm.uri}, level="resource")
    new = tlv_content(0, account + 9, dm.account().security_resources())
    attributes = {"query": ["pmin=30", "pmax=45"]}
    told = bench.variant.edition in ("1.1", "1.2")
    operations: tuple[tuple[str, str, tuple[str, ...], dict[str, Any], bool], ...] = (
        ("read", "GET", (security,), {}, told),
        ("read-instance", "GET", (security, instance), {}, told),
        ("read-key", "GET", (security, instance, "5"), {}, told),
        ("write", "PUT", (security, instance, "0"), {"content": uri}, told),
        ("write-attributes", "PUT", (security,), attributes, told),
        ("discover", "GET", (security,), {"accept": LINK_FORMAT}, False),
        ("observe", "GET", (security, instance), {"observe": 0, "accept": TLV_FORMAT}, False),
        ("execute", "POST", (security, instance, "0"), {}, False),
        ("create", "POST", (security,), {"content": new}, False),
        ("delete", "DELETE", (security, instance), {}, False),
    )
    for name, method, path, more, strict in operations:
        answer = await dm.send(method, path, within_s, **more)
        what = f"{name} of /{'/'.join(path)} by an LwM2M Server is refused"
        await expect_code(bench, row, f"{name}-refused", what, answer, ["4.01" if strict else "4."])
