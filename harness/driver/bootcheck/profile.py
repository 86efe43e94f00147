# SPDX-License-Identifier: Apache-2.0
"""Profiles: what a client under test is, what it supports (ICS) and how to handle it (IXIT)."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional

from bootcheck.scenario import EDITIONS, SECURITIES
from bootcheck.time_scale import MOST

STIMULI = (
    "trigger",
    "register_refused",
    "restart",
    "server_silent",
    "server_gone",
    "handshake_refused",
)
STOPS = ("sigterm", "close_stdin")
PLACEHOLDER = re.compile(r"\{([a-z_]+|env\.[A-Za-z0-9_]+)\}")
PLACEHOLDERS = frozenset(
    {
        "build",  # the directory of the project's own build
        "endpoint",
        "edition",
        "state_dir",
        "lane_dir",
        "bs_uri",
        "bs_host",
        "bs_port",
        "bs_identity",
        "bs_identity_hex",
        "bs_key_hex",
        "bs_timeout",
        "bs_entropy",
        "server_uri",
        "server_identity",
        "server_identity_hex",
        "server_key_hex",
        "server_short_id",
        "listen_port",  # where a Bootstrap-Server may start a session unasked
    }
)


class ProfileError(Exception):
    """A profile that cannot be used; the text names file, line, cause and what to do."""


@dataclass(frozen=True)
class StartGroup:
    """Arguments that are added when a condition holds."""

    arguments: tuple[str, ...]
    security: Optional[str] = None
    have: Optional[str] = None  # a placeholder that has a value in this lane


@dataclass(frozen=True)
class Timings:
    """Seconds. All are bounds for waiting, never for judging what came in time."""

    start_s: float = 30.0  # from the start of the program to its first Bootstrap-Request
    reaction_s: float = 30.0  # from a stimulus to the Bootstrap-Request it brings
    hold_off_s: float = 0.0  # what the client adds of its own before it contacts a Bootstrap-Server
    purge_grace_s: float = 1.5  # how late after its timeout an account may be purged
    # from the last command of a session without Finish to its end: RFC 7252 4.8.2 EXCHANGE_LIFETIME
    session_limit_s: float = 247.0
    answer_s: float = 100.0  # RFC 7252 4.8.2: MAX_TRANSMIT_WAIT 93 s, and some margin


@dataclass(frozen=True)
class Profile:
    """A checked profile."""

    path: Path
    sha256: str
    name: str
    version: str
    editions: tuple[str, ...]
    securities: tuple[str, ...]
    supports: Mapping[str, bool]  # absent: not declared
    entropy: Optional[str]  # of the factory key: "low", "high", "told" (by {bs_entropy}), None
    timeout: Optional[str]  # how /0/x/12 is set: "start" (by {bs_timeout}), "write", None
    lifetime: int  # seconds, of registrations: short where only their end brings an Update
    keeps_state: Optional[bool]  # a restart without factory reset keeps what was bootstrapped
    survives_power_cut: Optional[bool]  # a kill too keeps what was bootstrapped
    listens: bool  # on {listen_port}, where it has a value
    stimuli: tuple[str, ...]
    stop: str  # how the program is told to end: one of STOPS
    command: tuple[str, ...]
    groups: tuple[StartGroup, ...]
    timings: Timings
    adapter: str = "process"  # what handles the client (docs/adapters.md)
    time_scale_max: Optional[int] = None  # how many times faster the client's clock may run
    lines: Mapping[str, int] = field(repr=False, default_factory=dict)

    def declared(self, need: str) -> tuple[str, Optional[bool]]:
        """The key that declares what a scenario needs, and its value; None: not declared."""
        if need == "keeps_state":
            return "handle.keeps_state", self.keeps_state
        if need == "survives_power_cut":
            return "handle.survives_power_cut", self.survives_power_cut
        return f"supports.{need}", self.supports.get(need)

    def where(self, key: str) -> str:
        """`file:line` of a dotted key, or of the file when the key is not there."""
        line = self.lines.get(key)
        return f"{self.path.name}:{line}" if line else self.path.name

    def start_command(self, values: Mapping[str, str], security: str) -> list[str]:
        """The start command of a lane. Raises ProfileError for a placeholder without a value."""
        words = list(self.command)
        for group in self.groups:
            if group.security not in (None, security):
                continue
            if group.have is not None and group.have not in values:
                continue
            words += group.arguments
        return [self._fill(word, values) for word in words]

    def _fill(self, word: str, values: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("env."):
                found = os.environ.get(name[4:])
                if not found:
                    raise ProfileError(
                        f"{self.where('start.command')}: the start command needs the environment "
                        f"variable {name[4:]}: set it to what {{{name}}} stands for"
                    )
                return found
            if name not in values:
                raise ProfileError(
                    f"{self.where('start.command')}: {{{name}}} has no value in this variant: "
                    f'move it into a [[start.when]] with have = "{name}"'
                )
            return values[name]

        return PLACEHOLDER.sub(value, word)


_TABLES: dict[str, dict[str, type | tuple[type, ...]]] = {
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
        "server_initiated": bool,  # CR and 1.0: sessions that the Bootstrap-Server starts unasked
    },
    "account": {"entropy": str, "timeout": str, "lifetime": int},
    "handle": {
        "stimuli": list,
        "keeps_state": bool,
        "survives_power_cut": bool,
        "listens": bool,
        "stop": str,
        "time_scale_max": int,
    },
    "start": {"command": list, "when": list},
    "timings": {name: (int, float) for name in Timings.__dataclass_fields__},
}
_WHEN: dict[str, type | tuple[type, ...]] = {"security": str, "have": str, "arguments": list}
_TYPE_NAMES = {str: "a string", bool: "true or false", list: "a list", dict: "a table"}


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
    return _Reader(path, raw, text, data).profile()


def _key_lines(text: str) -> dict[str, int]:
    """Line numbers of tables and keys. Arrays of tables count from 0: `start.when.0.have`."""
    lines: dict[str, int] = {}
    table, counts = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\[\s*([\w.]+)\s*\]\]", line):
            index = counts.get(match[1], 0)
            counts[match[1]] = index + 1
            table = f"{match[1]}.{index}"
            lines.setdefault(match[1], number)
        elif match := re.match(r"\s*\[\s*([\w.]+)\s*\]", line):
            table = match[1]
        elif match := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            key = match[1].strip("\"'")
            lines.setdefault(f"{table}.{key}" if table else key, number)
            continue
        else:
            continue
        lines.setdefault(table, number)
    return lines


class _Reader:
    def __init__(self, path: Path, raw: bytes, text: str, data: dict[str, Any]) -> None:
        self.path, self.raw, self.data = path, raw, data
        self.lines = _key_lines(text)

    def fail(self, key: str, text: str) -> ProfileError:
        line = self.lines.get(key)
        return ProfileError(f"{self.path}:{line}: {text}" if line else f"{self.path}: {text}")

    def check_table(
        self, name: str, table: Any, known: Mapping[str, type | tuple[type, ...]]
    ) -> dict[str, Any]:
        if not isinstance(table, dict):
            raise self.fail(name, f"{name} must be a table: write [{name}]")
        for key, value in table.items():
            dotted = f"{name}.{key}"
            if key not in known:
                raise self.fail(
                    dotted, f"unknown key {key!r} in [{name}]: known are {', '.join(known)}"
                )
            wanted = known[key]
            # bool is an int in Python, never in a profile
            wrong = isinstance(value, bool) and wanted is not bool
            if wrong or not isinstance(value, wanted):
                what = (
                    _TYPE_NAMES.get(wanted, "a number") if isinstance(wanted, type) else "a number"
                )
                raise self.fail(dotted, f"{key} in [{name}] must be {what}, not {value!r}")
        return table

    def strings(
        self, dotted: str, value: list[Any], allowed: Optional[tuple[str, ...]] = None
    ) -> tuple[str, ...]:
        for item in value:
            if not isinstance(item, str):
                raise self.fail(dotted, f"{dotted} must hold strings only, not {item!r}")
            if allowed is not None and item not in allowed:
                raise self.fail(
                    dotted, f"{dotted}: unknown value {item!r}: known are {', '.join(allowed)}"
                )
        return tuple(value)

    def choice(self, table: dict[str, Any], dotted: str, allowed: tuple[str, ...]) -> Optional[str]:
        value = table.get(dotted.split(".")[-1])
        if value is not None and value not in allowed:
            raise self.fail(
                dotted, f"{dotted}: unknown value {value!r}: known are {', '.join(allowed)}"
            )
        return value

    def placeholders(self, dotted: str, words: tuple[str, ...]) -> None:
        for word in words:
            for name in PLACEHOLDER.findall(word):
                if name not in PLACEHOLDERS and not name.startswith("env."):
                    raise self.fail(
                        dotted,
                        f"unknown placeholder {{{name}}}: known are env.NAME, "
                        f"{', '.join(sorted(PLACEHOLDERS))}",
                    )

    def profile(self) -> Profile:
        for name in self.data:
            if name not in _TABLES:
                raise self.fail(name, f"unknown table [{name}]: known are {', '.join(_TABLES)}")
        tables = {
            name: self.check_table(name, self.data.get(name, {}), known)
            for name, known in _TABLES.items()
        }
        for dotted in ("client.name", "supports.editions", "supports.security", "start.command"):
            table, key = dotted.split(".")
            if not tables[table].get(key):
                raise self.fail(table, f"{key} is missing in [{table}]: every profile needs it")
        command = self.strings("start.command", tables["start"]["command"])
        self.placeholders("start.command", command)
        groups = tuple(
            self.group(index, item) for index, item in enumerate(tables["start"].get("when", []))
        )
        words = [*command, *(word for group in groups for word in group.arguments)]
        entropy = self.choice(tables["account"], "account.entropy", ("low", "high", "told"))
        timeout = self.choice(tables["account"], "account.timeout", ("start", "write"))
        listens = tables["handle"].get("listens", False)
        for declared, key, name in (
            (entropy == "told", "account.entropy", "bs_entropy"),
            (timeout == "start", "account.timeout", "bs_timeout"),
            (listens, "handle.listens", "listen_port"),
        ):
            if declared and not any(f"{{{name}}}" in word for word in words):
                raise self.fail(
                    key,
                    f"{key} says that the start command tells it, but no argument has {{{name}}}",
                )
        supports = {k: v for k, v in tables["supports"].items() if isinstance(v, bool)}
        if supports.get("account_timeout") is False and timeout is not None:
            raise self.fail(
                "account.timeout",
                "account.timeout contradicts supports.account_timeout = false: drop one",
            )
        if supports.get("server_initiated") is True and not listens:
            raise self.fail(
                "supports.server_initiated",
                "supports.server_initiated needs handle.listens = true: the start command tells "
                "the client by {listen_port} where to listen",
            )
        lifetime = tables["account"].get("lifetime", 86400)
        if not 1 <= lifetime <= 86400:
            raise self.fail(
                "account.lifetime",
                f"account.lifetime must be from 1 to 86400 seconds, not {lifetime}",
            )
        time_scale_max = tables["handle"].get("time_scale_max")
        if time_scale_max is not None and not 1 <= time_scale_max <= MOST:
            raise self.fail(
                "handle.time_scale_max",
                f"handle.time_scale_max must be from 1 to {MOST}, not {time_scale_max}",
            )
        for key, value in tables["timings"].items():
            if not 0 <= value <= 86400:
                raise self.fail(
                    f"timings.{key}", f"timings.{key} must be from 0 to 86400 seconds, not {value}"
                )
        return Profile(
            path=self.path,
            sha256=hashlib.sha256(self.raw).hexdigest(),
            name=tables["client"]["name"],
            version=tables["client"].get("version", ""),
            editions=self.strings("supports.editions", tables["supports"]["editions"], EDITIONS),
            securities=self.strings(
                "supports.security", tables["supports"]["security"], SECURITIES
            ),
            supports=supports,
            entropy=entropy,
            timeout=timeout,
            lifetime=lifetime,
            keeps_state=tables["handle"].get("keeps_state"),
            survives_power_cut=tables["handle"].get("survives_power_cut"),
            listens=listens,
            stimuli=self.strings("handle.stimuli", tables["handle"].get("stimuli", []), STIMULI),
            stop=self.choice(tables["handle"], "handle.stop", STOPS) or "sigterm",
            command=command,
            groups=groups,
            timings=Timings(**tables["timings"]),
            time_scale_max=time_scale_max,
            lines=self.lines,
        )

    def group(self, index: int, item: Any) -> StartGroup:
        name = f"start.when.{index}"
        table = self.check_table(name, item, _WHEN)
        if not table.get("arguments"):
            raise self.fail(name, "a [[start.when]] needs arguments = [...]")
        security = self.choice(table, f"{name}.security", SECURITIES)
        have = self.choice(table, f"{name}.have", tuple(sorted(PLACEHOLDERS)))
        if security is None and have is None:
            raise self.fail(name, "a [[start.when]] needs a condition: security = or have =")
        arguments = self.strings(f"{name}.arguments", table["arguments"])
        self.placeholders(f"{name}.arguments", arguments)
        return StartGroup(arguments, security, have)
