# SPDX-License-Identifier: Apache-2.0
"""The remote adapter: a device across a network, handled by commands or a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.profile import ProfileError

if TYPE_CHECKING:
    from bootcheck.profile import Profile


def check_network(profile: "Profile") -> None:
    """Raises ProfileError when a device has no address to bind its servers to."""
    if not profile.lab.devices:
        raise ProfileError(
            f"{profile.where('handle.adapter')}: adapter remote needs a [[device]] with the "
            "address of this machine that the device can reach"
        )
    for index, device in enumerate(profile.lab.devices):
        if device.address is None:
            raise ProfileError(
                f"{profile.where(f'device.{index}')}: device {device.name} needs an address: one "
                "of this machine that the device can reach"
            )
