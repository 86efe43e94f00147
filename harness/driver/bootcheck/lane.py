# SPDX-License-Identifier: Apache-2.0
"""A lane: one running variant with its own directory and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bootcheck.addresses import AddressBlock
    from bootcheck.profile import Profile


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


@dataclass
class Lane:
    """Where one variant (or one control of it) runs."""

    name: str  # unique in the run, fit for a file name
    directory: Path  # exists, empty; capture, events, trace and output go here
    addresses: "AddressBlock"  # a /24 of 127/8: server N gets address N
    settings: RunSettings
