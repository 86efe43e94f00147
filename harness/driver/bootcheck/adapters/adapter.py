# SPDX-License-Identifier: Apache-2.0
"""The base class of adapters: how the driver handles a client under test (docs/adapters.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Callable, ClassVar, Mapping, Optional, Sequence

from bootcheck.layout import Layout
from bootcheck.redaction import redacted

if TYPE_CHECKING:
    from bootcheck.lane import Lane
    from bootcheck.process import Spawner
    from bootcheck.profile import Profile

# What an adapter may offer beside `start` and `stop`.
RESTART, POWER_CUT = "restart", "power_cut"  # `stop` or `power_cut`, then `start_again`
FACTORY_RESET, STIMULATE = "factory_reset", "stimulate"

_OUTPUT_SHOWN = 2000  # bytes of the last output that a report repeats


class ClientDied(Exception):
    """The client ended by itself; the text says how."""


class ActionFailed(Exception):
    """The lab did not do what it was told; the text names the action and what went wrong."""


class Adapter:
    """One client under test in one lane. A subclass overrides what its kind of client needs.

    The driver calls `provision` once, then `start`; during a scenario `stop` or `power_cut`, each
    followed by `start_again`; after a scenario that strands the client `factory_reset`, followed
    by `start`; at last `close`. Whether the client is ready is seen on the wire, never asked here:
    a method returns when the action is done, and raises ActionFailed when it cannot be done.
    """

    # what this kind of client can do beside `start` and `stop`
    offered: ClassVar[frozenset[str]] = frozenset()
    # each scenario has a client of its own, made from nothing: no device is stranded
    disposable: ClassVar[bool] = False
    # a person at the terminal is asked (`lane.settings.terminal`)
    asks: ClassVar[bool] = False

    def __init__(self, lane: "Lane", spawner: "Spawner", changed: Callable[[], None]) -> None:
        self.lane = lane
        self.profile = lane.settings.profile
        self.directory: Path = lane.directory  # output goes here, and the whole is kept
        self.spawner = spawner  # starts programs that never outlive the run
        self.changed = changed  # to be called when `died` was set
        self.died: Optional[str] = None  # how the client ended by itself, once it has
        # when its life began, on the monotonic clock, where that is known to some milliseconds;
        # else it was at some time while `start` was carried out
        self.began_us: Optional[int] = None
        self.keys: Sequence[bytes] = ()  # to be kept out of everything that is written
        self.note: Callable[[str], None] = lambda text: None  # says something in the trace
        self.facts: Mapping[str, str] = {}
        self.security = ""

    @classmethod
    def offers(cls, profile: "Profile") -> frozenset[str]:
        """What this client offers of RESTART, POWER_CUT, FACTORY_RESET and STIMULATE."""
        return cls.offered

    @classmethod
    def check(cls, profile: "Profile") -> None:
        """Raises ProfileError when the profile does not say what the adapter needs."""

    def provision(self, facts: Mapping[str, str], security: str) -> None:
        """What the client has from its factory, by the names of placeholders. Raises ProfileError.

        Nothing happens to the client yet: `start` gives it the facts.
        """
        self.facts, self.security = facts, security

    async def start(self) -> None:
        """Start the client in its factory state with the account that `provision` named."""
        raise NotImplementedError

    async def start_again(self) -> None:
        """Start the client with the state that it had when it was stopped or lost its power."""
        await self.start()

    async def stop(self) -> None:
        """End the client in an orderly way."""
        raise NotImplementedError

    async def power_cut(self) -> None:
        """Take the power away: the client has no time to do anything."""
        raise NotImplementedError

    async def factory_reset(self) -> None:
        """Make the client forget all that it was told."""
        raise NotImplementedError

    async def stimulate(self) -> None:
        """Give the client its own reason to turn to its Bootstrap-Server."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the client after the scenario and put away what it leaves."""
        await self.stop()
        self.clean(self.log)

    # -- for subclasses -----------------------------------------------------------------------

    @property
    def device_name(self) -> str:
        """The device that the lane has."""
        return self.lane.held.device.name if self.lane.held is not None else self.profile.name

    def placeholders(self) -> Mapping[str, str]:
        """The facts, and what every command may use beside them."""
        own = {
            "build": str(Layout.of_this_package().build),
            "lane_dir": str(self.directory),
            "device": self.device_name,
        }
        return {**own, **self.facts}

    @property
    def log(self) -> Path:
        """Where the client's output goes."""
        return self.directory / "client.log"

    def last_output(self) -> str:
        """The end of what the client printed, for reports."""
        return self.tail(self.log)

    def tail(self, file: Path) -> str:
        """The end of a file, without keys."""
        try:
            with open(file, "rb") as log:
                log.seek(0, 2)
                log.seek(max(0, log.tell() - _OUTPUT_SHOWN))
                return redacted(log.read(), self.keys).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return ""

    def clean(self, file: Path) -> None:
        """Take the keys out of a file."""
        if file.exists():
            file.write_bytes(redacted(file.read_bytes(), self.keys))
