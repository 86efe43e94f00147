# SPDX-License-Identifier: Apache-2.0
"""What a profile says, once it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping, Optional

from bootcheck.profile.expected import ExpectedResult
from bootcheck.profile.factory import FactoryAccount
from bootcheck.profile.lab import Lab
from bootcheck.profile.placeholders import PLACEHOLDER, filled
from bootcheck.profile.stated import StatedReading

STIMULI = (
    "trigger",
    "register_refused",
    "restart",
    "server_silent",
    "server_gone",
    "handshake_refused",
    "action",
)
MAX_LATENCY_S = 100.0  # RFC 7252 4.8.2
STOPS = ("sigterm", "close_stdin")


@dataclass(frozen=True)
class StartGroup:
    """Arguments that are added when a condition holds."""

    arguments: tuple[str, ...]
    security: Optional[str] = None
    edition: Optional[str] = None
    have: Optional[str] = None  # a placeholder that has a value in this lane


@dataclass(frozen=True)
class Timings:
    """Seconds. All are bounds for waiting, never for judging what came in time."""

    start_s: float = 30.0  # from the start of the program to its first Bootstrap-Request
    reaction_s: float = 30.0  # from a stimulus to the Bootstrap-Request it brings
    hold_off_s: float = 0.0  # what the client adds of its own before it contacts a Bootstrap-Server
    purge_grace_s: float = 1.5  # how late after its timeout an account may be purged
    # from the last command of a session without Finish to its end, as this client does it
    session_limit_s: float = 247.0
    retry_s: float = 60.0  # from a bootstrap that failed to the next attempt
    answer_s: float = 100.0  # RFC 7252 4.8.2: MAX_TRANSMIT_WAIT 93 s, and some margin


@dataclass(frozen=True)
class CoapParameters:
    """The client's transmission parameters (RFC 7252 4.8)."""

    ack_timeout_s: float = 2.0
    ack_random_factor: float = 1.5
    max_retransmit: int = 4
    exchange_lifetime_s: Optional[float] = None  # where it is not the one that follows from these

    @property
    def exchange_s(self) -> float:
        """EXCHANGE_LIFETIME (RFC 7252 4.8.2): transmissions, two latencies, and an answer."""
        if self.exchange_lifetime_s is not None:
            return self.exchange_lifetime_s
        span_s = self.ack_timeout_s * (2**self.max_retransmit - 1) * self.ack_random_factor
        return span_s + 2 * MAX_LATENCY_S + self.ack_timeout_s

    @property
    def loss_s(self) -> float:
        """By when what was lost has come again, from the client or from the peer.

        After up to ACK_TIMEOUT × ACK_RANDOM_FACTOR (a ClientHello after 1 s, RFC 6347 4.2.4.1). A
        window of just that would end as the retransmission is sent: a second more for its way, and
        for clients whose timers count in whole seconds.
        """
        of_peer = CoapParameters.ack_timeout_s * CoapParameters.ack_random_factor
        return max(of_peer, self.ack_timeout_s * self.ack_random_factor) + 1.0


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
    hold_off: Optional[bool]  # the start command sets /0/x/11, by {bs_hold_off}
    lifetime: int  # seconds, of registrations: short where only their end brings an Update
    keeps_state: Optional[bool]  # a restart without factory reset keeps what was bootstrapped
    survives_power_cut: Optional[bool]  # a kill too keeps what was bootstrapped
    listens: bool  # on {listen_port}, where it has a value
    stimuli: tuple[str, ...]
    stop: str  # how the program is told to end: one of STOPS
    command: tuple[str, ...]
    binary: Optional[str]  # the environment variable that says where the program is
    groups: tuple[StartGroup, ...]
    timings: Timings
    coap: CoapParameters = CoapParameters()
    expected: tuple[ExpectedResult, ...] = ()
    readings: Mapping[str, StatedReading] = field(default_factory=dict)  # by row
    environment: Mapping[str, str] = field(default_factory=dict)  # of the start command
    lab: Lab = field(default_factory=Lab)
    factory: Optional[FactoryAccount] = None  # of a client that cannot be told its key
    found_low: str = ""  # why `entropy` is low although the profile says high
    time_scale_max: Optional[int] = None  # how many times faster the client's clock may run
    lines: Mapping[str, int] = field(repr=False, default_factory=dict)

    def declared(self, need: str) -> tuple[str, Optional[bool]]:
        """The key that declares what a scenario needs, and its value; None: not declared."""
        if need == "keeps_state":
            return "handle.keeps_state", self.keeps_state
        if need == "factory_hold_off":
            return "account.hold_off", self.hold_off
        if need == "survives_power_cut":
            return "handle.survives_power_cut", self.survives_power_cut
        return f"supports.{need}", self.supports.get(need)

    def factories(self) -> dict[str, FactoryAccount]:
        """All factory accounts that cannot be told, by device; "" where there is one client."""
        found = {device.name: device.factory for device in self.lab.devices if device.factory}
        return found or ({"": self.factory} if self.factory else {})

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
            if group.edition not in (None, values.get("edition")):
                continue
            if group.have is not None and group.have not in values:
                continue
            words += group.arguments
        where = self.where("start.command")
        return [filled(word, values, where) for word in words]

    def start_environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """Variables of the start command; those that have no value in this lane are left out."""
        where = self.where("start.environment")
        return {
            name: filled(text, values, where)
            for name, text in self.environment.items()
            if all(n in values or n.startswith("env.") for n in PLACEHOLDER.findall(text))
        }

    @property
    def start_words(self) -> tuple[str, ...]:
        """All that the start command may give to the client, in any variant."""
        grouped = (word for group in self.groups for word in group.arguments)
        return (*self.command, *grouped, *self.environment.values())

    def starts_with(self, placeholder: str) -> bool:
        """The start command asks for it, at least in some variant."""
        return any(f"{{{placeholder}}}" in word for word in self.start_words)

    def action(self, name: str, values: Mapping[str, str]) -> list[str]:
        """The program of an action. Raises ProfileError for a placeholder without a value."""
        where = self.where(f"actions.{name}")
        return [filled(word, values, where) for word in self.lab.actions[name]]
