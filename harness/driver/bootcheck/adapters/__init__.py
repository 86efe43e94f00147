# SPDX-License-Identifier: Apache-2.0
"""Adapters: how the driver starts, stops and resets clients under test (docs/adapters.md)."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from bootcheck.adapters.adapter import (
    FACTORY_RESET,
    POWER_CUT,
    RESTART,
    STIMULATE,
    ActionFailed,
    Adapter,
    ClientDied,
)
from bootcheck.adapters.command import CommandAdapter
from bootcheck.adapters.manual import ManualAdapter
from bootcheck.adapters.process import ProcessAdapter
from bootcheck.adapters.remote import check_network
from bootcheck.device import Device
from bootcheck.profile import ProfileError

if TYPE_CHECKING:
    from bootcheck.profile import Profile

__all__ = [
    "ActionFailed",
    "Adapter",
    "ClientDied",
    "FACTORY_RESET",
    "POWER_CUT",
    "RESTART",
    "STIMULATE",
    "adapter_class",
    "check",
    "devices",
]

_OWN: dict[str, type[Adapter]] = {
    "process": ProcessAdapter,
    "command": CommandAdapter,
    "manual": ManualAdapter,
}
_REMOTE = "remote"
_HANDLED: dict[str, type[Adapter]] = {
    "command": CommandAdapter,
    "manual": ManualAdapter,
}


def adapter_class(profile: "Profile") -> type[Adapter]:
    """The adapter that the profile chooses. Raises ProfileError."""
    name = profile.lab.adapter
    own = _HANDLED[profile.lab.handled_by] if name == _REMOTE else _OWN.get(name)
    if own is not None:
        return own
    where = profile.where("handle.adapter")
    module_name, colon, class_name = name.partition(":")
    if not colon:
        raise ProfileError(
            f"{where}: unknown adapter {name!r}: known are {', '.join(_OWN)}, {_REMOTE}, or "
            "MODULE:CLASS of your own"
        )
    folder = str(profile.path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that nothing there hides a module of others
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as problem:
        raise ProfileError(
            f"{where}: adapter {name} cannot be had: {problem}: the module is looked "
            "for beside the profile"
        )
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise ProfileError(f"{where}: {name} is no subclass of bootcheck's Adapter")
    return found


def devices(profile: "Profile") -> tuple[Device, ...]:
    """The devices that lanes take in turn; none where each lane has a client made from nothing."""
    if adapter_class(profile).disposable:
        return ()
    return profile.lab.devices or (Device(profile.name),)


def check(profile: "Profile") -> None:
    """Raises ProfileError where the profile declares what its adapter cannot do."""
    found = adapter_class(profile)
    offered = found.offers(profile)
    for declared, key, action in (
        (profile.keeps_state is True, "handle.keeps_state", RESTART),
        (profile.survives_power_cut is True, "handle.survives_power_cut", POWER_CUT),
        ("action" in profile.stimuli, "handle.stimuli", STIMULATE),
    ):
        if declared and action not in offered:
            need = "stop" if action == RESTART else action
            raise ProfileError(
                f"{profile.where(key)}: {key} needs an adapter that can {action}: "
                f"{profile.lab.adapter} cannot (command: say {need} in [actions])"
            )
    if profile.lab.adapter == _REMOTE:
        check_network(profile)
    found.check(profile)
