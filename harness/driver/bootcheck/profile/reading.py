# SPDX-License-Identifier: Apache-2.0
"""Reads a profile and holds its keys against each other."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Mapping

from bootcheck.profile.checks import Checks, key_lines
from bootcheck.profile.contradictions import refuse
from bootcheck.profile.error import ProfileError
from bootcheck.profile.expected_reading import EXPECTED
from bootcheck.profile.expected_reading import read as read_expected
from bootcheck.profile.factory_reading import read_factory
from bootcheck.profile.lab import Lab
from bootcheck.profile.lab_reading import DEVICES, OWN
from bootcheck.profile.lab_reading import read as read_lab
from bootcheck.profile.model import STIMULI, STOPS, CoapParameters, Profile, StartGroup, Timings
from bootcheck.profile.placeholders import PLACEHOLDERS
from bootcheck.profile.stated_reading import READINGS
from bootcheck.profile.stated_reading import read as read_stated
from bootcheck.profile.tables import TABLES, WHEN
from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.time_scale import MOST

_ALL = (*TABLES, DEVICES, OWN, EXPECTED, READINGS)
_REQUIRED = ("client.name", "supports.editions", "supports.security")


def load(path: Path) -> Profile:
    """Read and check a profile. Raises ProfileError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ProfileError(
            f"{path}: cannot be read ({error.strerror}): give a profile's name or path"
        )
    try:
        text = raw.decode("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8 (byte {error.start}): save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path}: is not valid TOML: {error}")
    checks = Checks(path, key_lines(text))
    tables = _tables(checks, data)
    lab = read_lab(checks, tables, data)
    profile = _profile(checks, tables, lab, hashlib.sha256(raw).hexdigest())
    profile = replace(profile, expected=read_expected(checks, data.get(EXPECTED, [])))
    profile = replace(profile, readings=read_stated(checks, data.get(READINGS, {})))
    refuse(checks, profile)
    return profile


def _tables(checks: Checks, data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """All tables, with keys and types that are known; those that are not there are empty."""
    for name in data:
        if name not in _ALL:
            known = ", ".join(_ALL)
            raise checks.fail(name, f"unknown table [{name}]: known are {known}")
    tables = {name: checks.table(name, data.get(name, {}), keys) for name, keys in TABLES.items()}
    for dotted in _REQUIRED:
        table, key = dotted.split(".")
        if not tables[table].get(key):
            raise checks.fail(table, f"{key} is missing in [{table}]: every profile needs it")
    checks.range(tables["account"], "account.lifetime", 1, 86400)
    checks.range(tables["handle"], "handle.time_scale_max", 1, MOST, unit="")
    for key in tables["timings"]:
        checks.range(tables["timings"], f"timings.{key}", 0, 86400)
    checks.range(tables["coap"], "coap.ack_timeout_s", 0.1, 600)
    checks.range(tables["coap"], "coap.ack_random_factor", 1, 10, unit="")
    checks.range(tables["coap"], "coap.max_retransmit", 1, 20, unit="")
    checks.range(tables["coap"], "coap.exchange_lifetime_s", 1, 86400)
    return tables


def _profile(
    checks: Checks, tables: Mapping[str, dict[str, Any]], lab: Lab, sha256: str
) -> Profile:
    client, supports, account = tables["client"], tables["supports"], tables["account"]
    handle, start = tables["handle"], tables["start"]
    if lab.runs_start_command and not start.get("command"):
        raise checks.fail(
            "start", "command is missing in [start]: every client needs it that " "a program starts"
        )
    command = checks.strings("start.command", start.get("command", []))
    checks.placeholders("start.command", command)
    groups = tuple(_group(checks, index, item) for index, item in enumerate(start.get("when", [])))
    return Profile(
        path=checks.path,
        sha256=sha256,
        name=client["name"],
        version=client.get("version", ""),
        editions=checks.strings("supports.editions", supports["editions"], EDITIONS),
        securities=checks.strings("supports.security", supports["security"], SECURITIES),
        supports={key: value for key, value in supports.items() if isinstance(value, bool)},
        entropy=checks.choice(account, "account.entropy", ("low", "high", "told")),
        timeout=checks.choice(account, "account.timeout", ("start", "write")),
        hold_off=account.get("hold_off"),
        lifetime=account.get("lifetime", 86400),
        keeps_state=handle.get("keeps_state"),
        survives_power_cut=handle.get("survives_power_cut"),
        listens=handle.get("listens", False),
        stimuli=checks.strings("handle.stimuli", handle.get("stimuli", []), STIMULI),
        stop=checks.choice(handle, "handle.stop", STOPS) or "sigterm",
        command=command,
        binary=start.get("binary"),
        environment=_environment(checks, start.get("environment", {})),
        groups=groups,
        timings=Timings(**tables["timings"]),
        coap=CoapParameters(**tables["coap"]),
        time_scale_max=handle.get("time_scale_max"),
        lab=lab,
        factory=read_factory(checks, "account", account, checks.path.name),
        lines=checks.lines,
    )


def _environment(checks: Checks, table: Mapping[str, Any]) -> Mapping[str, str]:
    name = "start.environment"
    for variable, value in table.items():
        if not isinstance(value, str):
            raise checks.fail(f"{name}.{variable}", f"{variable} must be a string, not {value!r}")
        checks.placeholders(f"{name}.{variable}", (value,))
    return table


def _group(checks: Checks, index: int, item: Any) -> StartGroup:
    name = f"start.when.{index}"
    table = checks.table(name, item, WHEN)
    if not table.get("arguments"):
        raise checks.fail(name, "a [[start.when]] needs arguments = [...]")
    security = checks.choice(table, f"{name}.security", SECURITIES)
    have = checks.choice(table, f"{name}.have", tuple(sorted(PLACEHOLDERS)))
    edition = checks.choice(table, f"{name}.edition", EDITIONS)
    if security is None and have is None and edition is None:
        raise checks.fail(name, "a [[start.when]] needs a condition: security, edition or have")
    arguments = checks.strings(f"{name}.arguments", table["arguments"])
    checks.placeholders(f"{name}.arguments", arguments)
    return StartGroup(arguments, security, edition, have)
