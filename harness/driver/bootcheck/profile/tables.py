# SPDX-License-Identifier: Apache-2.0
"""The tables and keys that a profile may have, with the types of their values."""

from __future__ import annotations

import datetime
from typing import Mapping

from bootcheck.profile.model import CoapParameters, Timings

Keys = Mapping[str, type | tuple[type, ...]]

TABLES: dict[str, Keys] = {
    "client": {"name": str, "version": str, "description": str},
    "supports": {
        "editions": list,
        "security": list,
        "account_timeout": bool,
        "account_replacement": bool,
        "bootstrap_trigger": bool,
        "discover": bool,
        "hold_off": bool,  # /0/x/11
        "factory_server": bool,  # can be started with the account of an LwM2M Server
        "registration_retries": bool,  # /1/x/17, 18 and 20: how soon it gives a registration up
        "several_servers": bool,  # accounts of two LwM2M Servers, and a registration to each
        "server_initiated": bool,  # CR and 1.0: sessions that the Bootstrap-Server starts unasked
    },
    "account": {
        "entropy": str,
        "timeout": str,
        "lifetime": int,
        # of a device that cannot be told its key
        **{key: str for key in ("identity", "key", "endpoint", "serial", "mac", "imei")},
    },
    "handle": {
        "stimuli": list,
        "keeps_state": bool,
        "survives_power_cut": bool,
        "listens": bool,
        "stop": str,
        "time_scale_max": int,
        "adapter": str,
        "by": str,  # who handles a remote device
    },
    "actions": {
        **{action: list for action in ("start_again", "stop", "power_cut")},
        **{action: list for action in ("factory_reset", "stimulate")},
        "limit_s": (int, float),
    },
    "manual": {
        **{action: str for action in ("start", "start_again", "stop", "power_cut")},
        **{action: str for action in ("factory_reset", "stimulate")},
    },
    "start": {"command": list, "binary": str, "when": list, "environment": dict},
    "timings": {name: (int, float) for name in Timings.__dataclass_fields__},
    "coap": {
        name: int if name == "max_retransmit" else (int, float)
        for name in CoapParameters.__dataclass_fields__
    },
}
WHEN: Keys = {"security": str, "edition": str, "have": str, "arguments": list}
TYPE_NAMES: Mapping[type, str] = {
    datetime.date: "a day, as in 2030-12-31",
    str: "a string",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
