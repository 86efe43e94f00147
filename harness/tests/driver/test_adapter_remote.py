# SPDX-License-Identifier: Apache-2.0
"""The remote adapter: a device in another network namespace, over IPv4 and over IPv6."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
import real_run
from bootcheck.runlog import RunRecord, read
from bootcheck.verdict import Verdict
from lab_profile import Lab, lab

__all__ = ["lab"]
# RFC 5737 and RFC 3849: addresses for documentation, in namespaces that nothing else reaches
OURS, THEIRS = {4: "192.0.2.1", 6: "2001:db8::1"}, {4: "192.0.2.2", 6: "2001:db8::2"}
PREFIX = {4: 24, 6: 64}
NAMESPACES = Path("/run/netns")


@dataclass
class Network:
    """Two namespaces and the cable between them: the driver is in one, the device in the other."""

    driver: str
    device: str

    def run(self, arguments: list[str], directory: Path) -> RunRecord:
        done = subprocess.run(
            ["ip", "netns", "exec", self.driver]
            + real_run.command(*arguments, "--output", str(directory)),
            env=real_run.environment(),
            capture_output=True,
            text=True,
            timeout=real_run.LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
        assert (directory / "run.jsonl").exists(), done.stdout + done.stderr
        return read(directory / "run.jsonl")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def is_mounted() -> bool:
    """The folder of namespaces is a mount of itself, as the first `ip netns add` makes it."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4] == str(NAMESPACES) for line in mounts)


@pytest.fixture(scope="module", autouse=True)
def mount() -> Iterator[None]:
    """Leaves that folder as it was."""
    before = is_mounted()
    yield
    if not before and is_mounted() and not os.listdir(NAMESPACES):
        subprocess.run(["umount", str(NAMESPACES)], check=True)


@pytest.fixture(scope="module")
def network(mount: None) -> Iterator[Network]:
    made = Network(f"bootcheck-a-{os.getpid()}", f"bootcheck-b-{os.getpid()}")
    try:
        ip("netns", "add", made.driver)
        ip("-n", made.driver, "link", "set", "lo", "up")  # refused in a chroot
    except FileNotFoundError:
        pytest.skip("there is no ip program: install iproute2")
    except subprocess.CalledProcessError as problem:
        subprocess.run(["ip", "netns", "delete", made.driver], capture_output=True)
        pytest.skip(f"network namespaces are refused here: {problem.stderr.strip()}")
    try:
        ip("netns", "add", made.device)
        ip(
            *("link", "add", "cable", "netns", made.driver, "type", "veth"),
            *("peer", "name", "cable", "netns", made.device),
        )
        for namespace, addresses in ((made.driver, OURS), (made.device, THEIRS)):
            for version, address in addresses.items():
                words = ["addr", "add", f"{address}/{PREFIX[version]}", "dev", "cable"]
                ip("-n", namespace, *words, *(["nodad"] if version == 6 else []))
            for link in ("lo", "cable"):
                ip("-n", namespace, "link", "set", link, "up")
        yield made
    finally:
        for namespace in (made.driver, made.device):
            subprocess.run(["ip", "netns", "delete", namespace], capture_output=True)


@pytest.mark.parametrize("version", [4, 6])
def test_whole_purge_scenario(lab: Lab, tmp_path: Path, network: Network, version: int) -> None:
    (lab.board("board").folder / "namespace").write_text(network.device)
    device = f'name = "board"\naddress = "{OURS[version]}"\nports = [5700, 5707]'
    path = lab.write("remote", devices=(device,))
    variant = network.run(["--client", str(path), *real_run.PURGE], tmp_path / "out").variants[0]
    assert variant.result.verdict is Verdict.PASS, variant.result
    assert "device board came back from its factory reset" in variant.result.facts
    trace = (tmp_path / "out" / variant.lane / "trace.txt").read_text()
    host = f"[{THEIRS[6]}]" if version == 6 else THEIRS[4]
    assert f"ClientHello from {host}:" in trace
    if version == 6:
        assert f"{THEIRS[6]}\t/bs" in _dissected(tmp_path / "out" / variant.lane / "capture.pcapng")


def test_what_the_device_is_told_may_differ_from_where_servers_are_bound(
    lab: Lab, tmp_path: Path, network: Network
) -> None:
    board = lab.board("board")
    (board.folder / "namespace").write_text(network.device)
    # two addresses of one cable: bound to all, told by one
    device = 'name = "board"\naddress = "0.0.0.0"\nports = [5700, 5707]\n'
    device += f'uri_host = "{OURS[4]}"'
    path = lab.write("remote", devices=(device,))
    kept = ["-k", "account_without_timeout_is_kept", "--edition", "1.1", "--security", "psk"]
    variant = network.run(["--client", str(path), *kept], tmp_path / "out").variants[0]
    assert variant.result.verdict is Verdict.PASS, variant.result
    assert f"coaps://{OURS[4]}:57" in (board.folder / "arguments").read_text()


def _dissected(capture: Path) -> str:
    """Source and path of each CoAP message that tshark decrypts."""
    decode = [f"-dudp.port=={port},dtls" for port in range(5700, 5708)]
    decode += [f"-ddtls.port=={port},coap" for port in range(5700, 5708)]
    fields = ["-Y", "coap", "-T", "fields", "-e", "ipv6.src", "-e", "coap.opt.uri_path_recon"]
    command = ["tshark", "-r", str(capture), *decode, *fields]
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
