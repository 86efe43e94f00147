# SPDX-License-Identifier: Apache-2.0
"""Events as lines that a person reads."""

from __future__ import annotations

from typing import Optional

from bootcheck.peer import Event


def describe(event: Event, origin_us: int) -> str:
    """An event as evidence: `+3.204 s bs request_received POST /bs?ep=x identity bs-1`."""
    parts = [f"{(event.t - origin_us) / 1e6:+.3f} s", str(event.get("server", "")), event.name]
    if event.get("method"):
        parts.append(request_line(event))
    if event.get("code"):
        parts.append(str(event["code"]))
    if event.get("identity"):
        parts.append(f"identity {identity_text(event['identity'])}")
    if event.get("description"):
        parts.append(str(event["description"]))
    return " ".join(part for part in parts if part)


def request_line(event: Event) -> str:
    """Method, path and query of a request."""
    query = "?" + "&".join(event["query"]) if event.get("query") else ""
    return f"{event['method']} /{'/'.join(event['path'])}{query}"


def identity_text(hexadecimal: Optional[str]) -> str:
    """A PSK identity, readable where it is text."""
    if not hexadecimal:
        return "not seen"
    return bytes.fromhex(hexadecimal).decode("utf-8", "backslashreplace")
