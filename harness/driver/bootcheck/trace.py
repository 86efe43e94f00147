# SPDX-License-Identifier: Apache-2.0
"""trace.txt: what happened in a lane, as a person reads it.

Made from the peer's events.jsonl and the driver's driver.jsonl, which share a clock. `->` is a
message of the client, `<-` one to it, `==` an event of the session below, `**` the driver.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

FILE_NAME = "trace.txt"
_SOURCES = ("events.jsonl", "driver.jsonl")
_DECODED_CHARACTERS = 600
_SUITES = 6  # shown of a ClientHello; all are in events.jsonl

Event = Mapping[str, Any]

# RFC 7252 5.10 and the registry of Content-Formats; LwM2M Core 7.4
_FORMATS = {0: "text", 40: "link-format", 42: "opaque", 11542: "tlv", 11543: "lwm2m+json"}


def write(directory: Path) -> Optional[Path]:
    """Write a lane's trace.txt; None when the lane has no events."""
    events = [event for name in _SOURCES for event in _read(directory / name)]
    if not events:
        return None
    path = directory / FILE_NAME
    path.write_text(render(events), encoding="utf-8")
    return path


def render(events: list[Event]) -> str:
    """The trace of these events; times are seconds since the first one."""
    ordered = sorted(events, key=_time)  # stable: the files are in order, and decide among equals
    width = max((len(str(event.get("server", ""))) for event in ordered), default=0)
    lines = []
    for event in ordered:
        seconds = (event["t"] - ordered[0]["t"]) / 1e6
        arrow, text, *more = _line(event)
        lines.append(f"{seconds:12.6f}  {event.get('server', ''):{width}}  {arrow} {text}".rstrip())
        lines += [" " * (width + 19) + line for line in more]
    return "\n".join(lines) + "\n"


def _time(event: Event) -> float:
    return float(event["t"])


def _read(path: Path) -> list[Event]:
    """The events of a file; a torn line of a killed process is passed over."""
    events: list[Event] = []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("t"), (int, float)):
            events.append(event)
    return events


def _line(event: Event) -> list[str]:
    """Arrow, text and further lines of an event."""
    name = event.get("event")
    if name is None:
        return ["**", str(event.get("text", _members(event)))]
    form = _FORMS.get(name)
    if form is None:
        return ["==", f"{name} {_members(event)}".strip()]
    try:
        return form(event)
    except (KeyError, TypeError, ValueError):  # of a later protocol version: better raw than lost
        return ["==", f"{name} {_members(event)}"]


def _members(event: Event) -> str:
    hidden = ("t", "seq", "event", "server")
    return " ".join(
        f"{key}={value if isinstance(value, str) else json.dumps(value)}"
        for key, value in event.items()
        if key not in hidden
    )


def _request(event: Event) -> list[str]:
    arrow = "->" if event["event"] == "request_received" else "<-"
    query = "?" + "&".join(event["query"]) if event.get("query") else ""
    text = f"{event['method']} /{'/'.join(event['path'])}{query}"
    return [arrow, " ".join([text, *_message(event)]), *_content(event)]


def _response_received(event: Event) -> list[str]:
    text = event["code"]
    if event.get("location_path"):
        text += " at /" + "/".join(event["location_path"])
    return ["->", " ".join([text, *_message(event)]), *_content(event)]


def _response_sent(event: Event) -> list[str]:
    text = f"{event['code']} {event.get('how', '')}".strip()
    if event.get("location"):
        text += f" at {event['location']}"
    return ["<-", " ".join([text, *_message(event)])]


def _message(event: Event) -> list[str]:
    parts = []
    if event.get("type"):
        parts.append(str(event["type"]))
    for key in ("mid", "token"):
        if event.get(key) not in (None, ""):
            parts.append(f"{key} {event[key]}")
    content_format = event.get("content_format")
    if content_format is not None:
        parts.append(_FORMATS.get(content_format, f"format {content_format}"))
    if event.get("exchange") is not None:
        parts.append(f"#{event['exchange']}")
    return parts


def _content(event: Event) -> list[str]:
    if event.get("decode_error"):
        return [f"does not decode: {event['decode_error']}: {_shown(event.get('payload'))}"]
    decoded = event.get("decoded")
    if decoded:
        return [_shown(decoded)]
    return [_shown(event["payload"])] if event.get("payload") else []


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _DECODED_CHARACTERS else text[:_DECODED_CHARACTERS] + " …"


def _identity(event: Event) -> str:
    identity = event.get("identity")
    if not isinstance(identity, str) or not identity:
        return "" if not identity else f" identity {json.dumps(identity)}"
    try:
        return f" identity {bytes.fromhex(identity).decode('utf-8', 'backslashreplace')!r}"
    except ValueError:
        return f" identity {identity!r}"


def _client_hello(event: Event) -> list[str]:
    notes = [note for note in ("cookie", "session_id", "successor") if event.get(note)]
    offered = event.get("suites", [])
    suites = " ".join(f"{suite:04x}" for suite in offered[:_SUITES])
    if len(offered) > _SUITES:
        suites += f" … ({len(offered)})"
    remote = f" from {event['remote']}" if event.get("remote") else ""
    return ["->", f"ClientHello{remote} suites {suites} {' '.join(notes)}".rstrip()]


def _opened(event: Event) -> list[str]:
    security = event.get("security", "")
    where = f"{event['role']} server on {event['address']}:{event['port']} ({security})"
    return ["==", f"{'open' if event['event'] == 'server_opened' else 'closed'}: {where}"]


def _registration(event: Event) -> list[str]:
    text = f"{event['event']} at {event.get('location', '')}"
    if event.get("endpoint"):
        text += f" as {event['endpoint']}"
    if event.get("lifetime") is not None:
        text += f" for {event['lifetime']} s"
    return ["==", text, *([" ".join(event["objects"])] if event.get("objects") else [])]


def _said(arrow: str, text: str) -> Callable[[Event], list[str]]:
    """A line from a template over the event's members; a missing member is an empty text."""

    class Members(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            return ""

    def form(event: Event) -> list[str]:
        return [arrow, text.format_map(Members(event)).rstrip()]

    return form


_FORMS: dict[str, Callable[[Event], list[str]]] = {
    "peer_started": _said("==", "peer {version} started, seed {seed}"),
    "peer_stopped": _said("==", "peer stopped"),
    "server_opened": _opened,
    "server_closed": _opened,
    "client_hello": _client_hello,
    "identity_offered": lambda event: [
        "->",
        f"ClientKeyExchange{_identity(event)}, {'known' if event.get('known') else 'unknown'}",
    ],
    "handshake_failed": lambda event: [
        "==",
        f"handshake failed: {event['reason']}{_identity(event)}",
    ],
    "association_opened": lambda event: [
        "==",
        f"association {event.get('association', '')} with {event.get('remote', '')} is up:"
        f" {event.get('security', '')} {event.get('suite') or ''}{_identity(event)}".rstrip(),
    ],
    "association_closed": _said("==", "association {association} ended: {reason}"),
    "alert_sent": _said("<-", "alert {level} {description} ({number})"),
    "alert_received": _said("->", "alert {level} {description} ({number})"),
    "icmp_error": _said("->", "ICMP type {type} code {code} from {remote}"),
    "request_received": _request,
    "request_repeated": _said("->", "retransmission of #{exchange}, answered alike"),
    "request_sent": _request,
    "request_retransmitted": _said("<-", "retransmission {attempt} of #{exchange}"),
    "acknowledged": _said("->", "empty ACK #{exchange}"),
    "response_sent": _response_sent,
    "response_received": _response_received,
    "answer_withheld": _said("==", "no answer to #{exchange}: {action}"),
    "exchange_failed": _said("==", "#{exchange} failed: {reason}"),
    "response_repeated": _said("->", "{type} {code} again, of #{exchange}"),
    "response_unmatched": _said("->", "response {code} matches no request, token {token}"),
    "message_malformed": _said("->", "malformed message: {why}: {bytes}"),
    "datagram_undecodable": _said("->", "undecodable datagram: {why}: {bytes}"),
    "rule_broken": _said("==", "breaks rule {rule} ({requirement}): {what}"),
    "impaired": _said("==", "impairment: {what}, {direction}, {layer}"),
    "overloaded": _said("==", "peer overloaded: {why}"),
    "registered": _registration,
    "updated": _registration,
    "deregistered": _registration,
}
