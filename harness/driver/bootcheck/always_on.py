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
SURVIVES = "survives"  # what runner.py makes of a client that ended by itself, wherever it did
_EVIDENCE = 3  # breaches that are shown; all are in the trace


@dataclass(frozen=True)
class Rule:
    """Its row and what it compares, in words; the editions if they are fewer than the row's."""

    requirement: str
    what: str
    expected: str
    editions: tuple[str, ...] = ("CR", "1.0", "1.1", "1.2")


RULES: Mapping[str, Rule] = {
    "confirmable": Rule("SEQ-20", "requests of the client are Confirmable", "CON"),
    "object-list": Rule("ACC-02", "no object list names a Security instance", "no /0"),
    # object 21 is one of the enabler from 1.1 on
    "object-list-oscore": Rule(
        "ACC-02", "no object list names an OSCORE instance", "no /21", editions=("1.1", "1.2")
    ),
    "object-list-format": Rule(
        "REG-02", "object lists are link format with its Content-Format", "link format, 40"
    ),
    "object-list-whole": Rule(
        "REG-03", "the object list of Register has Server and Device", "/1 and /3"
    ),
    "register-parameters": Rule(
        "REG-01", "a Register says what it must", "lifetime, version and object list, once each"
    ),
    # from 1.1 on it may be left to the identity of the security layer
    "register-endpoint": Rule("REG-01", "a Register says the endpoint", "ep", editions=("1.0",)),
    "bootstrap-request": Rule(
        "REQ-01", "a Bootstrap-Request goes to /bs with one ep", "POST /bs?ep=…"
    ),
    "bootstrap-request-endpoint": Rule(
        "REQ-02", "a Bootstrap-Request says the endpoint", "ep", editions=("CR", "1.0")
    ),
    "preferred-format": Rule(
        "REQ-03",
        "a preferred content format is one that a Write may have",
        "11542, 110, 112 or 11544",
    ),
    "bootstrap-request-bare": Rule(
        "REQ-04", "a Bootstrap-Request has no payload and no unknown critical option", "neither"
    ),
    # the codes of CoAP itself (4.02, 4.08, 4.13) and 5.xx answer any command
    "write-codes": Rule("WRI-06", "a Write is answered by one of its codes", "2.04, 4.00, 4.15"),
    "delete-codes": Rule("DEL-08", "a Delete is answered by one of its codes", "2.02, 4.00"),
    "discover-codes": Rule(
        "DSC-07", "a Discover is answered by one of its codes", "2.05, 4.00, 4.04"
    ),
    "read-codes": Rule(
        "RDR-03",
        "a Read is answered by one of its codes",
        "2.05, 4.00, 4.01, 4.04, 4.05, 4.06",
    ),
    "finish-codes": Rule("FIN-12", "a Finish is answered by one of its codes", "2.04, 4.00, 4.06"),
    "discover-format": Rule("DSC-01", "the answer to a Discover is link format", "link format, 40"),
    "discover-version": Rule("DSC-02", "the answer to a Discover says the version", "lwm2m=…"),
    "versions-agree": Rule(
        "DSC-02", "the version of a Register is that of the Discover before", "the same version"
    ),
    "register-after-finish": Rule(
        "SEQ-16", "no Register goes to a newly written account before the Finish", "none"
    ),
    "message-format": Rule("MSG-01", "what the client sends is CoAP", "messages that can be read"),
    "message-id": Rule("MSG-02", "no message has the id of another one", "ids of their own"),
    "token": Rule("MSG-03", "a response has the token of its request", "the same token"),
    "non-not-acknowledged": Rule(
        "MSG-04", "a Non-confirmable request is not acknowledged", "no ACK"
    ),
    "retransmission": Rule(
        "MSG-05",
        "a Confirmable message comes again neither too soon nor too often",
        "after ACK_TIMEOUT, then twice as long each time, MAX_RETRANSMIT times at most",
    ),
    "answered-alike": Rule(
        "WRI-12", "a repetition of a request is answered as the first was", "the same answer"
    ),
    "deleted-server": Rule(
        "SEQ-18", "nothing goes to a server whose account a session deleted", "a De-register only"
    ),
    "nothing-in-the-clear": Rule(
        "SEC-01", "nothing comes in the clear to a server with security", "within DTLS"
    ),
}


async def judge(bench: "Bench") -> None:
    """Make the checks of the rules that held a message so far. Raises PeerLost."""
    tallies = (await bench.peer.call("status"))["rules"]
    for name, tally in tallies.items():
        breaches = [
            event
            for event in bench.peer.events
            if event.name == "rule_broken" and event["rule"] == name and _in_one_life(bench, event)
        ]
        _judge(bench, name, tally, breaches)


def _in_one_life(bench: "Bench", breach: Event) -> bool:
    """A client that was started again need not know what it did before."""
    earlier = breach.get("earlier_us", breach.t)
    return not any(earlier < restart <= breach.t for restart in bench.restarts)


def _judge(bench: "Bench", name: str, tally: Mapping[str, Any], breaches: list[Event]) -> None:
    rule, edition = RULES[name], bench.variant.edition
    row = bench.shared.catalogue[rule.requirement].of(edition)
    if edition not in row.editions or edition not in rule.editions:
        if breaches:
            bench.fact(
                f"{breaches[0]['what']}: {row.id} forbids it, which is no rule of edition {edition}"
            )
        return
    observed = f"so are all {tally['held']} messages"
    if breaches:
        observed = f"{breaches[0]['what']} ({len(breaches)} of {tally['held']} messages)"
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
