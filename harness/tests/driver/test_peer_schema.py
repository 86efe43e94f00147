# SPDX-License-Identifier: Apache-2.0
"""The schema of the control protocol: strict, and about the same things as its description."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from peer_process import ROOT, SCHEMA, validate_event

TEXT = (ROOT / "docs" / "peer-protocol.md").read_text()
DEFINITIONS = SCHEMA["$defs"]


def described(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(
        r"^\| (`[^|]*) \|", TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0], re.M
    )
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_description_and_schema_name_the_same() -> None:
    assert described("Events") == set(DEFINITIONS["events"])
    assert described("Methods") == set(DEFINITIONS["params"]) == set(DEFINITIONS["results"])


@pytest.mark.parametrize("group", ["params", "results", "events"])
def test_members_are_all_named(group: str) -> None:
    for name, definition in DEFINITIONS[group].items():
        assert definition["additionalProperties"] is False, name


@pytest.mark.parametrize(
    "change",
    [{"remote": "here"}, {"type": 256}, {"more": 1}, {"t": 1.5}, {"seq": 0}, {"server": None}],
    ids=lambda change: next(iter(change)),
)
def test_event_that_is_not_as_described_is_found(change: dict[str, Any]) -> None:
    event = {"t": 1, "seq": 1, "event": "icmp_error", "server": "bs", "remote": "127.0.0.1:1"}
    event |= {"type": 3, "code": 3}
    validate_event(event)
    with pytest.raises(jsonschema.ValidationError):
        validate_event(event | change)
