# SPDX-License-Identifier: Apache-2.0
"""The factory account of a device that cannot be told its key, and what its key may be made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

from bootcheck.profile.error import ProfileError
from bootcheck.profile.placeholders import filled


@dataclass(frozen=True)
class FactoryAccount:
    """Identity and key that a device has, with its other values where they are known."""

    identity: str
    key: str = field(repr=False)
    where: str  # file and line, for complaints
    values: Mapping[str, str] = field(default_factory=dict)  # endpoint, serial, mac, imei

    def key_bytes(self) -> bytes:
        """The key. Raises ProfileError where its variable is not set, or holds no key."""
        text = filled(self.key, {}, self.where)
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if not 1 <= len(key) <= 128:
            raise ProfileError(f"{self.where}: key must be 1 to 128 bytes in hexadecimal digits")
        return key
