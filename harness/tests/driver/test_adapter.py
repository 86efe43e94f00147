# SPDX-License-Identifier: Apache-2.0
"""What all adapters have in common, and adapters of one's own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bootcheck import adapters, stimulus
from bootcheck.adapters.adapter import RESTART, Adapter
from bootcheck.profile import ProfileError, load
from lab_profile import ALL, Lab, lab

__all__ = ["lab"]
OWN = """\
from bootcheck.adapters.adapter import STIMULATE, Adapter

class Robot(Adapter):
    offered = frozenset({STIMULATE})

class Stranger:
    pass
"""


def lane(directory: Path) -> Any:
    return SimpleNamespace(
        settings=SimpleNamespace(profile=SimpleNamespace(name="client")),
        directory=directory,
        held=None,
    )


def adapter(directory: Path) -> Adapter:
    spawner: Any = None
    return Adapter(lane(directory), spawner, lambda: None)


def test_client_starts_again_as_it_started_where_nothing_else_is_said(tmp_path: Path) -> None:
    made, started = adapter(tmp_path), []

    async def start() -> None:
        started.append(True)

    setattr(made, "start", start)
    asyncio.run(made.start_again())
    assert started == [True]
    assert made.offered == frozenset() and RESTART not in made.offered


def test_last_output_is_the_end_without_keys(tmp_path: Path) -> None:
    made = adapter(tmp_path)
    assert made.last_output() == ""
    made.keys = [bytes(range(16))]
    made.log.write_text("x" * 5000 + f" key {bytes(range(16)).hex()} end\n")
    assert made.last_output().endswith("xx key [key] end") and len(made.last_output()) < 2100


def test_placeholders_name_device_and_folder(tmp_path: Path) -> None:
    made = adapter(tmp_path)
    made.provision({"bs_uri": "coap://h"}, "nosec")
    found = made.placeholders()
    assert found["device"] == "client" and found["lane_dir"] == str(tmp_path)
    assert found["bs_uri"] == "coap://h"


def test_own_adapter_lies_beside_the_profile(lab: Lab) -> None:
    (lab.folder / "robot_lab.py").write_text(OWN)
    profile = load(lab.write("robot_lab:Robot", actions=()))
    adapters.check(profile)
    assert adapters.adapter_class(profile).__name__ == "Robot"
    assert [device.name for device in adapters.devices(profile)] == ["board"]
    with pytest.raises(ProfileError, match="Stranger is no subclass of bootcheck's Adapter"):
        adapters.check(load(lab.write("robot_lab:Stranger", actions=())))
    with pytest.raises(ProfileError, match="handle.keeps_state needs an adapter that can restart"):
        adapters.check(
            load(lab.write("robot_lab:Robot", actions=(), handle="keeps_state = true\n"))
        )


def test_stimulus_action_needs_an_action(lab: Lab) -> None:
    path = lab.write("command")
    text = path.read_text().replace('["trigger", "restart"]', '["action"]')
    path.write_text(text)
    with pytest.raises(ProfileError, match=r"handle.stimuli needs an adapter that can stimulate"):
        adapters.check(load(path))
    more = f"stimulate = [{lab.words('stimulate')}]\n"
    path.write_text(lab.write("command", actions=ALL, more=more).read_text())
    adapters.check(load(path))


def test_stimulus_action_takes_effect_when_it_is_done() -> None:
    done: list[int] = []

    async def stimulate_client() -> None:
        done.append(7)

    bench: Any = SimpleNamespace(
        peer=SimpleNamespace(last_seq=5),
        note=lambda text: None,
        now=lambda: done[-1],
        stimulate_client=stimulate_client,
    )
    dm: Any = None
    applied = asyncio.run(stimulus.apply("action", bench, dm))
    assert (applied.seq, applied.effect_us, applied.effective) == (5, 7, True)
