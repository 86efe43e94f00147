# SPDX-License-Identifier: Apache-2.0
"""Accounts: what a client needs to know to talk to one server, and keys made for the run."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Optional


@dataclass(frozen=True)
class Credentials:
    """A PSK identity and its key. The key is shown nowhere but in captures."""

    identity: bytes
    key: bytes = field(repr=False)

    @classmethod
    def named(cls, label: str, key: bytes) -> "Credentials":
        """A key that was made for the run, with an identity that no other has."""
        return cls(f"{label}-{secrets.token_hex(4)}".encode(), key)

    def with_identity(self, identity: bytes) -> "Credentials":
        return replace(self, identity=identity)

    def as_json(self) -> dict[str, str]:
        return {"identity": self.identity.hex(), "key": self.key.hex()}


@dataclass(frozen=True)
class BootstrapServerAccount:
    """A Security object instance whose Bootstrap-Server resource is true (/0, OMA registry)."""

    uri: str
    host: str
    port: int
    credentials: Optional[Credentials]  # None: NoSec
    entropy: str = "high"
    timeout: Optional[int] = None  # seconds, /0/x/12; None: not instantiated
    hold_off: Optional[int] = None  # seconds, /0/x/11
    time_scale: int = 1  # the client's clock runs so many times faster

    def told(self, seconds: int) -> int:
        """What the client is told so that its timer takes so many seconds of real time."""
        return seconds * self.time_scale

    def changed(self, **members: Any) -> "BootstrapServerAccount":
        """The same account with other members."""
        return replace(self, **members)

    def resources(self) -> dict[str, Any]:
        """As content of a Write to /0/x."""
        optional = {"11": self.hold_off, "12": self.timeout}
        return _security_resources(self.uri, True, self.credentials) | {
            resource: self.told(seconds)
            for resource, seconds in optional.items()
            if seconds is not None
        }


@dataclass(frozen=True)
class ServerAccount:
    """A Security object instance of an LwM2M Server with its Server object instance (/0 and /1)."""

    uri: str
    credentials: Optional[Credentials]
    short_server_id: int
    lifetime: int  # seconds, of the registration
    number: int = 0  # the instance of /1, and the offset in /0
    gives_up_soon: bool = False  # one attempt to register, then the Bootstrap-Server

    def security_resources(self) -> dict[str, Any]:
        """As content of a Write to /0/x."""
        return _security_resources(self.uri, False, self.credentials) | {"10": self.short_server_id}

    def server_resources(self) -> dict[str, Any]:
        """As content of a Write to /1/x: the mandatory resources, and retries where asked for.

        The default retries take a quarter of an hour before a client turns to its Bootstrap-Server.
        """
        mandatory = {"0": self.short_server_id, "1": self.lifetime, "6": False, "7": "U"}
        return mandatory | ({"17": 1, "18": 1, "20": 1} if self.gives_up_soon else {})


def _security_resources(
    uri: str, bootstrap: bool, credentials: Optional[Credentials]
) -> dict[str, Any]:
    # Resources 3, 4, 5 are mandatory in /0: empty where the mode has no use for them
    identity, key = (credentials.identity, credentials.key) if credentials else (b"", b"")
    return {
        "0": uri,
        "1": bootstrap,
        "2": 0 if credentials else 3,
        "3": {"hex": identity.hex()},
        "4": {"hex": ""},
        "5": {"hex": key.hex()},
    }
