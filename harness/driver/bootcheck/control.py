# SPDX-License-Identifier: Apache-2.0
"""Control runs: the same stimuli on the same client with an account that must be kept.

Silence proves a purge only when the same client, given the same stimuli, would have spoken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bootcheck import stimulus

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.profile import Profile

RUNS = 3  # control lanes of a variant, all at once
_DAY_S = 86400


@dataclass(frozen=True)
class Kind:
    """An account that must be kept."""

    label: str
    entropy: str
    timeout: int | None


def kinds(edition: str, profile: "Profile") -> list[Kind]:
    """Kinds of accounts for controls, the preferred one first."""
    long_timeout = Kind("a timeout of one day", "low" if edition == "CR" else "high", _DAY_S)
    found = []
    if edition != "CR":
        found.append(Kind("no timeout", "high", None))
    elif profile.entropy in ("told", "high"):
        found.append(Kind("a high-entropy key", "high", None))
    if profile.timeout is not None and (edition != "CR" or profile.entropy in ("told", "low")):
        found.append(long_timeout)
    return found


@dataclass
class Control:
    """What the controls of a variant have shown."""

    label: str
    # one lost datagram, the stimulus or the contact, must not make a client silent
    loss_s: float
    # stimulus -> seconds from its effect to the contact, one a run
    reactions: dict[str, list[float]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def effective(self) -> list[str]:
        """Stimuli that brought the client to its Bootstrap-Server in every run, in their order."""
        return [name for name, times in self.reactions.items() if len(times) == RUNS]

    @property
    def slowest_s(self) -> float:
        return max((max(self.reactions[name]) for name in self.effective), default=0.0)

    def window_s(self, hold_off_s: float) -> float:
        """Seconds that silence must last: twice the slowest control, or it and a retransmission."""
        return max(self.slowest_s + self.loss_s, 2 * self.slowest_s) + hold_off_s

    def origin(self, hold_off_s: float) -> str:
        """Where the window comes from, for reports."""
        text = (
            f"slowest of {RUNS} controls with {self.label} = {self.slowest_s:.3f} s, twice or with "
            f"{self.loss_s:g} s for a retransmission (RFC 7252 4.8), whichever is longer"
        )
        return text + (f" + declared hold-off {hold_off_s:g} s" if hold_off_s else "")


async def measure(bench: "Bench", kind: Kind, reactions: dict[str, float]) -> None:
    """One control run: seconds from each stimulus to the contact that it brought."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=kind.timeout, entropy=kind.entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    await session.provision(dm)
    for name in bench.stimuli():
        applied = await stimulus.apply(name, bench, dm)
        contact = None
        if applied.effective:
            contact = await bench.wait_for(
                bs.is_contact, after_seq=applied.seq, within_s=bench.profile.timings.reaction_s
            )
        bench.note(f"control: {applied.told}; " + ("contact" if contact else "no contact"))
        if contact is not None:
            reactions[name] = max(0.0, (contact.t - applied.effect_us) / 1e6)
            await dm.accept_registration()
            request = await bench.expect_bootstrap_request(bs, applied.seq)
            await bs.session(request).provision(dm)
            continue
        await dm.accept_registration()
        if name != "trigger":
            break  # refused and not back: the client's state is not known any more
