# SPDX-License-Identifier: Apache-2.0
"""What lists and Reads tell of objects: alternate paths, instances, URIs, access rights."""

from types import SimpleNamespace
from typing import Any

import pytest

from bootcheck.peer import Event
from bootcheck.server import alternate_path
from bootcheck.subjects.access_rule import AccessRule, rule_of
from bootcheck.subjects.discovery import expect_same_object_versions, instances, same_uri


def link(target: str, **attributes: str) -> dict[str, Any]:
    return {"target": target, "attributes": attributes}


def test_alternate_path_is_that_of_the_link_of_the_enabler() -> None:
    objects = [link("/lwm2m", rt="oma.lwm2m x"), link("/lwm2m/1/0")]
    assert alternate_path(objects) == ["lwm2m"]
    assert alternate_path([link("/a/b", rt="oma.lwm2m")]) == ["a", "b"]
    assert alternate_path([link("/", rt="oma.lwm2m"), link("/1/0")]) == []
    assert alternate_path([link("/x", rt="oma.lwm2mx"), link("/1/0")]) == []


def test_instances_are_those_of_the_object() -> None:
    links = [
        link("/", lwm2m="1.1"),
        link("/0/0"),
        link("/0/1", ssid="101"),
        link("/1"),
        link("/10/2"),
    ]
    assert instances(links, "0") == {0: {}, 1: {"ssid": "101"}}
    assert instances(links, "1") == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("coap://127.1.2.3", "coap://127.1.2.3:5683/", True),
        ("coaps://host:5684", "coaps://HOST", True),
        ("coap://host", "coaps://host", False),
        ("coap://host:1", "coap://host:2", False),
        ("coap://host", "coap://host/x", False),
        ("coap://host", "coap://host:port", False),
    ],
)
def test_uris_are_the_same_where_they_lead_to_the_same(one: str, other: str, same: bool) -> None:
    assert same_uri(one, other) is same


def entry(number: int, kind: str = "resource", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": number, **more}


def test_access_rule_is_read_with_and_without_its_instance() -> None:
    rights = [entry(101, "resource_instance", value=3), entry(102, "resource_instance", value=1)]
    resources = [
        entry(0, value=3),
        entry(1, value=0),
        entry(2, "multiple_resource", children=rights),
        entry(3, value=101),
    ]
    rule = AccessRule(5, 3, 0, {101: 3, 102: 1}, 101)
    assert rule_of(resources, 5) == rule
    assert rule_of([entry(5, "object_instance", children=resources)], 5) == rule
    assert rule_of([entry(4, "object_instance", children=resources)], 5) is None
    assert rule_of(resources[1:], 5) is None


@pytest.mark.parametrize(
    ("edition", "discovered", "registered", "same"),
    [
        ("1.1", [link("/3/0")], [link("/3", ver="1.1"), link("/3/0")], True),
        ("1.0", [link("/3/0")], [link("/3", ver="1.0"), link("/3/0")], True),
        ("1.0", [link("/3/0")], [link("/3", ver="1.1"), link("/3/0")], False),
        ("1.1", [link("/9", ver="2.0")], [link("/9", ver="2.1")], False),
        ("1.1", [link("/9", ver="2.0")], [link("/3/0")], True),  # not in both lists
        ("1.1", [link("/9", ver="2.0")], None, None),
    ],
)
def test_object_versions_are_compared_where_both_lists_have_the_object(
    edition: str, discovered: list[Any], registered: Any, same: Any
) -> None:
    made: list[Any] = []
    decoded = {} if registered is None else {"decoded": {"links": registered}}
    request = Event(1, 1, "request_received", {"exchange": 4, **decoded})
    bench: Any = SimpleNamespace(
        peer=SimpleNamespace(first=lambda match: request if match(request) else None),
        variant=SimpleNamespace(edition=edition),
        row=lambda *ids: ids[0],
        check=lambda name, row, passed, what, **more: made.append(passed),
    )
    expect_same_object_versions(bench, discovered, Event(2, 2, "registered", {"exchange": 4}))
    assert made == [same]
