# SPDX-License-Identifier: Apache-2.0
"""How the lab handles a client: its adapter, its actions, its devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from bootcheck.device import Device

HANDLERS = ("command", "manual")
_COMMANDED = ("process", "command")  # adapters that run start.command


@dataclass(frozen=True)
class Lab:
    """Who handles the client, and by what."""

    adapter: str = "process"  # or command, manual, remote, or MODULE:CLASS of an own one
    handled_by: str = "command"  # a remote device: one of HANDLERS
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # programs, as words
    limit_s: float = 60.0  # for one action
    instructions: Mapping[str, str] = field(default_factory=dict)  # to a person, by action
    devices: tuple[Device, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)  # for an own adapter: [adapter]

    @property
    def runs_start_command(self) -> bool:
        """Whether the client is started by `start.command`."""
        return self.adapter in _COMMANDED or (
            self.adapter == "remote" and self.handled_by == "command"
        )
