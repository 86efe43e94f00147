# SPDX-License-Identifier: Apache-2.0
"""The `@scenario` mark and the variants of a scenario."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Iterator, Mapping, Optional, Sequence

from bootcheck.key_class import key_class

EDITIONS = ("CR", "1.0", "1.1", "1.2")
SECURITIES = ("nosec", "psk")

ScenarioFunction = Callable[[Any], Awaitable[None]]


class ScenarioError(Exception):
    """A scenario is written wrongly; the text says what to mend."""


@dataclass(frozen=True)
class Variant:
    """A scenario with one choice of edition, security and format."""

    edition: str
    security: str
    content_format: str = "tlv"
    key: str = ""  # the class of the factory key, where the scenario asks for several

    @property
    def id(self) -> str:
        """As in node ids: `1.1-psk-tlv`, `CR-psk-tlv-pin`."""
        kind = f"{self.edition}-{self.security}-{self.content_format}"
        return f"{kind}-{self.key}" if self.key else kind

    @property
    def place(self) -> str:
        """As in expectations, whatever the format and the class of the key: `1.1-psk`."""
        return place_of(self.id)


def place_of(variant_id: str) -> str:
    """Edition and security of a variant's id."""
    return "-".join(variant_id.split("-")[:2])


@dataclass(frozen=True)
class Scenario:
    """One script with what it tests and what it needs."""

    name: str
    requirements: tuple[str, ...]
    editions: tuple[str, ...]
    securities: tuple[str, ...]
    needs: tuple[str, ...]  # names under [supports] of the profile
    entropy: str | None  # CR only: the entropy that the factory key must have ("low", "high")
    ends: str  # state in which the client is left: "kept" or "purged"
    slow: bool
    purpose: str
    function: ScenarioFunction
    keys: tuple[str, ...] = ()  # CR with PSK only: the classes of the factory key that are tried
    official: Mapping[str, str] = field(default_factory=dict)  # by edition: its id in OMA's ETS
    errata: str = ""  # where the official case cannot be followed as it is printed

    def variants(self) -> Iterator[Variant]:
        """All variants, in a fixed order."""
        for edition in self.editions:
            for security in self.securities:
                classes = self.keys if (edition, security) == ("CR", "psk") else ()
                for key in classes or ("",):
                    yield Variant(edition, security, key=key)


def scenario(
    *requirements: str,
    editions: Sequence[str],
    securities: Sequence[str] = SECURITIES,
    needs: Sequence[str] = (),
    entropy: str | None = None,
    ends: str = "kept",
    slow: bool = False,
    keys: Sequence[str] = (),
    official: Optional[Mapping[str, str]] = None,
    errata: str = "",
) -> Callable[[ScenarioFunction], ScenarioFunction]:
    """Mark an `async def name(bench)` as a scenario of these rows, the primary one first."""

    def mark(function: ScenarioFunction) -> ScenarioFunction:
        name = function.__name__
        if not inspect.iscoroutinefunction(function):
            raise ScenarioError(f"scenario {name} must be an 'async def'")
        if not requirements:
            raise ScenarioError(f"scenario {name} names no requirement")
        for edition in editions:
            if edition not in EDITIONS:
                raise ScenarioError(f"scenario {name}: unknown edition {edition!r}")
        for security in securities:
            if security not in SECURITIES:
                raise ScenarioError(f"scenario {name}: unknown security {security!r}")
        for key in keys:
            if entropy is None or key_class(entropy, key) != key:
                raise ScenarioError(f"scenario {name}: no key class {key!r} of {entropy} entropy")
        if not set(official or {}) <= set(editions):
            raise ScenarioError(f"scenario {name}: an official id is of one of its editions")
        if not function.__doc__:
            raise ScenarioError(f"scenario {name} has no docstring: it is the test purpose")
        function.scenario = Scenario(  # type: ignore[attr-defined]
            name=name,
            requirements=tuple(requirements),
            editions=tuple(editions),
            securities=tuple(securities),
            needs=tuple(needs),
            entropy=entropy,
            ends=ends,
            slow=slow,
            purpose=inspect.cleandoc(function.__doc__),
            function=function,
            keys=tuple(keys),
            official=dict(official or {}),
            errata=errata,
        )
        return function

    return mark


def official_text(ids: Sequence[str], errata: str) -> str:
    """The case of OMA's ETS that a scenario is; empty where it is none."""
    if not ids:
        return ""
    return f"official: {', '.join(ids)}" + (f"; errata: {errata}" if errata else "")
