# SPDX-License-Identifier: Apache-2.0
"""The manual adapter: a person does what the terminal asks for, and says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Mapping

from bootcheck.adapters.adapter import (
    FACTORY_RESET,
    POWER_CUT,
    RESTART,
    STIMULATE,
    ActionFailed,
    Adapter,
)
from bootcheck.profile import ProfileError
from bootcheck.redaction import redacted
from bootcheck.terminal import TerminalClosed

if TYPE_CHECKING:
    from bootcheck.profile import Profile

START, START_AGAIN, STOP = "start", "start_again", "stop"
# what is asked where the profile's [manual] says nothing else
_INSTRUCTIONS = {
    START: "Give the client these facts as its factory account, then start it:",
    START_AGAIN: "Start the client again. Tell it nothing: it goes on with what it has.",
    STOP: "End the client in an orderly way: shut it down or switch it off as a user would.",
    POWER_CUT: "Cut the client's power at once: pull the plug, no orderly shutdown.",
    FACTORY_RESET: "Reset the client to its factory state: it forgets all accounts.",
}
# what a person enters, and how a person calls it
_FACTS = {
    "endpoint": "Endpoint Client Name",
    "bs_uri": "Bootstrap-Server URI",
    "bs_identity": "its PSK identity",
    "bs_identity_hex": "the same in hexadecimal",
    "bs_key_hex": "its PSK key in hexadecimal",
    "bs_entropy": "entropy of the key",
    "bs_timeout": "Account Timeout /0/x/12 in seconds",
    "server_uri": "LwM2M Server URI",
    "server_short_id": "its Short Server ID",
    "server_identity": "its PSK identity",
    "server_identity_hex": "the same in hexadecimal",
    "server_key_hex": "its PSK key in hexadecimal",
    "listen_port": "UDP port to listen on",
}


class ManualAdapter(Adapter):
    """A device in the hands of a person; one at a time."""

    asks = True

    @classmethod
    def offers(cls, profile: "Profile") -> frozenset[str]:
        asked = {RESTART, POWER_CUT, FACTORY_RESET, STIMULATE}
        return frozenset(
            action for action in asked if action == RESTART or cls._instruction(profile, action)
        )

    @classmethod
    def check(cls, profile: "Profile") -> None:
        if len(profile.lab.devices) > 1:
            raise ProfileError(
                f"{profile.where('device.1')}: a person handles one device at a time: keep one "
                "[[device]]"
            )

    @staticmethod
    def _instruction(profile: "Profile", action: str) -> str:
        """What the person is told to do; empty: cannot be done."""
        return profile.lab.instructions.get(action, _INSTRUCTIONS.get(action, ""))

    async def start(self) -> None:
        await self._do(START, self.facts)

    async def start_again(self) -> None:
        await self._do(START_AGAIN)

    async def stop(self) -> None:
        await self._do(STOP)

    async def power_cut(self) -> None:
        await self._do(POWER_CUT)

    async def factory_reset(self) -> None:
        await self._do(FACTORY_RESET)

    async def stimulate(self) -> None:
        await self._do(STIMULATE)

    async def _do(self, action: str, facts: Mapping[str, str] = {}) -> None:
        terminal = self.lane.settings.terminal
        assert terminal is not None
        lines = [
            f"device {self.device_name}, {self.lane.name}: {action}",
            f"  {self._instruction(self.profile, action)}",
            *(f"    {what:35} {facts[name]}" for name, what in _FACTS.items() if name in facts),
            "  Press Enter when it is done, or type what went wrong: ",
        ]
        try:
            person = await terminal.person()
            answer = await terminal.ask("\n".join(lines))
        except TerminalClosed as problem:
            raise ActionFailed(f"action {action} of device {self.device_name}: {problem}")
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if answer:
            answer = redacted(answer.encode(), self.keys).decode("utf-8", "replace")
            self.note(f"{person}, {when}: action {action} of device {self.device_name}: {answer}")
            raise ActionFailed(f"action {action} of device {self.device_name}: {person}: {answer}")
        self.note(f"{person} confirmed, {when}: action {action} of device {self.device_name}")
