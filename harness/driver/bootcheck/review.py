# SPDX-License-Identifier: Apache-2.0
"""`review --client P`: what a profile decides before a run, and what it leaves undecided."""

from __future__ import annotations

import datetime
import sys
from typing import Iterator, Optional, Sequence, TextIO

from bootcheck import trial
from bootcheck.applicability import applicability, denied
from bootcheck.inventory import load_scenarios
from bootcheck.lane import RunSettings
from bootcheck.layout import Layout
from bootcheck.profile import Profile, ProfileError
from bootcheck.requirement import load_catalogue
from bootcheck.scenario import Scenario
from bootcheck.verdict import ExitCode, Verdict

_WORDS = {Verdict.INCONCLUSIVE: "ask ", Verdict.NOT_APPLICABLE: "n/a "}


def review(profile: Profile, scenarios: Sequence[Scenario], layout: Layout) -> Iterator[str]:
    """A line for each declaration that keeps scenarios from being run, and what it decides."""
    settings = RunSettings(profile, layout.peer_program, strict=False, seed=0)
    catalogue = load_catalogue()
    for line in denied(profile, catalogue):
        yield f"FAIL  {line}"
    for row, stated in profile.readings.items():
        there = ", ".join(f"{edition} {verdict}" for edition, verdict in stated.verdicts.items())
        told = f"{row} is read as {stated.number}: {stated.text} Verdict: {there}"
        yield f"read  {profile.where(f'readings.{row}')}: {told}"
    found: dict[tuple[Verdict, str], list[str]] = {}
    for scenario in scenarios:
        for variant in scenario.variants():
            if variant.edition in profile.editions and variant.security in profile.securities:
                result = applicability(scenario, variant, settings, catalogue)
                if result is not None and result.verdict in _WORDS:
                    names = found.setdefault((result.verdict, result.reason), [])
                    if scenario.name not in names:
                        names.append(scenario.name)
    for (verdict, reason), names in sorted(found.items(), key=lambda item: item[0][0].value):
        yield f"{_WORDS[verdict]}  {reason}; decides {', '.join(names)}"


def command(arguments: Sequence[str], layout: Layout, stream: Optional[TextIO] = None) -> int:
    """`review`: 0, 1 for a mandatory feature denied, 3 for a missing declaration, 2 usage."""
    out = stream or sys.stdout
    try:
        trials = trial.parsed("review", arguments, layout)
    except ProfileError as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.USAGE
    if trials is None:
        return ExitCode.USAGE
    scenarios = [filed.scenario for filed in load_scenarios(layout)]
    lines = list(review(trials.profile, scenarios, layout))
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for expected in trials.profile.expected:
        if expected.has_expired(today):
            lines.append(f"old   {expected.text}: expired on {expected.expires}")
        if expected.scenario not in (None, *(scenario.name for scenario in scenarios)):
            lines.append(f"old   {expected.where}: there is no scenario {expected.scenario}")
    print("\n".join(lines) or "ok    all that scenarios ask is declared and supported", file=out)
    if any(line.startswith("FAIL") for line in lines):
        return ExitCode.FAIL
    asked = any(line.startswith(_WORDS[Verdict.INCONCLUSIVE]) for line in lines)
    return ExitCode.INCONCLUSIVE if asked else ExitCode.OK
