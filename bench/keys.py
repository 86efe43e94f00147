# SPDX-License-Identifier: Apache-2.0
"""How fast keys are searched, by derivation: beside the hash alone, and hashcat."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Optional

from bootstraps import BenchError

TARGETS = ["bench-raw-hash", "bootcheck-audit-keys"]
ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "harness/keys/data"
_KEY = "b7c5d1e09a4f36287d51c3aef0692b84"  # no PIN, word or value of the device leads to it
# hashcat's modes of the same derivations: -m
_HASHCAT = {
    "md5(pin)": "0",
    "sha1(pin)": "100",
    "sha256(pin)": "1400",
    "hmac-sha256-by-secret(pin)": "1450",
    "pbkdf2-sha1-1000(pin)": "12000",
    "pbkdf2-sha256-1000(pin)": "10900",
}


def measure(program: Path, raw: Path, rounds: int) -> None:
    """Print both tables. Raises BenchError, CalledProcessError."""
    _measure_raw(raw, rounds)
    ours = _searches(program)
    hashcat = _hashcat()
    print(f"\n{'candidates per second':42} {'ours':>12} {'hashcat':>12}")
    for name, rate in ours.items():
        print(f"{name:42} {_shown(rate)} {_shown(hashcat.get(name))}")


def _shown(rate: Optional[float]) -> str:
    return f"{rate:12,.0f}" if rate is not None else f"{'-':>12}"


def _measure_raw(raw: Path, rounds: int) -> None:
    print("\nPINs of 8 digits through SHA-256, all cores, million a second (medians)")
    for keys in (1, 100000):
        lines = _output([str(raw), str(rounds), str(keys)]).splitlines()
        found = [json.loads(line) for line in lines]
        # by CPU time: other work on the machine does not count
        ratios = [item["search_ns"] / item["alone_ns"] for item in found]
        alone = statistics.median(item["alone"] for item in found) / 1e6
        search = statistics.median(item["search"] for item in found) / 1e6
        print(
            f"  {keys:6} keys: block function alone {alone:.1f}, search {search:.1f}; "
            f"CPU time {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _searches(program: Path) -> dict[str, float]:
    """Candidates a second by derivation, the fastest search of each that took long enough."""
    device = {"line": 1, "identity": "i", "endpoint": "urn:dev:1", "serial": "SN1", "key": _KEY}
    command = [
        str(program),
        f"--words={LISTS / 'words.txt'}",
        f"--known={LISTS / 'known-keys.txt'}",
    ]
    command += [f"--labels={LISTS / 'labels.txt'}", "--budget=5"]
    done = subprocess.run(command, input=json.dumps(device), capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"{program} ended with {done.returncode}: {done.stderr}")
    rates: dict[str, float] = {}
    for line in done.stdout.splitlines():
        record = json.loads(line)
        if record["record"] == "search" and record["seconds"] > 0.05:
            rate = record["tried"] / record["seconds"]
            rates[record["id"]] = max(rate, rates.get(record["id"], 0.0))
    return dict(sorted(rates.items()))


def _hashcat() -> dict[str, float]:
    """Its own benchmark, on the CPU by OpenCL; empty where it is not there."""
    if shutil.which("hashcat") is None:
        return {}
    rates = {}
    for name, mode in _HASHCAT.items():
        text = _output(["hashcat", "-b", "-m", mode, "-D", "1", "--machine-readable", "--force"])
        for line in text.splitlines():
            if match := re.match(rf"\d+:{mode}:.*:([\d.]+)$", line):
                # PBKDF2 is measured with 999 iterations: near enough
                rates[name] = float(match[1])
    return rates


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.stdout
