# SPDX-License-Identifier: Apache-2.0
"""The bench: what a scenario has at hand, and the judgements that every scenario makes alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Optional, Sequence
from urllib.parse import urlsplit

from bootcheck import adapters
from bootcheck.account import BootstrapServerAccount, Credentials, ServerAccount
from bootcheck.account_file import AccountFiles
from bootcheck.adapters.adapter import FACTORY_RESET, RESTART, Adapter, ClientDied
from bootcheck.addresses import COAP_PORTS, AddressBlock
from bootcheck.control import Control
from bootcheck.device import authority
from bootcheck.ending import Ended, NotApplicable, Trouble
from bootcheck.factory_facts import endpoint_of, factory_facts
from bootcheck.key_class import key_class
from bootcheck.lane import Lane
from bootcheck.moment import Moment
from bootcheck.peer import (
    ADDRESS_IN_USE,
    ADDRESS_NOT_AVAILABLE,
    Event,
    Peer,
    PeerLost,
    PeerRefused,
    now_us,
)
from bootcheck.profile.factory import FactoryAccount
from bootcheck.requirement import Requirement
from bootcheck.scenario import Variant
from bootcheck.server import BootstrapServer, LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.verdict import Check, Choice, ErrorKind, Verdict

if TYPE_CHECKING:
    from bootcheck.runner import SharedControls


class Bench:
    """One lane's servers, client and record."""

    def __init__(
        self,
        lane: Lane,
        variant: Variant,
        peer: Peer,
        shared: "SharedControls",
    ) -> None:
        self.lane, self.variant, self.peer, self.shared = lane, variant, peer, shared
        self.profile = lane.settings.profile
        self.checks: list[Check] = []
        self.facts: list[str] = []
        self.choices: list[Choice] = []
        self.restarts: list[int] = []  # when the client was started again
        self.forgot_at: Optional[int] = None  # the last event before a restart lost the state
        self.contacted = False  # the client has reached a server at least once
        self.ended_us = 0  # by then the client's last life was over, before a restart
        self._keys: list[bytes] = []
        self._account_files = AccountFiles()
        self._bootstrap_servers: list[BootstrapServer] = []
        self._servers = 0  # opened so far
        self._log = open(lane.directory / "driver.jsonl", "w", encoding="utf-8")
        found = adapters.adapter_class(self.profile)
        self.client: Adapter = found(lane, shared.spawner, peer.wake)
        self.client.keys, self.client.note = self._keys, self.note

    # -- the record ---------------------------------------------------------------------------

    def now(self) -> int:
        return now_us()

    def note(self, text: str) -> None:
        """Say in the trace what the driver does."""
        self._log.write(json.dumps({"t": now_us(), "text": text}) + "\n")
        self._log.flush()

    def fact(self, text: str) -> None:
        """Record what is worth knowing and is never judged."""
        if text not in self.facts:
            self.facts.append(text)

    def choice(self, question: str, case: str, answer: str) -> None:
        """Record what the client does where the texts leave it a choice."""
        self.choices.append(Choice(question, case, answer))
        self.note(f"left open: {question}{', ' if case else ''}{case}: {answer}")

    def row(self, *ids: str) -> Requirement:
        """The first of these rows that holds in the variant's edition."""
        for row_id in ids:
            row = self.shared.catalogue[row_id]
            if self.variant.edition in row.editions:
                return row.of(self.variant.edition)
        raise Trouble(ErrorKind.DRIVER, f"none of {ids} holds in edition {self.variant.edition}")

    def check(
        self,
        name: str,
        row: Requirement,
        passed: Optional[bool],
        what: str,
        *,
        expected: str,
        observed: str,
        evidence: tuple[str, ...] = (),
        window: Optional[dict[str, Any]] = None,
    ) -> bool:
        """Record one comparison; `passed` None: it cannot be told."""
        same = sum(check.name == name or check.name.startswith(f"{name}#") for check in self.checks)
        if same:  # a later session makes the same check again: told apart by its number
            name = f"{name}#{same + 1}"
        verdict = {
            True: Verdict.PASS,
            False: row.breach(self.lane.settings.strict),
            None: Verdict.INCONCLUSIVE,
        }
        told = list(evidence)
        if passed is not True and row.id in self.profile.readings:
            told.append(self.profile.readings[row.id].told(self.variant.edition))
        self.checks.append(
            Check(name, row.id, verdict[passed], what, expected, observed, told, window)
        )
        self.note(f"check {name} ({row.id}): {verdict[passed].value}: {observed}")
        return passed is True

    def expect_answer(
        self, name: str, row: Requirement, what: str, answer: Optional[Event], code: str
    ) -> None:
        """Record an answer's code; end the scenario when it is another one."""
        if not self.check_answer(name, row, what, answer, code):
            raise Ended()

    def check_answer(
        self, name: str, row: Requirement, what: str, answer: Optional[Event], code: str
    ) -> bool:
        """Record an answer's code, and go on. Raises Ended where there is no answer."""
        if answer is None:
            observed = f"no answer within {self.profile.timings.answer_s:g} s"
        elif answer.name == "exchange_failed":
            observed = f"no answer: {answer['reason']}"
        else:
            observed = str(answer["code"])
        passed = self.check(name, row, observed == code, what, expected=code, observed=observed)
        if answer is None or answer.name == "exchange_failed":
            raise Ended()
        return passed

    # -- waiting ------------------------------------------------------------------------------

    async def wait_for(
        self,
        match: Callable[[Event], bool],
        *,
        after_seq: int,
        within_s: Optional[float] = None,
        until_us: Optional[int] = None,
    ) -> Optional[Event]:
        """The first event that matches, None when the time is up. Raises ClientDied, PeerLost."""
        if until_us is None:
            assert within_s is not None
            until_us = now_us() + int(within_s * 1e6)
        while True:
            event = self.peer.first(match, after_seq)
            if event is not None:
                return event if event.t <= until_us else None
            if self.peer.lost is not None:
                raise PeerLost(self.peer.lost)
            if self.client.died is not None:
                # a peer that goes down may take its client with it: that is not the client's fault
                await self.peer.call("status")
                raise ClientDied(self.client.died)
            if not await self.peer.changed(until_us):
                # what arrived before the bound is reported before the peer answers this
                await self.peer.call("status")
                event = self.peer.first(match, after_seq)
                return event if event is not None and event.t <= until_us else None

    async def until(self, at_us: int) -> None:
        """Let the time come, while the client lives."""
        await self.wait_for(lambda event: False, after_seq=self.peer.last_seq, until_us=at_us)

    async def lag_us(self, since_us: int) -> int:
        """How much later than due the peer's timers or the driver's loop ran since then."""
        lag = 0
        if self.shared.heartbeat is not None:
            lag = self.shared.heartbeat.worst_lag_us(since_us, now_us())
        return max(lag, await self.peer_lag_us())

    async def peer_lag_us(self) -> int:
        """How much later than due the peer's timers ran, at most, in its whole life.

        So long this machine may have kept a client from running, too. A driver that is late says
        nothing of that: it has work of its own, and one thread.
        """
        status = await self.peer.call("status")
        return int(status["timers"]["late_us_max"])

    @property
    def grace_us(self) -> int:
        """How late after its timeout an account may be purged (clients count in whole seconds)."""
        return int(self.profile.timings.purge_grace_s * 1e6)

    @property
    def window_for_answers_s(self) -> float:
        """How long an answer to a stimulus is waited for; a busy client needs not give one."""
        return min(self.profile.timings.answer_s, self.profile.timings.reaction_s)

    # -- servers and client -------------------------------------------------------------------

    async def bootstrap_server(
        self, name: str = "bs", entropy: str = "high", suites: Optional[Sequence[str]] = None
    ) -> BootstrapServer:
        """Open a Bootstrap-Server with credentials of its own, their key of this entropy.

        `suites`: the only cipher suites that it takes.
        """
        # the first one is that of the factory account; a key that replaces it is always random
        first = not self._bootstrap_servers
        opened = await self._open(name, "bootstrap", entropy, suites, factory=first)
        server = BootstrapServer(**opened)
        self._bootstrap_servers.append(server)
        return server

    async def lwm2m_server(
        self, name: str = "dm", number: int = 0, suites: Optional[Sequence[str]] = None
    ) -> LwM2MServer:
        """Open an LwM2M Server with credentials of its own, that takes these cipher suites only."""
        return LwM2MServer(**await self._open(name, "lwm2m", "high", suites), number=number)

    async def bare_twin(self, bs: BootstrapServer) -> Optional[BootstrapServer]:
        """A Bootstrap-Server without security where `bs` is; None where its port is not ours."""
        if not isinstance(self.lane.addresses, AddressBlock):
            return None
        name, port = f"{bs.name}-bare", COAP_PORTS[False]
        opened = await self._open_port(name, "bootstrap", bs.address, port, None)
        return BootstrapServer(self, name, bs.address, port, opened["uri"], None)

    async def _open(
        self,
        name: str,
        role: str,
        entropy: str,
        suites: Optional[Sequence[str]] = None,
        factory: bool = False,
    ) -> dict[str, Any]:
        credentials = None
        if self.variant.security == "psk":
            credentials = self._fixed_credentials() if factory else None
            if credentials is None:
                wanted = self.variant.key if factory else ""
                credentials = await self.credentials(name, entropy, wanted)
        self._servers += 1
        place = self.lane.addresses.place(self._servers, credentials is not None)
        opened = await self._open_port(name, role, place.address, place.port, credentials, suites)
        uri = opened["uri"]
        if place.uri_host is not None:
            uri = f"{urlsplit(uri).scheme}://{authority(place.uri_host, place.port)}"
        return {
            "bench": self,
            "name": name,
            "address": place.address,
            "port": opened["port"],
            "uri": uri,
            "credentials": credentials,
        }

    async def reopen(self, server: LwM2MServer) -> None:
        """Open the port of a server again that was closed."""
        await self._open_port(server.name, "lwm2m", server.address, server.port, server.credentials)

    async def _open_port(
        self,
        name: str,
        role: str,
        address: str,
        port: int,
        credentials: Optional[Credentials],
        suites: Optional[Sequence[str]] = None,
    ) -> Any:
        chosen = {"suites": list(suites)} if credentials and suites else {}
        try:
            return await self.peer.call(
                "open_server",
                server=name,
                role=role,
                address=address,
                port=port,
                security="psk" if credentials else "none",
                credentials=[credentials.as_json()] if credentials else [],
                **chosen,
            )
        except PeerRefused as error:
            if error.code in (ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE):
                raise Trouble(
                    ErrorKind.ENVIRONMENT,
                    f"{address} port {port} cannot be used for server {name}: {error}: "
                    "end the program that uses it",
                )
            raise

    async def credentials(self, label: str, entropy: str = "high", wanted: str = "") -> Credentials:
        """Fresh credentials, known to the bench so that they stay out of every report.

        `wanted`: the class of the key, where it is one of this entropy.
        """
        made = await self.peer.call(
            "make_key",
            **{"class": key_class(entropy, wanted)},
            seed=self.lane.settings.seed,
            label=label,
            endpoint=endpoint_of(self.lane),
        )
        return self.keep_secret(Credentials.named(label, bytes.fromhex(made["key"])))

    def keep_secret(self, credentials: Credentials) -> Credentials:
        """Keep a key out of every report that a scenario has made itself."""
        self._keys.append(credentials.key)
        return credentials

    @property
    def factory(self) -> Optional[FactoryAccount]:
        """The account that the client has from its factory, where it cannot be told one."""
        held = self.lane.held
        return (held.device.factory if held is not None else None) or self.profile.factory

    def _fixed_credentials(self) -> Optional[Credentials]:
        if self.factory is None:
            return None
        self.fact(f"the factory key is the client's own ({self.factory.where})")
        known = Credentials(self.factory.identity.encode(), self.factory.key_bytes())
        return self.keep_secret(known)

    async def start_client(
        self,
        account: BootstrapServerAccount,
        server: Optional[ServerAccount] = None,
        listen_port: Optional[int] = None,
    ) -> Moment:
        """Start the client in its factory state with this account, and that of an LwM2M Server.

        With a port it listens for a Bootstrap-Server there. Gives when its life began.
        """
        self.account = account
        more = {"endpoint": endpoint_of(self.lane), "edition": self.variant.edition}
        if listen_port is not None:
            more["listen_port"] = str(listen_port)
        values = factory_facts(self.profile, account, server, self._account_files, **more)
        self.client.provision(values, self.variant.security)
        if account.time_scale != 1 and account.timeout:
            self.fact(
                f"the client's clock runs {account.time_scale} times faster: a timeout of "
                f"{account.timeout} s is told as {account.told(account.timeout)} s"
            )
        await self._to_factory_state()
        self.note("the client is started")
        told_us = now_us()
        await self.client.start()
        known_us = self.client.began_us
        return Moment(told_us, now_us()) if known_us is None else Moment.at(known_us)

    async def _to_factory_state(self) -> None:
        """A device has what the last scenario left: it is made to forget it, where it can be."""
        if self.client.disposable or FACTORY_RESET not in self.client.offers(self.profile):
            return
        self.note("the client is reset to its factory state")
        await self.client.factory_reset()

    def server_of(self, account: BootstrapServerAccount) -> BootstrapServer:
        """The Bootstrap-Server of an account."""
        return next(server for server in self._bootstrap_servers if server.uri == account.uri)

    async def stimulate_client(self) -> None:
        """Give the client its own stimulus, by the adapter."""
        self.note("the client's own stimulus is given")
        await self.client.stimulate()

    def require_timeout_at_start(self) -> None:
        """Without a session the timeout can only come with the start command."""
        if self.profile.timeout != "start":
            raise NotApplicable(
                f"{self.profile.where('account.timeout')}: the start command sets no timeout"
            )

    async def restart_client(self) -> int:
        """End the client and start it again with its state; the last event before its new life."""
        self.note("the client is restarted")
        await self.client.stop()
        return await self._start_again()

    async def _start_again(self) -> int:
        # what the old life sent last, while it was being ended, is reported before this is answered
        await self.peer.call("status")
        seq, self.ended_us = self.peer.last_seq, self.now()
        self.restarts.append(self.ended_us)
        await self.client.start_again()
        return seq

    async def power_cut_client(self) -> int:
        """Kill the client and start it again; the last event before its new life."""
        self.note("the client's power is cut; it is started again")
        await self.client.power_cut()
        return await self._start_again()

    async def apply_timeout(self, session: BootstrapSession) -> None:
        """Set the account's timeout by a Write where the client cannot be started with it."""
        if self.account.timeout is None or self.profile.timeout != "write":
            return
        answer = await session.write_timeout(self.account.timeout)
        code = answer.get("code") if answer is not None else None
        if code != "2.04":
            raise NotApplicable(
                f"the client answers {code or 'nothing'} to a Write of /0/x/12: "
                "it does not support this optional resource"
            )

    async def close(self) -> None:
        """End the client; the peer is ended by the runner."""
        try:
            await self.client.close()
        finally:
            self._account_files.remove()
            self._log.close()

    def require_restart(self) -> None:
        """The scenario ends the client and starts it again."""
        if RESTART not in self.client.offers(self.profile):
            raise NotApplicable("the client cannot be restarted (docs/adapters.md)")

    # -- requests of the client ---------------------------------------------------------------

    async def expect_bootstrap_request(self, bs: BootstrapServer, after_seq: int) -> Event:
        """A Bootstrap-Request after a contact that was seen."""
        event = await self.wait_for(
            bs.is_bootstrap_request, after_seq=after_seq, within_s=self.profile.timings.reaction_s
        )
        if event is None:
            raise Trouble(ErrorKind.PROFILE, f"a contact with {bs.uri} led to no Bootstrap-Request")
        return event

    async def expect_registration(
        self, dm: LwM2MServer, after_seq: int, rows: Sequence[str]
    ) -> Event:
        """The client registers after the Finish; without it the scenario cannot go on."""
        bound = self.profile.timings.reaction_s
        event = await self.wait_for(dm.is_registration, after_seq=after_seq, within_s=bound)
        observed = "registered" if event else f"no Register within {bound:g} s (timings.reaction_s)"
        passed = self.check(
            "registered-after-finish",
            self.row(*rows),
            event is not None,
            "the client registers to the LwM2M Server that it was given",
            expected="a Register",
            observed=observed,
        )
        if not passed:
            raise Ended()
        assert event is not None
        return event

    # -- contacts -----------------------------------------------------------------------------

    def is_bootstrap_contact(self, event: Event) -> bool:
        """A contact with any Bootstrap-Server."""
        return any(server.is_contact(event) for server in self._bootstrap_servers)

    def at_bootstrap_server(self, event: Event) -> bool:
        """Anything that happened at a Bootstrap-Server."""
        return any(event.get("server") == server.name for server in self._bootstrap_servers)

    def stimuli(self) -> list[str]:
        """The profile's stimuli that this client offers, in its order."""
        offered = []
        for name in self.profile.stimuli:
            if name == "restart" and self.profile.keeps_state is not True:
                continue
            if name == "handshake_refused" and self.variant.security == "nosec":
                continue
            offered.append(name)
        return offered

    async def control(self) -> Optional[Control]:
        """What the controls of this variant show; None when no control reached its server."""
        return await self.shared.control(self.variant)

    def window(self, control: Optional[Control]) -> tuple[float, str]:
        """How long silence after a stimulus must last, in seconds, and why."""
        hold_off = self.profile.timings.hold_off_s
        if control is None:
            bound = max(self.profile.coap.loss_s, self.profile.timings.reaction_s)
            return bound, f"timings.reaction_s = {bound:g} s (no control)"
        return control.window_s(hold_off), control.origin(hold_off)
