# SPDX-License-Identifier: Apache-2.0
"""Placeholders: what a profile may have filled in where it starts a client."""

from __future__ import annotations

import os
import re
from typing import Mapping

from bootcheck.profile.error import ProfileError

PLACEHOLDER = re.compile(r"\{([a-z_]+|env\.[A-Za-z0-9_]+)\}")
PLACEHOLDERS = frozenset(
    {
        "build",  # the directory of the project's own build
        "endpoint",
        "edition",
        "state_dir",
        "lane_dir",
        "account_file",  # JSON: all that the client has from its factory, by placeholder
        "account_tlv",  # TLV of /0: the factory accounts
        "server_tlv",  # TLV of /1: where an LwM2M Server's is among them
        "device",  # the name of the device that the lane has
        "bs_uri",
        "bs_host",
        "bs_port",
        "bs_identity",
        "bs_identity_hex",
        "bs_key_hex",
        "bs_timeout",
        "bs_hold_off",
        "bs_entropy",
        "server_uri",
        "server_identity",
        "server_identity_hex",
        "server_key_hex",
        "server_short_id",
        "local_port",  # a free one of this machine, for a client that is told its own
        "listen_port",  # where a Bootstrap-Server may start a session unasked
    }
)


def filled(word: str, values: Mapping[str, str], where: str) -> str:
    """The word with its placeholders filled in. Raises ProfileError for one without a value."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("env."):
            found = os.environ.get(name[4:])
            if not found:
                raise ProfileError(
                    f"{where}: the command needs the environment "
                    f"variable {name[4:]}: set it to what {{{name}}} stands for"
                )
            return found
        if name not in values:
            raise ProfileError(
                f"{where}: {{{name}}} has no value in this variant: "
                f'move it into a [[start.when]] with have = "{name}"'
            )
        return values[name]

    return PLACEHOLDER.sub(value, word)
