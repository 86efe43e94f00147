# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Discover: what its list must say of accounts, servers and objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from bootcheck.ending import Ended
from bootcheck.peer import Event
from bootcheck.session import LINK_FORMAT, BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

Links = Sequence[Mapping[str, Any]]
Attributes = Mapping[str, Any]

UNKNOWN_OBJECT = "65000"  # OMA's registry gives out no such number
_PORTS = {"coap": 5683, "coaps": 5684}  # RFC 7252 6.1, 6.2


async def discovered(bench: "Bench", session: BootstrapSession, *path: str) -> Links:
    """The list that a Discover gives; Ended when it gives none."""
    answer = await session.send("GET", path, accept=LINK_FORMAT)
    bench.expect_answer(
        "discover-answered",
        bench.row("DSC-01"),
        f"Discover /{'/'.join(path)} is answered by a list",
        answer,
        "2.05",
    )
    links = (answer.get("decoded") or {}).get("links") if answer is not None else None
    if links is None:
        raise Ended()  # an always-on rule says so
    return list(links)


def instances(links: Links, obj: str) -> dict[int, Attributes]:
    """The instances of an object in a list, with their attributes."""
    found: dict[int, Attributes] = {}
    for link in links:
        parts = str(link.get("target") or "").strip("/").split("/")
        if len(parts) == 2 and parts[0] == obj and parts[1].isdecimal():
            found[int(parts[1])] = link["attributes"]
    return found


async def expect_account_without_ssid(
    bench: "Bench", session: BootstrapSession, account: int
) -> None:
    """The account's instance is listed, and has no Short Server ID, not even 0."""
    attributes = instances(await discovered(bench, session, "0"), "0").get(account)
    observed = "it is not listed"
    if attributes is not None:
        observed = f"ssid={attributes['ssid']}" if "ssid" in attributes else "none"
    bench.check(
        "account-without-ssid",
        bench.row("DSC-03"),
        attributes is not None and "ssid" not in attributes,
        "the Bootstrap-Server Account is listed without a Short Server ID",
        expected=f"/0/{account} without ssid",
        observed=observed,
    )


async def expect_servers_security(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """A server's Security instance is listed with its Short Server ID, also by Discover of /."""
    instance = await session.server_instance(dm.account())
    listed = instances(await discovered(bench, session, "0"), "0")
    _expect_ssid(bench, "security-with-ssid", "DSC-03", f"/0/{instance}", listed.get(instance), dm)
    at_root = instances(await discovered(bench, session), "0")
    bench.check(
        "security-at-root",
        bench.row("DSC-03"),
        _short_ids(at_root) == _short_ids(listed),
        "Discover of / has the Security instances that Discover of /0 has",
        expected=f"instances with Short Server IDs {_short_ids(listed)}",
        observed=f"{_short_ids(at_root)}",
    )


async def expect_servers_uri(bench: "Bench", session: BootstrapSession, dm: "LwM2MServer") -> None:
    """A server's Security instance is listed with its URI."""
    instance = await session.server_instance(dm.account())
    listed = instances(await discovered(bench, session, "0"), "0").get(instance) or {}
    uri = listed.get("uri")
    bench.check(
        "security-with-uri",
        bench.row("DSC-04"),
        isinstance(uri, str) and same_uri(uri, dm.uri),
        "the Security instance of an LwM2M Server is listed with its URI",
        expected=f"/0/{instance} with uri {dm.uri}",
        observed=f"uri {uri}" if uri is not None else "no uri",
    )


async def expect_servers_instance(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """A Server instance is listed with its Short Server ID."""
    listed = instances(await discovered(bench, session, "1"), "1").get(dm.number)
    _expect_ssid(bench, "server-with-ssid", "DSC-05", f"/1/{dm.number}", listed, dm)


async def expect_object_without_instance(bench: "Bench", session: BootstrapSession) -> None:
    """An object that has no instance is listed: the Server object, before anything is written."""
    links = await discovered(bench, session)
    if instances(links, "1"):
        bench.fact("the client has a Server instance before anything is written: it is deleted")
        await session.send("DELETE", ("1",))
        links = await discovered(bench, session)
    targets = [str(link.get("target")) for link in links]
    bench.check(
        "object-without-instance",
        bench.row("DSC-06"),
        "/1" in targets,
        "an object that has no instance is listed",
        expected="</1>",
        observed=f"{' '.join(targets)}",
    )


def expect_same_object_versions(bench: "Bench", links: Links, registered: Event) -> None:
    """A Register gives the versions of objects that Discover gave."""
    register = bench.peer.first(
        lambda event: event.name == "request_received"
        and event.get("exchange") == registered.get("exchange")
    )
    listed = (register.get("decoded") or {}).get("links") if register is not None else None
    there = _versions(bench, links)
    here = _versions(bench, listed) if listed is not None else {}
    both = set(_objects(links)) & set(_objects(listed or []))
    differ = sorted(obj for obj in both if there.get(obj) != here.get(obj))
    told = {obj: (there.get(obj), here.get(obj)) for obj in differ}
    bench.check(
        "same-object-versions",
        bench.row("DSC-06"),
        not differ if listed is not None else None,
        "Discover gives the versions of objects that Register gives",
        expected="the same versions; that of the enabler, and 1.0, need not be told",
        observed=f"object: (Discover, Register) {told}" if told else "so it is",
    )


async def expect_refusal(
    bench: "Bench", session: BootstrapSession, name: str, path: Sequence[str], code: str
) -> None:
    """A Discover of what has none is refused, and the session goes on."""
    bench.check_answer(
        name,
        bench.row("DSC-07"),
        f"Discover /{'/'.join(path)} is refused",
        await session.send("GET", path, accept=LINK_FORMAT),
        code,
    )


def _expect_ssid(
    bench: "Bench",
    name: str,
    row: str,
    what: str,
    attributes: Optional[Attributes],
    dm: "LwM2MServer",
) -> None:
    found = attributes.get("ssid") if attributes is not None else None
    observed = f"ssid={found}" if found is not None else "no ssid"
    bench.check(
        name,
        bench.row(row),
        found == str(dm.short_server_id),
        f"{what} is listed with its Short Server ID",
        expected=f"ssid={dm.short_server_id}",
        observed=observed if attributes is not None else "it is not listed",
    )


def _short_ids(listed: Mapping[int, Attributes]) -> dict[int, Optional[str]]:
    return {instance: attributes.get("ssid") for instance, attributes in sorted(listed.items())}


def same_uri(one: str, other: str) -> bool:
    """Two URIs lead to the same server: a port need not be told (RFC 7252 6.4)."""
    return _parts(one) == _parts(other)


def _parts(uri: str) -> tuple[str, Optional[str], Optional[int], str]:
    parts = urlsplit(uri)
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port, parts.path.strip("/")


def _objects(links: Links) -> list[str]:
    found = (str(link.get("target") or "").strip("/").split("/")[0] for link in links)
    return [obj for obj in found if obj.isdecimal()]


def _versions(bench: "Bench", links: Links) -> dict[str, str]:
    """Versions of objects, past those that a list may leave out."""
    edition = bench.variant.edition
    silent = {None, "1.0", edition if edition != "CR" else "1.0"}
    found: dict[str, str] = {}
    for link in links:
        obj = str(link.get("target") or "").strip("/").split("/")[0]
        version = link["attributes"].get("ver")
        if version not in silent:
            found[obj] = str(version)
    return found
