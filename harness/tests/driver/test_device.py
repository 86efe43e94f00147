# SPDX-License-Identifier: Apache-2.0
"""Devices of a lab: one lane each, used no more when they do not come, ports in turn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from bootcheck.bench import Bench
from bootcheck.device import Device, DevicePool, NoDevice, authority
from bootcheck.factory_state import leave
from bootcheck.profile import ProfileError, load
from bootcheck.scenario import Scenario
from bootcheck.verdict import ErrorKind, Result, Verdict
from lab_profile import RESTARTED, Lab, lab

__all__ = ["lab"]


def test_a_device_has_one_lane_at_a_time() -> None:
    async def run() -> None:
        pool = DevicePool([Device("only")])
        held = await pool.take()
        waiting = asyncio.create_task(pool.take())
        await asyncio.sleep(0)
        assert not waiting.done()
        held.release()
        assert (await waiting).device.name == "only"

    asyncio.run(run())


def test_device_that_does_not_come_twice_is_used_no_more() -> None:
    async def run() -> None:
        pool = DevicePool([Device("dead")])
        held = await pool.take()
        assert not held.missed("nothing came")
        held.came()  # only misses in a row count
        assert not held.missed("nothing came")
        held.release()
        waiting = asyncio.create_task(pool.take())
        assert (await waiting).missed("nothing came")
        with pytest.raises(NoDevice, match="no device is left: dead: it did not come 2 times"):
            await pool.take()

    asyncio.run(run())


def test_lane_that_waits_is_told_when_the_last_device_is_gone() -> None:
    async def run() -> None:
        pool = DevicePool([Device("only")])
        held = await pool.take()
        waiting = asyncio.create_task(pool.take())
        await asyncio.sleep(0)
        held.retire("it is stranded")
        with pytest.raises(NoDevice, match="only: it is stranded"):
            await waiting

    asyncio.run(run())


def test_servers_of_one_lane_do_not_take_the_ports_of_the_lane_before() -> None:
    async def run() -> None:
        pool = DevicePool([Device("one", "192.0.2.1", (6000, 6003))])
        held = await pool.take()
        assert [held.place(number, True).port for number in (1, 2)] == [6000, 6001]
        held.release()
        held = await pool.take()
        assert [held.place(number, True).port for number in (1, 2, 3, 4)] == [
            6002,
            6003,
            6000,
            6001,
        ]
        with pytest.raises(NoDevice, match="needs 5 servers and has ports 6000 to 6003"):
            held.place(5, True)

    asyncio.run(run())


def test_uri_has_brackets_around_an_ipv6_address_only() -> None:
    assert authority("2001:db8::1", 5684) == "[2001:db8::1]:5684"
    assert authority("192.0.2.1", 5684) == "192.0.2.1:5684"
    assert authority("lab.example", 5684) == "lab.example:5684"


def test_device_that_was_purged_without_a_way_back_is_used_no_more(lab: Lab) -> None:
    async def run() -> None:
        pool = DevicePool([Device("board")])
        held = await pool.take()
        facts: list[str] = []
        profile = load(lab.write("command", actions=RESTARTED))
        client = SimpleNamespace(offers=lambda profile: frozenset())
        bench: Any = SimpleNamespace(
            lane=SimpleNamespace(held=held), contacted=True, profile=profile, client=client
        )
        bench.fact = facts.append
        scenario = cast(Scenario, SimpleNamespace(name="purge", ends="purged"))
        passed = Result(Verdict.PASS)
        assert await leave(cast(Bench, bench), scenario, passed) is passed
        assert facts == ["device board is stranded and used no more"]
        held.release()
        with pytest.raises(NoDevice, match="purge stranded it"):
            await pool.take()

    asyncio.run(run())


def test_device_that_does_not_come_for_the_last_time_is_an_error_of_the_environment() -> None:
    async def run() -> None:
        pool = DevicePool([Device("board")])
        bench: Any = SimpleNamespace(lane=SimpleNamespace(held=await pool.take()), contacted=False)
        silent = Result(Verdict.ERROR, "nothing came", error_kind=ErrorKind.PROFILE)
        assert await leave(bench, None, silent) is silent
        last = await leave(bench, None, silent)
        assert last.error_kind is ErrorKind.ENVIRONMENT
        assert last.reason == "nothing came; device board is used no more"

    asyncio.run(run())


@pytest.mark.parametrize(
    "device, words",
    [
        ('address = "lab"', "'lab' is no IPv4 or IPv6 address"),
        ("ports = [6000]", "must be two ports, the first and the last"),
        ("ports = [6001, 6000]", "the first port, 6001, is beyond the last, 6000"),
        ("colour = 1", "unknown key 'colour'"),
    ],
)
def test_device_that_cannot_be_is_refused(lab: Lab, device: str, words: str) -> None:
    with pytest.raises(ProfileError, match=r"board\.toml:\d+: ") as refused:
        load(lab.write("command", devices=(f'name = "board"\n{device}',)))
    assert words in str(refused.value)


def test_devices_that_share_name_or_ports_are_refused(lab: Lab) -> None:
    with pytest.raises(ProfileError, match="two devices are called board"):
        load(lab.write("command", devices=('name = "board"', 'name = "board"')))
    shared = 'address = "192.0.2.1"\nports = [6000, 6010]'
    with pytest.raises(ProfileError, match="devices a and b share ports of 192.0.2.1"):
        load(lab.write("command", devices=(f'name = "a"\n{shared}', f'name = "b"\n{shared}')))


def test_remote_device_needs_an_address(lab: Lab, tmp_path: Path) -> None:
    from bootcheck import adapters

    with pytest.raises(ProfileError, match="device board needs an address"):
        adapters.check(load(lab.write("remote")))
    with pytest.raises(ProfileError, match="unknown adapter 'robot': known are process, command"):
        adapters.check(load(lab.write("robot")))
    with pytest.raises(ProfileError, match="cannot be had: No module named 'nowhere'"):
        adapters.check(load(lab.write("nowhere:Board")))
