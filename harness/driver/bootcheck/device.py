# SPDX-License-Identifier: Apache-2.0
"""Devices of a lab: real things of which there are only so many, each for one lane at a time."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.addresses import COAP_PORTS, Place

if TYPE_CHECKING:
    from bootcheck.profile.factory import FactoryAccount

_MOST_MISSES = 2  # scenarios in a row in which a device did not come: then it is used no more


class NoDevice(Exception):
    """No device is left (an ERROR of the environment); the text says what became of each."""


@dataclass(frozen=True)
class Device:
    """A device as the profile describes it. Without an address it is reached over the loopback."""

    name: str
    address: Optional[str] = None  # of this machine: where the device's servers are bound
    ports: tuple[int, int] = COAP_PORTS  # the first and the last of its servers' ports
    uri_host: Optional[str] = None  # what the device is told instead of the address
    client_address: Optional[str] = None  # of the device: where a Bootstrap-Server contacts it
    factory: Optional["FactoryAccount"] = None  # its identity and key, where it cannot be told them


def authority(host: str, port: int) -> str:
    """Host and port as in a URI (RFC 3986 3.2.2: an IPv6 address stands in brackets)."""
    try:
        if ipaddress.ip_address(host).version == 6:
            host = f"[{host}]"
    except ValueError:
        pass  # a name
    return f"{host}:{port}"


class HeldDevice:
    """A device while a lane has it: the places of its servers, and what becomes of it."""

    def __init__(self, pool: "DevicePool", device: Device) -> None:
        self._pool = pool
        self.device = device
        self.did_not_come = False

    def place(self, number: int, secure: bool) -> Place:
        """Where server `number` (from 1) of the lane goes. Raises NoDevice when ports run out."""
        device = self.device
        assert device.address is not None
        first, last = device.ports
        # not those of the lane before, where something of the device may still be on its way
        port = self._pool.next_port(device)
        if number > last - first + 1:
            raise NoDevice(
                f"device {device.name}: the scenario needs {number} servers and has ports "
                f"{first} to {last}: give it more (device.ports)"
            )
        return Place(device.address, port, device.uri_host)

    def came(self) -> None:
        """The device has contacted a server."""
        self._pool.misses[self.device.name] = 0

    def missed(self, why: str) -> bool:
        """The device did not come; True when it is used no more because of that."""
        name, self.did_not_come = self.device.name, True
        self._pool.misses[name] += 1
        if self._pool.misses[name] < _MOST_MISSES:
            return False
        self._pool.retire(name, f"it did not come {_MOST_MISSES} times in a row ({why})")
        return True

    def retire(self, why: str) -> None:
        """Use the device no more."""
        self._pool.retire(self.device.name, why)

    def release(self) -> None:
        """Let another lane have the device."""
        self._pool.give_back(self.device)


class DevicePool:
    """The devices of a run."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._free = list(devices)
        self._left = {device.name for device in devices}
        self._gone: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        self._changed = asyncio.Event()
        self.misses = {device.name: 0 for device in devices}

    async def take(self) -> HeldDevice:
        """Wait for a device. Raises NoDevice when none is left."""
        while self._left and not self._free:
            self._changed.clear()
            await self._changed.wait()
        if not self._left:
            fates = "; ".join(f"{name}: {why}" for name, why in self._gone.items())
            raise NoDevice(f"no device is left: {fates}")
        return HeldDevice(self, self._free.pop(0))

    def retire(self, name: str, why: str) -> None:
        self._left.discard(name)
        self._gone.setdefault(name, why)
        self._changed.set()

    def give_back(self, device: Device) -> None:
        if device.name in self._left:
            self._free.append(device)
        self._changed.set()

    def next_port(self, device: Device) -> int:
        first, last = device.ports
        port = self._ports.get(device.name, last) + 1
        port = first if port > last else port
        self._ports[device.name] = port
        return port
