# SPDX-License-Identifier: Apache-2.0
"""Reads the factory account of a device that cannot be told its key."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from bootcheck.profile.checks import Checks
from bootcheck.profile.error import ProfileError
from bootcheck.profile.factory import FactoryAccount
from bootcheck.profile.tables import Keys

KEYS: Keys = {
    "identity": str,
    "key": str,  # hexadecimal, or {env.NAME} for a variable that holds it
    "endpoint": str,
    "serial": str,
    "mac": str,
    "imei": str,
}


def read_factory(
    checks: Checks, name: str, table: Mapping[str, Any], path_name: str
) -> Optional[FactoryAccount]:
    """The factory account of [account] or of a [[device]]; None where there is no key."""
    given = {key: table[key] for key in KEYS if key in table}
    if "key" not in given and "identity" not in given:
        return None
    for key in ("key", "identity"):
        if not given.get(key):
            raise checks.fail(f"{name}.{key}", f"{key} is missing in {name}: both are needed")
    checks.placeholders(f"{name}.key", (given["key"],))
    line = checks.lines.get(f"{name}.key")
    where = f"{path_name}:{line}" if line else path_name
    values = {key: text for key, text in given.items() if key not in ("identity", "key")}
    account = FactoryAccount(given["identity"], given["key"], where, values)
    if "{" not in given["key"]:
        try:
            account.key_bytes()
        except ProfileError as problem:
            raise checks.fail(f"{name}.key", str(problem).partition(": ")[2]) from None
    return account
