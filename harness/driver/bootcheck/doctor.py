# SPDX-License-Identifier: Apache-2.0
"""`doctor --client P`: checks all that a run needs, and says what to mend; one line a check."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence, TextIO

from bootcheck import trial
from bootcheck.addresses import AddressBlock, AddressError
from bootcheck.bench import Bench
from bootcheck.control import Kind, kinds, measure
from bootcheck.device import NoDevice
from bootcheck.ending import Ended
from bootcheck.factory_facts import endpoint_of
from bootcheck.layout import Layout
from bootcheck.profile import PLACEHOLDER, Profile, ProfileError
from bootcheck.provenance import peer_versions
from bootcheck.scenario import Variant
from bootcheck.verdict import ErrorKind, ExitCode, Result, Verdict

_STOP_LIMIT_S = 1.9  # a program that is told to end is killed after two seconds


class Doctor:
    """The checks of one client."""

    def __init__(self, trials: trial.Trials, stream: TextIO) -> None:
        self._trials, self._stream = trials, stream
        self._profile = trials.profile
        self._code = ExitCode.OK

    def run(self) -> ExitCode:
        """All checks; the client is started only where all before it was fine."""
        self._machine()
        self._command()
        if self._code is ExitCode.OK:
            for variant in self._trials.variants:
                self._client(variant)
        return self._code

    def _ok(self, name: str, text: str) -> None:
        print(f"ok    {name}: {text}", file=self._stream, flush=True)

    def _mend(self, name: str, what: str, code: ExitCode = ExitCode.USAGE) -> None:
        print(f"mend  {name}: {what}", file=self._stream, flush=True)
        self._code = max(self._code, code)

    def _machine(self) -> None:
        program = self._trials.layout.peer_program
        versions = peer_versions(program)
        if versions:
            libraries = versions.get("libraries") or {}
            told = ", ".join(f"{name} {version}" for name, version in libraries.items())
            self._ok("peer", f"{versions.get('peer')}, {told}")
        else:
            self._mend("peer", f"{program} does not run: ./run_tests.py builds it", ExitCode.ERROR)
        if shutil.which("setpriv"):
            self._ok("setpriv", "it ends what a run leaves")
        else:
            self._mend("setpriv", "not found: apt-get install util-linux", ExitCode.ERROR)
        try:
            AddressBlock.take().release()
            self._ok("addresses", "a /24 of 127/8 with UDP ports 5683 and 5684 is free")
        except AddressError as problem:
            self._mend("addresses", str(problem), ExitCode.ERROR)
        self._ipv6()
        shown = (
            "found" if shutil.which("tshark") else "not found; only a reader of captures needs it"
        )
        self._ok("tshark", shown)

    def _ipv6(self) -> None:
        needed = [d.name for d in self._profile.lab.devices if d.address and ":" in d.address]
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
                probe.bind(("::1", 0))
            self._ok("IPv6", "the loopback has it")
        except OSError as problem:
            if needed:
                text = f"{problem.strerror}: devices {', '.join(needed)} need it"
                self._mend("IPv6", text, ExitCode.ERROR)
            else:
                self._ok("IPv6", "not there, and no device of the profile needs it")

    def _command(self) -> None:
        """Variables and files of the start command."""
        if not self._profile.lab.runs_start_command:
            return
        for name in dict.fromkeys(_variables(self._profile)):
            value = os.environ.get(name)
            if not value:
                how = f"set {name}"
                if name == self._profile.binary:
                    how += ", or give --binary PATH"
                self._mend("environment", f"{name} is not set ({self._where()}): {how}")
            elif "/" in value and not Path(value).exists():
                self._mend("environment", f"{name} = {value}: there is no such file")
            elif "/" in value and not Path(value).is_absolute():
                text = f"{name} = {value}: give a whole path, clients run in folders of their own"
                self._mend("environment", text)
            else:
                self._ok("environment", f"{name} is set")
        program = self._profile.command[0].replace("{build}", str(self._trials.layout.build))
        program = PLACEHOLDER.sub(lambda m: os.environ.get(m[1][4:], ""), program)
        if program and shutil.which(program) is None:
            kind = "is not executable" if Path(program).exists() else "is not there"
            self._mend("program", f"{program} {kind} ({self._where()}): build or install it")
        elif program:
            self._ok("program", program)

    def _where(self) -> str:
        return self._profile.where("start.command")

    def _client(self, variant: Variant) -> None:
        """What the client does when it is handled as the profile says."""
        label = f"client over {variant.security}"
        kind = next(iter(kinds(variant.edition, self._profile)), None)
        seen: dict[str, float] = {}
        offered: list[str] = []

        async def handled(bench: Bench) -> None:
            await self._handled(bench, label, kind)

        async def stimulated(bench: Bench) -> None:
            assert kind is not None
            offered.extend(bench.stimuli())
            await measure(bench, kind, seen)

        try:
            result = self._trials.run([(variant, handled)])[0]
            if self._told(label, result) or trial.failed(result) is not None:
                return
            if kind is None:
                text = f"edition {variant.edition} lets it keep no account that the profile allows"
                return self._ok(label, f"no stimulus was tried: {text}")
            result = self._trials.run([(variant, stimulated)])[0]
        except (AddressError, NoDevice) as problem:
            return self._mend(label, str(problem), ExitCode.ERROR)
        failed = trial.failed(result)
        if failed is not None:
            self._mend(label, f"after a stimulus it is not bootstrapped: {failed.text}")
        if self._told(label, result) or failed is not None:
            offered = list(seen)  # what the others would have brought is not known
        self._stimuli(label, variant, offered, seen)

    def _stimuli(
        self, label: str, variant: Variant, offered: Sequence[str], seen: Mapping[str, float]
    ) -> None:
        """What each stimulus brought; after one that failed the client's state is not known."""
        bound = self._profile.timings.reaction_s
        for name in offered:
            if name in seen:
                self._time(f"{label}, {name}", seen[name], bound, "reaction_s")
            elif name == "trigger" and variant.edition in ("CR", "1.0"):
                self._ok(f"{label}, trigger", f"edition {variant.edition} has none")
            else:
                text = f"it brought no contact within {bound:g} s"
                where = self._profile.where("handle.stimuli")
                self._mend(f"{label}, {name}", f"{text}: {where}, timings.reaction_s")
                if name != "trigger":
                    return

    def _told(self, label: str, result: Result) -> bool:
        """Say why a trial could not be carried out; False when it was."""
        if result.verdict is Verdict.ERROR and result.reason:
            by_lab = result.error_kind in (ErrorKind.PROFILE, None)
            text = result.reason
            if result.details:
                text += f"; its last output: {' | '.join(result.details.splitlines()[-5:])}"
            self._mend(label, text, ExitCode.USAGE if by_lab else ExitCode.ERROR)
            return True
        return False

    async def _handled(self, bench: Bench, label: str, kind: Optional[Kind]) -> None:
        """Start, bootstrap, stop and restart."""
        bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
        timeout = kind.timeout if kind is not None else None
        account = bs.account(timeout=timeout, entropy=kind.entropy if kind else "high")
        began = time.monotonic()
        await bench.start_client(account=account)
        session = await bs.expect_bootstrap_request()
        took = time.monotonic() - began
        bench.check("asked", bench.row("REQ-01"), True, "it asks", expected="", observed="")
        self._time(f"{label}, start", took, self._profile.timings.start_s, "start_s")
        query = dict(item.partition("=")[::2] for item in session.request.get("query") or [])
        wanted = endpoint_of(bench.lane)
        if query.get("ep") != wanted:
            came = f"ep={query['ep']}" if "ep" in query else "no ep"
            text = f"{came} came, and ep={wanted} was told: see {{endpoint}} in start.command"
            self._mend(label, f"{self._where()}: {text}")
        await bench.apply_timeout(session)
        try:
            await session.provision(dm)
        except Ended:
            text = bench.checks[-1].text
            return self._mend(label, f"it asks for a bootstrap and is not bootstrapped: {text}")
        self._ok(label, "it is bootstrapped and registers")
        for key, declared, again in (
            ("keeps_state", self._profile.keeps_state, bench.restart_client),
            ("survives_power_cut", self._profile.survives_power_cut, bench.power_cut_client),
        ):
            if declared is None:
                self._mend(label, f"{key} is not declared in [handle]: ./run_tests.py probe tells")
                continue
            if not declared:
                continue
            seq = await again()
            bound = self._profile.timings.start_s
            back = await bench.wait_for(
                lambda e: dm.is_registration(e) or bs.is_bootstrap_request(e),
                after_seq=seq,
                within_s=bound,
            )
            where = self._profile.where(f"handle.{key}")
            if back is None:
                return self._mend(label, f"{where}: it did not come back within {bound:g} s")
            if bs.is_bootstrap_request(back):
                self._mend(label, f"{where}: {key} = true, and the state was lost")
                await bs.session(back).provision(dm)
            else:
                self._ok(label, f"{key}: it registered again with its state")
        await self._stop(bench, label)

    async def _stop(self, bench: Bench, label: str) -> None:
        began = time.monotonic()
        await bench.client.stop()
        if time.monotonic() - began > _STOP_LIMIT_S:
            where = self._profile.where("handle.stop")
            self._mend(label, f"{where}: it does not end by {self._profile.stop}, and is killed")
        else:
            self._ok(label, "it ends when it is told to")

    def _time(self, name: str, seconds: float, bound: float, key: str) -> None:
        text = f"{seconds:.1f} s of timings.{key} = {bound:g} s"
        if seconds > bound / 2:
            self._mend(name, f"{text}: too near: raise it to {4 * seconds:.0f}")
        else:
            self._ok(name, text)


def _variables(profile: Profile) -> Iterator[str]:
    """Environment variables that the start command needs, whatever the variant."""
    for word in profile.start_words:
        for match in PLACEHOLDER.finditer(word):
            if match[1].startswith("env."):
                yield match[1][4:]


def command(arguments: Sequence[str], layout: Layout, stream: Optional[TextIO] = None) -> int:
    """`doctor`: 0 all is well, 2 the profile or its client is to mend, 4 the machine is."""
    out = stream or sys.stdout
    try:
        trials = trial.parsed("doctor", arguments, layout)
        if trials is None:
            return ExitCode.USAGE
        edition = trials.variants[0].edition
        print(f"ok    profile: {trials.profile.path}, in edition {edition}", file=out, flush=True)
        return Doctor(trials, out).run()
    except ProfileError as problem:
        print(f"mend  profile: {problem}", file=out)
        return ExitCode.USAGE
