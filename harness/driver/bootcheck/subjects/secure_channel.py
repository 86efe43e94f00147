# SPDX-License-Identifier: Apache-2.0
"""The DTLS sessions of a client: with whom it makes them, under which keys, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from bootcheck.adapters.adapter import RESTART
from bootcheck.ending import Ended, Trouble
from bootcheck.evidence import describe
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession
from bootcheck.verdict import ErrorKind

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

CCM_8 = 0xC0A8  # TLS_PSK_WITH_AES_128_CCM_8 (RFC 6655)
CCM_8_NAME = "TLS_PSK_WITH_AES_128_CCM_8"
CBC_SHA256 = 0x00AE  # TLS_PSK_WITH_AES_128_CBC_SHA256 (RFC 5487)
_NO_SUITES = {0x00FF, 0x5600}  # signals that are sent in the list of suites (RFC 5746, RFC 7507)


@dataclass
class RefusedChannel:
    """A Bootstrap-Server whose handshakes fail, and a twin of it without security."""

    bench: "Bench"
    bs: "BootstrapServer"
    bare: Optional["BootstrapServer"]

    def is_asked(self, event: Event) -> bool:
        """A Bootstrap-Request without a handshake that succeeded."""
        if self.bare is not None and self.bare.is_contact(event):
            return True
        return event.name == "request_received" and event.get("server") == self.bs.name

    def has_failed(self, event: Event) -> bool:
        return event.name == "handshake_failed" and event.get("server") == self.bs.name

    async def expect_no_request(self) -> None:
        """Two handshakes fail, or one within the time of a retry; Ended when something is asked."""
        bench, timings = self.bench, self.bench.profile.timings
        first = await bench.wait_for(self.bs.is_contact, after_seq=0, within_s=timings.start_s)
        if first is None:
            raise Trouble(
                ErrorKind.PROFILE,
                f"no contact with {self.bs.uri} within timings.start_s = {timings.start_s:g} s",
            )
        bench.contacted = True
        seq = 0
        for bound in (timings.reaction_s, timings.retry_s):
            event = await bench.wait_for(
                lambda e: self.has_failed(e) or self.is_asked(e), after_seq=seq, within_s=bound
            )
            if event is None:
                break
            seq = event.seq
            if self.is_asked(event):
                self._judge(False, f"it came to {event.get('server')}", event)
                raise Ended()

    async def expect_request_under_the_right_key(self) -> BootstrapSession:
        """The server has its key again: the request comes. So it was kept back before."""
        bench, timings = self.bench, self.bench.profile.timings
        seq = bench.peer.last_seq
        assert self.bs.credentials is not None
        await self.bs.accept_credentials(self.bs.credentials)
        event = await self._next(seq, timings.retry_s)
        if event is None and RESTART in bench.client.offers(bench.profile):
            event = await self._next(await bench.restart_client(), timings.start_s)
        if event is None:
            self._judge(None, "none, but neither under the right key: when to retry is left to it")
            raise Ended()
        asked = self.is_asked(event) and not self.bs.is_bootstrap_request(event)
        self._judge(not asked, "none, until the server had the key of the account", event)
        if asked:
            raise Ended()
        return self.bs.session(event)

    async def _next(self, seq: int, within_s: float) -> Optional[Event]:
        return await self.bench.wait_for(self.is_asked, after_seq=seq, within_s=within_s)

    def _judge(self, passed: Optional[bool], observed: str, event: Optional[Event] = None) -> None:
        bench = self.bench
        origin = bench.peer.events[0].t
        bench.check(
            "nothing-asked",
            bench.row("SEC-01"),
            passed,
            "a Bootstrap-Server that the client cannot authenticate gets no request",
            expected="no Bootstrap-Request, in the clear neither",
            observed=observed,
            evidence=(describe(event, origin),) if event is not None else (),
        )


async def refused_channel(bench: "Bench", bs: "BootstrapServer") -> RefusedChannel:
    """Open the twin without security, where the lane has its port."""
    bare = await bench.bare_twin(bs)
    if bare is None:
        bench.fact("the port of coap is not the lane's: a request in the clear there is not seen")
    return RefusedChannel(bench, bs, bare)


def expect_new_session(bench: "Bench", session: BootstrapSession, after_seq: int) -> None:
    """SEC-02: the request came in a DTLS session that was made for this bootstrap."""
    opened = _opened(bench, session.association)
    bench.check(
        "own-session",
        bench.row("SEC-02"),
        opened is not None and opened.seq > after_seq,
        "a later bootstrap has a security session of its own",
        expected="a handshake before the Bootstrap-Request",
        observed="so it is" if opened and opened.seq > after_seq else "the earlier session",
    )


async def expect_own_identity(bench: "Bench", dm: "LwM2MServer", after_seq: int) -> None:
    """SEC-02: the LwM2M Server is offered the identity of its own account; Ended when not."""
    assert dm.credentials is not None
    wanted = dm.credentials.identity.hex()
    event = await bench.wait_for(
        lambda e: e.name == "identity_offered" and e.get("server") == dm.name,
        after_seq=after_seq,
        within_s=bench.profile.timings.reaction_s,
    )
    if event is None:
        return  # that no Register comes is judged with it
    if not bench.check(
        "own-identity",
        bench.row("SEC-02"),
        event.get("identity") == wanted,
        "the LwM2M Server is not offered the keys of the bootstrap",
        expected="the identity of its account",
        observed="so it is" if event.get("identity") == wanted else "another one",
        evidence=(describe(event, bench.peer.events[0].t),),
    ):
        raise Ended()


def _opened(bench: "Bench", association: int) -> Optional[Event]:
    return bench.peer.first(
        lambda e: e.name == "association_opened" and e.get("association") == association
    )


async def expect_suite_offered(bench: "Bench", server: "BootstrapServer | LwM2MServer") -> None:
    """SEC-04: the ClientHello at this server has TLS_PSK_WITH_AES_128_CCM_8; Ended when not."""
    hello = await bench.wait_for(
        lambda e: e.name == "client_hello" and e.get("server") == server.name,
        after_seq=0,
        within_s=bench.profile.timings.start_s,
    )
    if hello is None:
        return  # that nothing comes is judged by what follows
    bench.contacted = True
    if not bench.check(
        "ccm-8-offered",
        bench.row("SEC-04"),
        CCM_8 in hello["suites"],
        f"{CCM_8_NAME} is proposed",
        expected=f"{CCM_8:#06x} in the ClientHello",
        observed=suites_text(hello["suites"]),
    ):
        raise Ended()


def expect_suites(
    bench: "Bench", dm: "LwM2MServer", written: tuple[int, ...], after_seq: int
) -> None:
    """SEC-09: the ClientHellos at the server have the suites that were written, and no other."""
    hello = bench.peer.first(
        lambda e: e.name == "client_hello" and e.get("server") == dm.name, after_seq
    )
    suites: list[int] = hello["suites"] if hello is not None else []
    proposed = [suite for suite in suites if suite not in _NO_SUITES]
    if sorted(proposed) == sorted(written) and proposed != list(written):
        bench.fact("the suites of /0/x/16 are proposed in another order")
    bench.check(
        "suites-proposed",
        bench.row("SEC-09"),
        sorted(proposed) == sorted(written),
        "the suites written to /0/x/16 are those that are proposed",
        expected=suites_text(written),
        observed=suites_text(proposed),
    )


def suites_text(suites: "tuple[int, ...] | list[int]") -> str:
    """Cipher suites by their numbers of IANA."""
    return " ".join(f"{suite:#06x}" for suite in suites) or "none"
