# SPDX-License-Identifier: Apache-2.0
"""What a profile declares of its factory keys, held against what an audit of them finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping

from bootcheck.audit.factory_keys import of_profile
from bootcheck.audit.outcome import Key, Outcome
from bootcheck.audit.program import Program, Searches
from bootcheck.layout import Layout
from bootcheck.profile import Profile, ProfileError


@dataclass(frozen=True)
class FactoryAudit:
    """The verdicts on the factory keys of a profile, by device as in Profile.factories()."""

    keys: Mapping[str, Key]

    @classmethod
    def of(cls, profile: Profile, layout: Layout) -> "FactoryAudit":
        """Audit them quickly: some seconds. Raises AuditError, ProfileError."""
        factories = profile.factories()
        outcome = Outcome()
        if factories:
            program = Program(layout, Searches(quick=True))
            for line in program.records(of_profile(profile)):
                outcome.take(line)
        names = list(factories)
        found = {names[key.line - 1]: key for key in outcome.keys}
        return cls(found)

    @property
    def low(self) -> list[str]:
        """What is said of each key that is low."""
        return [
            f"key {key.fingerprint} of {name or 'the client'} is low: {key.reasons[0]}"
            for name, key in self.keys.items()
            if key.is_low
        ]


def corrected(profile: Profile, audit: FactoryAudit) -> Profile:
    """The profile with the entropy that its keys have: the branch of CR that really applies.

    Raises ProfileError where devices are declared high and some of them only are low.
    """
    if profile.entropy != "high" or not audit.low:
        return profile
    if len(audit.low) < len(audit.keys):
        raise ProfileError(
            f"{profile.where('account.entropy')}: entropy = \"high\", but {'; '.join(audit.low)}; "
            "of the other devices that does not show: give those a profile of their own"
        )
    return replace(profile, entropy="low", found_low=f"declared high, but {'; '.join(audit.low)}")


def told(profile: Profile) -> str:
    """What a run says of a profile that was corrected; empty where it was not."""
    if not profile.found_low:
        return ""
    return (
        f"{profile.where('account.entropy')}: {profile.found_low}\n"
        "  so in edition CR not the branch keep applies, but replace, and else the timeout purge: "
        "the client is judged by these (CLN-16, CLN-17; docs/entropy.md)"
    )
