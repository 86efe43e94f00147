# SPDX-License-Identifier: Apache-2.0
"""A trace tells a lane's story in the order of time, and never loses an event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bootcheck import trace

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "peer-protocol.schema.json"


def line(**members: Any) -> str:
    return trace.render([{"server": "bs", "t": 0, **members}]).strip()


BOOTSTRAP = {
    "t": 2_500_000,
    "seq": 2,
    "event": "request_received",
    "server": "bs",
    "exchange": 4,
    "type": "CON",
    "mid": 17,
    "token": "ab12",
    "method": "POST",
    "path": ["bs"],
    "query": ["ep=client", "pct=60"],
}


def test_sources_are_merged_by_time(tmp_path: Path) -> None:
    hello = {"t": 1_000_000, "event": "client_hello", "server": "bs", "suites": [0xC0A8]}
    (tmp_path / "events.jsonl").write_text(f"{json.dumps(hello)}\n{json.dumps(BOOTSTRAP)}\n")
    (tmp_path / "driver.jsonl").write_text('{"t": 2000000, "text": "trigger the client"}\n')
    path = trace.write(tmp_path)
    assert path is not None
    first, second, third = path.read_text().splitlines()
    assert first.split() == ["0.000000", "bs", "->", "ClientHello", "suites", "c0a8"]
    assert second.split() == ["1.000000", "**", "trigger", "the", "client"]
    assert third.endswith("bs  -> POST /bs?ep=client&pct=60 CON mid 17 token ab12 #4")
    assert third.strip().startswith("1.500000")


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(json.dumps(BOOTSTRAP) + '\n{"t": 3, "ev')
    path = trace.write(tmp_path)
    assert path is not None and len(path.read_text().splitlines()) == 1


def test_a_lane_without_events_has_no_trace(tmp_path: Path) -> None:
    assert trace.write(tmp_path) is None
    assert not (tmp_path / "trace.txt").exists()


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"event": "response_sent", "code": "2.04", "how": "piggybacked"}, "<- 2.04 piggybacked"),
        (
            {"event": "request_sent", "method": "PUT", "path": ["0", "1"], "content_format": 11542},
            "<- PUT /0/1 tlv",
        ),
        (
            {"event": "response_received", "code": "2.01", "location_path": ["rd", "5"]},
            "-> 2.01 at /rd/5",
        ),
        (
            {"event": "identity_offered", "identity": "62732d31", "known": False},
            "-> ClientKeyExchange identity 'bs-1', unknown",
        ),
        (
            {
                "event": "alert_sent",
                "level": "fatal",
                "description": "bad_record_mac",
                "number": 20,
            },
            "<- alert fatal bad_record_mac (20)",
        ),
        ({"event": "request_retransmitted", "attempt": 2, "exchange": 9}, "retransmission 2 of #9"),
        ({"event": "request_repeated", "exchange": 3}, "-> retransmission of #3"),
        ({"event": "icmp_error", "type": 3, "code": 3, "remote": "r"}, "ICMP type 3 code 3"),
        ({"event": "of_a_later_version", "member": [1]}, "== of_a_later_version member=[1]"),
        ({"event": "server_opened"}, "== server_opened"),
    ],
)
def test_events_read_like_messages(members: dict[str, Any], text: str) -> None:
    assert text in line(**members)


def test_contents_are_shown_and_keys_are_not() -> None:
    decoded = {"tlv": [{"kind": "resource", "id": 5, "value": {"redacted": "deadbeef"}}]}
    text = line(**BOOTSTRAP, decoded=decoded)
    assert '"redacted": "deadbeef"' in text.splitlines()[1]


def test_every_event_of_the_protocol_has_its_form() -> None:
    known = json.loads(SCHEMA.read_text())["$defs"]["events"]
    assert set(known) <= set(trace._FORMS)
