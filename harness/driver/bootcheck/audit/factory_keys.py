# SPDX-License-Identifier: Apache-2.0
"""The factory keys of a profile as devices of an audit."""

from __future__ import annotations

from bootcheck.audit.keyfile import Device
from bootcheck.profile import Profile, ProfileError


def of_profile(profile: Profile) -> list[Device]:
    """The factory keys of a profile. Raises ProfileError where there is none."""
    factories = profile.factories()
    if not factories:
        raise ProfileError(
            f"{profile.path}: no factory key is in this profile: a run makes the client's keys. A "
            "device that cannot be told its key has it in [account] or [[device]] as key, with its "
            "identity (docs/client-profiles.md); many keys are audited by --keys FILE.csv"
        )
    devices: list[Device] = []
    for number, (name, account) in enumerate(factories.items(), 1):
        device: Device = {"line": number, "key": account.key_bytes().hex()}
        values = {"identity": account.identity, **account.values}
        if name and "endpoint" not in values:
            values["endpoint"] = name  # so that it is called by its name
        devices.append(device | values)
    return devices
