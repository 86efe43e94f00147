# SPDX-License-Identifier: Apache-2.0
"""What a profile decides before anything is run."""

from __future__ import annotations

from typing import Iterator, Mapping, Optional

from bootcheck.factory_state import strands
from bootcheck.lane import RunSettings
from bootcheck.profile import Profile
from bootcheck.requirement import Requirement
from bootcheck.scenario import Scenario, Variant
from bootcheck.verdict import Check, Result, Verdict

# Features that a client must have: the key under [supports], and the row that asks for it.
MANDATORY: Mapping[str, str] = {
    "hold_off": "SEQ-09",  # /0/x/11 belongs to Client Initiated Bootstrap (registry)
    "account_replacement": "CLN-08",  # in CR a client may be unable to: it is purged instead
}


def applicability(
    scenario: Scenario,
    variant: Variant,
    settings: RunSettings,
    catalogue: Mapping[str, Requirement],
) -> Optional[Result]:
    """What the profile decides before a variant is run; None: nothing.

    NOT APPLICABLE by a line of it, INCONCLUSIVE where a declaration is missing, and FAIL of the
    scenarios about a mandatory feature that it declares false.
    """
    profile = settings.profile

    def not_applicable(key: str, text: str) -> Result:
        return Result(Verdict.NOT_APPLICABLE, f"{profile.where(key)}: {text}")

    if variant.edition not in profile.editions:
        return not_applicable("supports.editions", f"edition {variant.edition} is not claimed")
    if variant.security not in profile.securities:
        return not_applicable("supports.security", f"{variant.security} is not supported")
    for need in scenario.needs:
        key, declared = profile.declared(need)
        if declared is False:
            row = _mandatory(need, variant.edition, catalogue)
            if row is not None and row.id in scenario.requirements:
                return _denied(need, row.of(variant.edition), profile.where(key), settings.strict)
            return not_applicable(key, f"{need} = false")
        if declared is None:
            table = key.split(".")[0]
            return Result(
                Verdict.INCONCLUSIVE,
                f"{profile.where(table)}: {need} is not declared: say {need} = true or false",
            )
    if stranded := strands(scenario, settings):
        return Result(Verdict.NOT_APPLICABLE, stranded)
    if "account_timeout" in scenario.needs and profile.timeout is None:
        return Result(
            Verdict.INCONCLUSIVE,
            f"{profile.where('account')}: timeout is not declared: say how /0/x/12 is set",
        )
    # without a key there is no entropy, and the published editions do not ask for it
    asked = scenario.entropy if (variant.edition, variant.security) == ("CR", "psk") else None
    if asked is not None and profile.entropy not in ("told", asked):
        if profile.entropy is None:
            return Result(
                Verdict.INCONCLUSIVE,
                f"{profile.where('account')}: entropy is not declared: say low, high or told",
            )
        return not_applicable(
            "account.entropy",
            f"the factory key has {profile.entropy} entropy, the scenario needs {scenario.entropy}"
            + (f" ({profile.found_low})" if profile.found_low else ""),
        )
    if variant.key not in ("", *scenario.keys[:1]) and profile.entropy != "told":
        return not_applicable("account.entropy", f"a key of class {variant.key} cannot be told")
    return None


def _mandatory(
    need: str, edition: str, catalogue: Mapping[str, Requirement]
) -> Optional[Requirement]:
    """The row that asks for the feature in this edition; None: it is optional there."""
    row_id = MANDATORY.get(need)
    if row_id is None or edition not in catalogue[row_id].editions:
        return None
    return catalogue[row_id]


def _denied(need: str, row: Requirement, where: str, strict: bool) -> Result:
    check = Check(
        "declared",
        row.id,
        row.breach(strict),
        f"the client has {need}, which is mandatory",
        expected=f"{need} = true",
        observed=f"{where} says {need} = false",
    )
    return Result(check.verdict, check.text, [check])


def denied(profile: Profile, catalogue: Mapping[str, Requirement]) -> Iterator[str]:
    """A line for each mandatory feature that the profile declares false."""
    for need, row_id in MANDATORY.items():
        key, declared = profile.declared(need)
        editions = [e for e in profile.editions if _mandatory(need, e, catalogue)]
        if declared is False and editions:
            told = f"{row_id} asks for it in {', '.join(editions)}"
            yield f"{profile.where(key)}: {need} = false, but {told}"
