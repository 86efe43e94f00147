# SPDX-License-Identifier: Apache-2.0
"""`probe --client P`: finds by experiment what a client supports, as lines for its profile."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Awaitable, Callable, Optional, Sequence, TextIO

from bootcheck import adapters, trial
from bootcheck.addresses import AddressError
from bootcheck.applied import BOOTSTRAP_REQUEST_TRIGGER
from bootcheck.bench import Bench
from bootcheck.device import NoDevice
from bootcheck.layout import Layout
from bootcheck.peer import Event
from bootcheck.profile import Profile, ProfileError
from bootcheck.server import BootstrapServer, LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.subjects.access_rights import (
    DEFAULT,
    DEVICE,
    EXECUTE,
    NO_OWNER,
    READ,
    WRITE,
    access_content,
)
from bootcheck.subjects.bootstrap_write import UNKNOWN_RESOURCE
from bootcheck.verdict import ErrorKind, ExitCode, Result, Verdict

# Numbers of the IANA registry "CoAP Content-Formats"
FORMATS = {"TLV": 11542, "JSON": 11543, "SenML JSON": 110, "SenML CBOR": 112, "LwM2M CBOR": 11544}
_LONG_S = 3600  # a timeout that does not end during a trial
_RETRIES = ("17", "18", "20")


@dataclass(frozen=True)
class Finding:
    """What an experiment showed of a key."""

    key: str  # dotted
    value: bool
    how: str


class Probe:
    """Experiments with one client, each with an instance of its own."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.findings: list[Finding] = []
        self.facts: list[str] = []

    def experiments(self) -> list[trial.Body]:
        """All that the adapter can carry out."""
        offered = adapters.adapter_class(self._profile).offers(self._profile)
        found: list[trial.Body] = [self._resources, self._replacement]
        if adapters.RESTART in offered:
            found.append(self._restart)
        if adapters.POWER_CUT in offered:
            found.append(self._power_cut)
        return found

    def _found(self, key: str, value: bool, how: str) -> None:
        self.findings.append(Finding(key, value, how))

    async def _start(self, bench: Bench) -> tuple[BootstrapServer, LwM2MServer, BootstrapSession]:
        bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
        await bench.start_client(account=bs.account(entropy="high"))
        return bs, dm, await bs.expect_bootstrap_request()

    async def _resources(self, bench: Bench) -> None:
        """What is answered in a session, and after it."""
        bs, dm, session = await self._start(bench)
        links = await session.discover(("0",))
        self._found("supports.discover", links is not None, "a Bootstrap-Discover of /0")
        instance = await session.account_instance()
        unknown = await session.put_resource(0, instance, UNKNOWN_RESOURCE, {"hex": "01"})
        for key, resource, value in (
            ("supports.account_timeout", "12", _LONG_S),
            ("supports.hold_off", "11", 0),
        ):
            answer = await session.put_resource(0, instance, resource, value)
            self._written(key, f"/0/x/{resource}", answer, unknown)
        await session.write(dm.account())
        unknown = await session.put_resource(1, dm.number, UNKNOWN_RESOURCE, {"hex": "01"})
        answers = [await session.put_resource(1, dm.number, name, 1) for name in _RETRIES]
        await self._access_control(session)
        bootstrap_read = _code(await session.send("GET", ("1",)))
        how = f"a Bootstrap-Read of /1 is answered {bootstrap_read}"
        self._found("supports.bootstrap_read", bootstrap_read == "2.05", how)
        seq = bench.peer.last_seq
        await session.finish()
        await dm.expect_registration(after_seq=seq)
        read = await dm.read(("1", str(dm.number), _RETRIES[0]), bench.window_for_answers_s)
        refused = [answer for answer in answers if _code(answer) != "2.04"]
        answer, what = (refused or answers)[0], "/1/x/17, 18 and 20"
        self._written("supports.registration_retries", what, answer, unknown, read)
        for name, number in FORMATS.items():
            answer = await dm.read(("3", "0"), bench.window_for_answers_s, accept=number)
            self.facts.append(f"a Read of /3/0 as {name} ({number}) is answered {_code(answer)}")
        await self._trigger(bench, bs, dm)

    async def _access_control(self, session: BootstrapSession) -> None:
        """Device is open to every server, as it was."""
        content = access_content(0, DEVICE, 0, {DEFAULT: READ | WRITE | EXECUTE}, NO_OWNER)
        answer = await session.send("PUT", ("2", "0"), content=content)
        self._written("supports.access_control", "/2/0", answer, None)

    async def _trigger(self, bench: Bench, bs: BootstrapServer, dm: LwM2MServer) -> None:
        seq = bench.peer.last_seq
        answer = await dm.execute(BOOTSTRAP_REQUEST_TRIGGER, bench.window_for_answers_s)
        came: Optional[Event] = None
        if _code(answer).startswith("2.") or answer is None:
            bound = self._profile.timings.reaction_s
            came = await bench.wait_for(bs.is_bootstrap_request, after_seq=seq, within_s=bound)
        then = "a Bootstrap-Request came" if came else "no Bootstrap-Request came"
        how = f"an Execute of /1/x/9 is answered {_code(answer)}, {then}"
        self._found("supports.bootstrap_trigger", came is not None, how)

    def _written(
        self,
        key: str,
        what: str,
        answer: Optional[Event],
        unknown: Optional[Event],
        read: Optional[Event] = None,
    ) -> None:
        value, how = written(what, _code(answer), _code(unknown), _code(read))
        if value is None:
            self.facts.append(f"{key} is not told: {how}")
        else:
            self._found(key, value, how)

    async def _replacement(self, bench: Bench) -> None:
        """The account is overwritten by one with another key, or another URI without keys."""
        bs, dm, session = await self._start(bench)
        new = await bench.bootstrap_server("bs2")
        answer = await session.overwrite_account(new.account())
        await session.write(dm.account())
        finish = await session.send("POST", ("bs",))
        codes = (_code(answer), _code(finish))
        how = f"a Write over the account is answered {codes[0]}, the Finish then {codes[1]}"
        self._found("supports.account_replacement", codes == ("2.04", "2.04"), how)

    async def _restart(self, bench: Bench) -> None:
        await self._again(bench, "handle.keeps_state", bench.restart_client)

    async def _power_cut(self, bench: Bench) -> None:
        await self._again(bench, "handle.survives_power_cut", bench.power_cut_client)

    async def _again(self, bench: Bench, key: str, again: Callable[[], Awaitable[int]]) -> None:
        """What comes first after the client was ended: a Register, or a Bootstrap-Request."""
        bs, dm, session = await self._start(bench)
        await session.provision(dm)
        seq = await again()
        first = await bench.wait_for(
            lambda e: dm.is_registration(e) or bs.is_bootstrap_request(e),
            after_seq=seq,
            within_s=self._profile.timings.start_s,
        )
        if first is None:
            self.facts.append(f"{key} is not told: the client did not come back")
        else:
            kept = dm.is_registration(first)
            what = "a Register" if kept else "a Bootstrap-Request"
            self._found(key, kept, f"{what} came first after it was started again")


def _code(answer: Optional[Event]) -> str:
    return str(answer.get("code") or "nothing") if answer is not None else "nothing"


def written(
    what: str, code: str, unknown: str, read: str = "nothing"
) -> tuple[Optional[bool], str]:
    """Whether a resource is there that was written, and how that shows; None: it does not show.

    `unknown`: what a Write of a resource was answered by that there is in no client; `read`: a Read
    of the resource, where an LwM2M Server may (/1/x/17 from 1.2 on; a refusal shows nothing).
    """
    how = f"a Write of {what} is answered {code}"
    if code != "2.04":
        return False, how
    if read == "2.05":
        return True, f"{how}, a Read then {read}"
    if unknown == "2.04":
        return None, f"{how}, and so is one of a resource that there is not"
    return True, how


def declared(profile: Profile, key: str) -> Optional[bool]:
    """What the profile says of a key that a probe finds."""
    return profile.declared(key.partition(".")[2])[1]


def lines(profile: Profile, findings: Sequence[Finding]) -> list[str]:
    """The proposed lines, each with what is declared; differences are marked."""
    found: list[str] = []
    for table in ("supports", "handle"):
        found.append(f"[{table}]")
        for finding in findings:
            name = finding.key.partition(".")[2]
            if finding.key != f"{table}.{name}":
                continue
            was = declared(profile, finding.key)
            text = f"{name} = {str(finding.value).lower()}"
            told = "not declared" if was is None else f"declared: {str(was).lower()}"
            if was is not None:
                told += f" ({profile.where(finding.key)})"
            if was is not finding.value:
                told = f"DIFFERS, {told}"
            found.append(f"{text:32}# {told}; {finding.how}")
    return found


def command(arguments: Sequence[str], layout: Layout, stream: Optional[TextIO] = None) -> int:
    """`probe`: 0 when all was tried, 2 or 4 when something could not be."""
    out = stream or sys.stdout
    try:
        trials = trial.parsed("probe", arguments, layout)
        if trials is None:
            return ExitCode.USAGE
        variant, probe = trials.variants[-1], Probe(trials.profile)
        results = trials.run([(variant, body) for body in probe.experiments()])
    except ProfileError as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.USAGE
    except (AddressError, NoDevice) as problem:
        print(f"bootcheck: {problem}", file=sys.stderr)
        return ExitCode.ERROR
    print(f"# probed over {variant.security}, in edition {variant.edition}", file=out)
    for line in [*lines(trials.profile, probe.findings), *(f"# {fact}" for fact in probe.facts)]:
        print(line, file=out)
    return _told(results, out)


def _told(results: Sequence[Result], out: TextIO) -> ExitCode:
    """Say which experiments could not be carried out."""
    code = ExitCode.OK
    failed: dict[str, None] = {}  # what several experiments show is told once
    for result in results:
        # an experiment makes no checks of its own: that it checked nothing is no error
        if result.verdict is Verdict.ERROR and result.error_kind is not ErrorKind.DRIVER:
            print(f"# an experiment could not be carried out: {result.reason}", file=out)
            by_lab = result.error_kind is ErrorKind.PROFILE
            code = max(code, ExitCode.USAGE if by_lab else ExitCode.ERROR)
        elif result.details.startswith("Traceback"):
            print(f"# the driver failed: {result.details}", file=out)
            code = ExitCode.ERROR
        elif (check := trial.failed(result)) is not None:
            failed[check.text] = None
    for text in failed:
        print(f"# the client failed on the way: {text}", file=out)
    return code
