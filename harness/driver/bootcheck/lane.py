# SPDX-License-Identifier: Apache-2.0
"""A lane: one running variant with its own directory and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from bootcheck.addresses import Places
    from bootcheck.declared import FactoryAudit
    from bootcheck.device import HeldDevice
    from bootcheck.profile import Profile
    from bootcheck.terminal import Terminal


@dataclass(frozen=True)
class RunSettings:
    """What all lanes of a run share and nobody changes."""

    profile: "Profile"
    peer_program: Path
    strict: bool
    seed: int
    client_arguments: tuple[
        str, ...
    ] = ()  # appended to the start command: selftest's --defect NAME
    time_scale: int = 1  # the client's clock runs so many times faster
    terminal: Optional["Terminal"] = None  # where an adapter asks a person
    allow_destructive: bool = False  # strand devices that cannot be reset to their factory state
    factory_audit: Optional["FactoryAudit"] = None  # of keys that clients cannot be told


@dataclass
class Lane:
    """Where one variant (or one control of it) runs."""

    name: str  # unique in the run, fit for a file name
    directory: Path  # exists, empty; capture, events, trace and output go here
    addresses: "Places"  # of its servers
    settings: RunSettings
    held: Optional["HeldDevice"] = None  # the device, where clients are not made from nothing

    def release(self) -> None:
        """Let others have what the lane has; nothing of it may use that any more."""
        self.addresses.release()
        if self.held is not None and self.held is not self.addresses:
            self.held.release()
