# SPDX-License-Identifier: Apache-2.0
"""The always-on rules: what the peer holds every message against, judged by edition.

Each rule that held a message becomes a check `rule-NAME` at the end of a variant. A rule whose
requirement is not one of the edition is a fact, never judged; one that held nothing says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping

from bootcheck.evidence import describe
from bootcheck.peer import Event

if TYPE_CHECKING:
    from bootcheck.bench import Bench

PREFIX = "rule-"
_EVIDENCE = 3  # breaches that are shown; all are in the trace


@dataclass(frozen=True)
class Rule:
    """What a rule compares, in words; where it holds in fewer editions than its requirement."""

    what: str
    expected: str
    editions: tuple[str, ...] = ("CR", "1.0", "1.1", "1.2")


RULES: Mapping[str, Rule] = {
    "confirmable": Rule("requests of the client are Confirmable", "CON"),
    "object-list": Rule("no object list names a Security instance", "no /0"),
    # object 21 is one of the enabler from 1.1 on
    "object-list-oscore": Rule(
        "no object list names an OSCORE instance", "no /21", editions=("1.1", "1.2")
    ),
}


async def judge(bench: "Bench") -> None:
    """Make the checks of the rules that held a message so far. Raises PeerLost."""
    tallies = (await bench.peer.call("status"))["rules"]
    for name, tally in tallies.items():
        breaches = [
            event
            for event in bench.peer.events
            if event.name == "rule_broken" and event["rule"] == name
        ]
        _judge(bench, name, tally, breaches)


def _judge(bench: "Bench", name: str, tally: Mapping[str, Any], breaches: list[Event]) -> None:
    rule, row = RULES[name], bench.shared.catalogue[tally["requirement"]]
    edition = bench.variant.edition
    if edition not in row.editions or edition not in rule.editions:
        if breaches:
            bench.fact(
                f"{breaches[0]['what']}: {row.id} forbids it, which is no rule of edition {edition}"
            )
        return
    observed = f"so are all {tally['held']} messages"
    if breaches:
        observed = f"{breaches[0]['what']} ({tally['broken']} of {tally['held']} messages)"
    bench.check(
        f"{PREFIX}{name}",
        row,
        not breaches,
        rule.what,
        expected=rule.expected,
        observed=observed,
        evidence=tuple(_described(bench, breach) for breach in breaches[:_EVIDENCE]),
    )


def _described(bench: "Bench", breach: Event) -> str:
    shown = f": {breach['bytes']}" if "bytes" in breach.data else ""
    return f"{describe(breach, bench.peer.events[0].t)}: {breach['what']}{shown}"
