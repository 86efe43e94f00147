# SPDX-License-Identifier: Apache-2.0
"""Reads how the lab handles a client: [actions], [manual], [[device]] and [adapter]."""

from __future__ import annotations

import ipaddress
from typing import Any, Mapping, Optional

from bootcheck.addresses import COAP_PORTS
from bootcheck.device import Device
from bootcheck.profile.checks import Checks
from bootcheck.profile.factory_reading import KEYS as FACTORY_KEYS
from bootcheck.profile.factory_reading import read_factory
from bootcheck.profile.lab import HANDLERS, Lab
from bootcheck.profile.tables import Keys

DEVICES, OWN = "device", "adapter"  # an array of tables, and one that an own adapter reads
_DEVICE: Keys = {
    "name": str,
    "address": str,
    "ports": list,
    "uri_host": str,
    "client_address": str,
    **FACTORY_KEYS,
}


def read(checks: Checks, tables: Mapping[str, dict[str, Any]], data: Mapping[str, Any]) -> Lab:
    """The lab of a profile whose tables have been checked."""
    handle, actions, default = tables["handle"], dict(tables["actions"]), Lab()
    limit_s = actions.pop("limit_s", default.limit_s)
    checks.range(tables["actions"], "actions.limit_s", 1, 86400)
    for action, words in actions.items():
        checks.placeholders(f"actions.{action}", checks.strings(f"actions.{action}", words))
        if not words:
            raise checks.fail(f"actions.{action}", f"actions.{action} is empty: name a program")
    return Lab(
        adapter=handle.get("adapter", default.adapter),
        handled_by=checks.choice(handle, "handle.by", HANDLERS) or default.handled_by,
        actions={action: tuple(words) for action, words in actions.items()},
        limit_s=limit_s,
        instructions=tables["manual"],
        devices=_devices(checks, data.get(DEVICES, [])),
        settings=data.get(OWN, {}),
    )


def _devices(checks: Checks, items: Any) -> tuple[Device, ...]:
    if not isinstance(items, list):
        raise checks.fail(DEVICES, "devices are an array of tables: write [[device]]")
    found: list[Device] = []
    for index, item in enumerate(items):
        key = f"{DEVICES}.{index}"
        table = checks.table(key, item, _DEVICE)
        name = table.get("name") or f"{index + 1}"
        if any(device.name == name for device in found):
            raise checks.fail(key, f"two devices are called {name}: give each its own name")
        for address in ("address", "client_address"):
            _check_address(checks, f"{key}.{address}", table.get(address))
        ports = _ports(checks, f"{key}.ports", table.get("ports", list(COAP_PORTS)))
        for other in found:
            if table.get("address") and other.address == table["address"]:
                if other.ports[0] <= ports[1] and ports[0] <= other.ports[1]:
                    raise checks.fail(
                        key,
                        f"devices {other.name} and {name} share ports of {other.address}: give "
                        "each its own (ports = [FIRST, LAST])",
                    )
        found.append(
            Device(
                name,
                table.get("address"),
                ports,
                table.get("uri_host"),
                table.get("client_address"),
                read_factory(checks, key, table, checks.path.name),
            )
        )
    return tuple(found)


def _check_address(checks: Checks, key: str, value: Optional[str]) -> None:
    if value is None:
        return
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise checks.fail(key, f"{key}: {value!r} is no IPv4 or IPv6 address")


def _ports(checks: Checks, key: str, value: list[Any]) -> tuple[int, int]:
    if len(value) != 2 or not all(type(port) is int and 0 < port < 65536 for port in value):
        raise checks.fail(key, f"{key} must be two ports, the first and the last: not {value!r}")
    first, last = value
    if first > last:
        raise checks.fail(key, f"{key}: the first port, {first}, is beyond the last, {last}")
    return first, last
