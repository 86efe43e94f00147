# SPDX-License-Identifier: Apache-2.0
"""The emulated servers as scenarios see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Sequence

from bootcheck import server_initiated
from bootcheck.account import BootstrapServerAccount, Credentials, ServerAccount
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.first_contact import first_bootstrap_request
from bootcheck.peer import NO_SUCH_ASSOCIATION, Event, PeerRefused, now_us
from bootcheck.session import BootstrapSession, tlv_content

if TYPE_CHECKING:
    from bootcheck.bench import Bench

# how `refuse_registration` answers: the registration is not known, and a new one not wanted
UPDATE_REFUSED, REGISTER_REFUSED = "4.04", "4.03"
HANDSHAKE_FAILURE = 40  # RFC 5246 7.2: the fatal alert of a server that finds no common ground
_FINISHED = ("response_received", "exchange_failed")


def alternate_path(links: Sequence[Mapping[str, Any]]) -> list[str]:
    """The segments of an alternate path in an object list (TS 1.0 5.3.1; TS Core 6.2.1)."""
    for link in links:
        if "oma.lwm2m" in str(link["attributes"].get("rt") or "").split():
            return [segment for segment in str(link.get("target") or "").split("/") if segment]
    return []


@dataclass
class Server:
    """What both roles have in common. Made by the bench."""

    bench: "Bench"
    name: str
    address: str
    port: int
    uri: str
    credentials: Optional[Credentials]

    async def arm(self, operation: str, *answers: dict[str, Any]) -> int:
        """Set how an operation is answered from now on (docs/peer-protocol.md).

        Gives the seq of the last event from before it.
        """
        _, seq = await self.bench.peer.call_at(
            "arm", server=self.name, operation=operation, answers=list(answers)
        )
        return seq

    async def accept_credentials(self, *credentials: Credentials) -> None:
        """Replace the credentials that a handshake may use."""
        await self.bench.peer.call(
            "set_credentials",
            server=self.name,
            credentials=[item.as_json() for item in credentials],
        )

    async def drop_associations(self) -> None:
        """End all DTLS sessions by close_notify, so that the client must make a fresh handshake."""
        await self.bench.peer.call("drop_associations", server=self.name, notify=True)

    async def request(
        self,
        method: str,
        path: Sequence[str],
        association: int,
        within_s: float,
        unless: Optional[Callable[[Event], bool]] = None,
        **more: Any,
    ) -> Optional[Event]:
        """Send a request; `response_received`, `exchange_failed`, or None when the time is up.

        None too as soon as an event comes of which `unless` is true.
        """
        bench = self.bench
        seq = bench.peer.last_seq
        try:
            sent = await bench.peer.call(
                "send_request",
                server=self.name,
                association=association,
                method=method,
                path=list(path),
                **more,
            )
        except PeerRefused as error:
            if error.code != NO_SUCH_ASSOCIATION:
                raise
            # the client has closed its session: it cannot be reached until it comes back
            return Event(now_us(), seq, "exchange_failed", {"reason": "association_closed"})
        number = sent["exchange"]

        def finishes(event: Event) -> bool:
            return event.get("exchange") == number and event.name in _FINISHED

        found = await bench.wait_for(
            lambda event: finishes(event) or (unless is not None and unless(event)),
            after_seq=seq,
            within_s=within_s,
        )
        return found if found is not None and finishes(found) else None

    async def lose(self, direction: str, *positions: int, layer: str) -> None:
        """Lose datagrams ("wire") or messages ("message"), counted from 0 from now on."""
        await self.bench.peer.call(
            "impair", server=self.name, direction=direction, layer=layer, drop=list(positions)
        )

    def is_lost(self, event: Event) -> bool:
        """Something that `lose` dropped."""
        return event.name == "impaired" and event.get("server") == self.name

    def is_contact(self, event: Event) -> bool:
        """A ClientHello or a new request. Retransmissions, ACKs and alerts are none."""
        return event.get("server") == self.name and event.name in (
            "client_hello",
            "request_received",
        )


@dataclass
class BootstrapServer(Server):
    """A Bootstrap-Server."""

    def account(
        self, timeout: Optional[int] = None, entropy: str = "high"
    ) -> BootstrapServerAccount:
        """The account that a client needs for this server."""
        scale = self.bench.lane.settings.time_scale
        return BootstrapServerAccount(
            self.uri,
            self.address,
            self.port,
            self.credentials,
            entropy,
            timeout,
            time_scale=scale,
        )

    async def expect_bootstrap_request(self) -> BootstrapSession:
        """The first Bootstrap-Request after the client's start."""
        request = await first_bootstrap_request(self.bench, self)
        return self.session(request)

    async def connect(self, remote: str) -> BootstrapSession:
        """Start a session unasked, with the client that listens there (only CR and 1.0)."""
        return await server_initiated.connect(self.bench, self, remote)

    async def refuse_requests(self) -> None:
        """Answer Bootstrap-Requests by 4.00 until `accept_requests`."""
        await self.arm("bootstrap_request", {"action": "respond", "code": "4.00"})

    async def accept_requests(self) -> None:
        """Accept Bootstrap-Requests."""
        await self.arm("bootstrap_request")

    async def answer_separately(self, seconds: float) -> None:
        """Acknowledge each Bootstrap-Request at once, and accept it so much later."""
        delay_us = int(seconds * 1e6)
        answer = {"action": "respond", "separate": True, "delay_us": delay_us}
        await self.arm("bootstrap_request", answer)

    async def hold_first_request(self) -> None:
        """Acknowledge the next Bootstrap-Request only; it is answered by the peer's `release`."""
        await self.arm("bootstrap_request", {"action": "hold", "times": 1})

    def session(self, request: Event) -> BootstrapSession:
        return BootstrapSession(self.bench, self, request["association"], request)

    def is_bootstrap_request(self, event: Event) -> bool:
        return (
            event.name == "request_received"
            and event.get("server") == self.name
            and event.get("operation") == "bootstrap_request"
        )


@dataclass
class LwM2MServer(Server):
    """An LwM2M Server."""

    number: int = (
        0  # of the LwM2M Servers of a lane; gives the instances that its account is written to
    )
    _closed: bool = field(default=False, init=False)
    _failing: bool = field(default=False, init=False)  # silent, or refusing handshakes

    @property
    def short_server_id(self) -> int:
        return 101 + self.number

    def account(self) -> ServerAccount:
        """The account that a client needs for this server."""
        profile = self.bench.profile
        return ServerAccount(
            self.uri,
            self.credentials,
            self.short_server_id,
            profile.lifetime,
            number=self.number,
            gives_up_soon=profile.supports.get("registration_retries") is True,
        )

    def is_registration(self, event: Event) -> bool:
        return event.name == "registered" and event.get("server") == self.name

    async def expect_registration(
        self, after_seq: int, rows: Sequence[str] = ("FIN-11", "FIN-01")
    ) -> Event:
        """The client registers after its bootstrap; without it the first of `rows` is broken."""
        return await self.bench.expect_registration(self, after_seq, rows)

    def is_update(self, event: Event) -> bool:
        return event.get("operation") == "update" and event.get("server") == self.name

    async def expect_first_registration(self) -> Event:
        """A client with a factory account of this server registers without a bootstrap."""
        bound = self.bench.profile.timings.start_s
        bench = self.bench
        event = await bench.wait_for(self.is_registration, after_seq=0, within_s=bound)
        before = bench.peer.first(bench.is_bootstrap_contact)
        if event is not None and before is not None and before.t > event.t:
            before = None
        observed = "a contact with the Bootstrap-Server before it" if before else "registered"
        bench.check(
            "registered-first",
            bench.row("SEQ-02"),
            event is not None and before is None,
            "a client that has an LwM2M Server registers to it first",
            expected="a Register",
            observed=observed if event else f"no Register within {bound:g} s",
            evidence=(describe(before, before.t),) if before else (),
        )
        if event is None:
            raise Ended()
        self.bench.contacted = True
        return event

    async def execute(
        self, resource: int, within_s: float, unless: Optional[Callable[[Event], bool]] = None
    ) -> Optional[Event]:
        """Execute a resource of this server's /1 instance; `unless` as in `request`."""
        path = ("1", str(self.number), str(resource))
        return await self.send("POST", path, within_s, unless=unless)

    async def read(
        self, path: Sequence[str], within_s: float, accept: Optional[int] = None
    ) -> Optional[Event]:
        """Read, in this content format if one is given."""
        more = {} if accept is None else {"accept": accept}
        return await self.send("GET", path, within_s, **more)

    async def send(
        self, method: str, path: Sequence[str], within_s: float, **more: Any
    ) -> Optional[Event]:
        """Send any request, also one that is no business of an LwM2M Server."""
        if not path or path[0].isdecimal():  # an object, or all
            path = [*self.alternate_path, *path]
        return await self.request(method, path, self._association(), within_s, **more)

    @property
    def alternate_path(self) -> list[str]:
        """Where the client has its objects, as its last Register says; [] for the root."""
        for event in reversed(self.bench.peer.events):
            if event.get("server") == self.name and event.get("operation") == "register":
                return alternate_path((event.get("decoded") or {}).get("links") or ())
        return []

    async def put_account(
        self, account: BootstrapServerAccount, instance: int, within_s: float
    ) -> Optional[Event]:
        """Try to write a Bootstrap-Server Account, which no LwM2M Server may (registry, /0)."""
        content = tlv_content(0, instance, account.resources())
        return await self.send("PUT", ("0", str(instance)), within_s, content=content)

    def _association(self) -> int:
        """Where the client spoke last: it may have come back from another port."""
        for event in reversed(self.bench.peer.events):
            if event.get("server") == self.name and event.name == "request_received":
                return int(event["association"])
        raise AssertionError("the scenario expects a registration first")

    async def refuse_registration(self) -> int:
        """Answer an Update by 4.04 and a Register by 4.03 until `accept_registration`.

        Gives the seq of the last event from before it: the client's own Update may come at once.
        """
        # the Register first: the one that follows a refused Update must not be accepted
        seq = await self.arm("register", {"action": "respond", "code": REGISTER_REFUSED})
        await self.arm("update", {"action": "respond", "code": UPDATE_REFUSED})
        return seq

    async def leave_unanswered(self, *operations: str) -> int:
        """Answer these operations by nothing until `accept_registration`.

        Gives the seq of the last event from before it.
        """
        before = [await self.arm(operation, {"action": "silence"}) for operation in operations]
        return before[0]

    async def fall_silent(self) -> None:
        """Answer nothing that the client asks, no handshake either, until `accept_registration`."""
        await self.leave_unanswered("update", "register", "deregister", "other", "handshake")
        self._failing = True

    async def refuse_handshakes(self) -> None:
        """End the DTLS sessions and refuse new ones by an alert until `accept_registration`."""
        await self.arm("handshake", {"action": "alert", "alert": HANDSHAKE_FAILURE})
        await self.drop_associations()
        self._failing = True

    async def close(self) -> None:
        """Close the port, so that ICMP tells the client, until `accept_registration`."""
        await self.bench.peer.call("close_server", server=self.name)
        self._closed = True

    async def _come_back(self) -> None:
        if self._closed:
            await self.bench.reopen(self)
            self._closed = False
        elif self._failing:
            for operation in ("deregister", "other", "handshake"):
                await self.arm(operation)
        self._failing = False

    async def accept_registration(self) -> None:
        """Accept Register and Update, and be there again after an outage."""
        await self._come_back()
        await self.arm("update", {"action": "respond", "code": "2.04"})
        await self.arm("register", {"action": "respond", "code": "2.01"})
