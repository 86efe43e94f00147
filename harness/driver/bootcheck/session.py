# SPDX-License-Identifier: Apache-2.0
"""A bootstrap session from the Bootstrap-Server's side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Sequence

from bootcheck.account import BootstrapServerAccount, ServerAccount
from bootcheck.ending import Ended, NotApplicable
from bootcheck.peer import Event

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

LINK_FORMAT = 40  # RFC 6690


@dataclass(frozen=True)
class Finished:
    """An accepted Bootstrap-Finish. The client's clock starts between the two instants."""

    earliest_us: int  # the Finish was first sent
    latest_us: int  # its 2.04 was received
    seq: int  # of that event: what the client does at once comes after it


@dataclass
class BootstrapSession:
    """From a Bootstrap-Request, or the server's own start, to its Finish."""

    bench: "Bench"
    server: "BootstrapServer"
    association: int
    request: Event  # or the event that opened the association that the server started
    _instances: Optional[dict[int, Optional[int]]] = None  # as the session began

    async def send(self, method: str, path: Sequence[str], **more: Any) -> Optional[Event]:
        """Send one command and return its outcome, whatever it is."""
        return await self.server.request(
            method, path, self.association, self.bench.profile.timings.answer_s, **more
        )

    async def discover(self, path: Sequence[str]) -> Optional[list[dict[str, Any]]]:
        """The links of a Bootstrap-Discover; None when the client does not answer it."""
        answer = await self.send("GET", path, accept=LINK_FORMAT)
        if answer is None or answer.get("code") != "2.05":
            return None
        links = (answer.get("decoded") or {}).get("links")
        return list(links) if links is not None else None

    async def security_instances(self) -> Optional[dict[int, Optional[int]]]:
        """Instances of /0 by Discover, with their Short Server ID; None: an account of ours."""
        links = await self.discover(("0",))
        if links is None:
            return None
        found: dict[int, Optional[int]] = {}
        for link in links:
            parts = link["target"].strip("/").split("/")
            if len(parts) == 2 and parts[0] == "0":
                short_server_id = link["attributes"].get("ssid")
                found[int(parts[1])] = int(short_server_id) if short_server_id else None
        return found

    async def account_instances(self) -> Optional[list[int]]:
        """Instances of /0 that are Bootstrap-Server Accounts, by Discover."""
        found = await self.security_instances()
        if found is None:
            return None
        return [instance for instance, short_server_id in found.items() if short_server_id is None]

    async def account_instance(self) -> int:
        """Where the client keeps its account: at /0/0, or as Discover tells."""
        if self._instances is None and self.bench.profile.supports.get("discover") is not False:
            self._instances = await self.security_instances()
            if self._instances is None:
                self.bench.fact(
                    "the client does not answer Discover: its account is taken to be /0/0"
                )
        if self._instances is None:
            self._instances = {0: None}
        accounts = (i for i, short_server_id in self._instances.items() if short_server_id is None)
        return next(accounts, 0)

    async def server_instance(self, account: ServerAccount) -> int:
        """Where the account of an LwM2M Server is written: over the one that it has, if any."""
        default = await self.account_instance() + 1 + account.number
        assert self._instances is not None
        for instance, short_server_id in self._instances.items():
            if short_server_id == account.short_server_id:
                return instance
        return default

    async def write(self, account: ServerAccount, *, beside: bool = False) -> None:
        """Write an LwM2M Server account: a Security and a Server instance.

        `beside` the account of another LwM2M Server, for which a client may have no room.
        """
        expect = self.expect_written_beside if beside else self.expect_written
        answer = await self.put_security(account)
        expect("write-0-answered", "the LwM2M Server's Security instance", answer)
        answer = await self.put_server(account)
        expect("write-1-answered", "the LwM2M Server's Server instance", answer)

    async def put_security(self, account: ServerAccount) -> Optional[Event]:
        """Write only the Security instance of an LwM2M Server account; the outcome."""
        instance = await self.server_instance(account)
        return await self._put_instance(0, instance, account.security_resources())

    async def put_server(self, account: ServerAccount) -> Optional[Event]:
        """Write only the Server instance of an LwM2M Server account; the outcome."""
        return await self._put_instance(1, account.number, account.server_resources())

    async def put_resource(
        self, obj: int, instance: int, resource: str, value: Any
    ) -> Optional[Event]:
        """Write one resource; the outcome."""
        content = tlv_content(obj, instance, {resource: value}, level="resource")
        return await self.send("PUT", (str(obj), str(instance), resource), content=content)

    async def overwrite_account(
        self, account: BootstrapServerAccount, only: Optional[str] = None
    ) -> Optional[Event]:
        """Write a new account, or one resource of it, over the client's; the outcome."""
        instance = await self.account_instance()
        resources, path = account.resources(), ["0", str(instance)]
        if only is None:
            return await self.send("PUT", path, content=tlv_content(0, instance, resources))
        content = tlv_content(0, instance, {only: resources[only]}, level="resource")
        return await self.send("PUT", [*path, only], content=content)

    async def write_account(self, account: BootstrapServerAccount, instance: int) -> None:
        """Write a Bootstrap-Server Account to an instance that it chooses (CR: a second one)."""
        self.bench.expect_answer(
            "write-account-answered",
            self.bench.row("CLN-02"),
            f"the Write of a new Bootstrap-Server Account to /0/{instance} is accepted",
            await self.put_account(account, instance),
            "2.04",
        )

    async def put_account(self, account: BootstrapServerAccount, instance: int) -> Optional[Event]:
        """Write a Bootstrap-Server Account to an instance that it chooses; the outcome."""
        return await self._put_instance(0, instance, account.resources())

    async def delete_account(self, instance: int) -> None:
        """Delete a Bootstrap-Server Account (CR: the Bootstrap-Server purges the original)."""
        self.bench.expect_answer(
            "delete-account-answered",
            self.bench.row("CLN-02"),
            f"the Delete of the original account /0/{instance} is accepted",
            await self.send("DELETE", ("0", str(instance))),
            "2.02",
        )

    async def write_timeout(self, seconds: int) -> Optional[Event]:
        """Write /0/x/12 of the account; the outcome (the resource is optional)."""
        told = self.server.account().told(seconds)
        return await self.put_resource(0, await self.account_instance(), "12", told)

    async def _put_instance(
        self, obj: int, instance: int, resources: dict[str, Any]
    ) -> Optional[Event]:
        content = tlv_content(obj, instance, resources)
        return await self.send("PUT", (str(obj), str(instance)), content=content)

    def expect_written(self, check: str, content: str, answer: Optional[Event]) -> None:
        """Record the answer to a Write; end the scenario when it is refused."""
        what = f"the Write of {content} is accepted"
        self.bench.expect_answer(check, self.bench.row("WRI-01"), what, answer, "2.04")

    def expect_written_beside(self, check: str, content: str, answer: Optional[Event]) -> None:
        """The same for what is written beside the account of another LwM2M Server.

        A client that refuses it may have no room for two. NotApplicable when its profile says so;
        when the profile does not say it is left open, and the scenario ends.
        """
        key, several = self.bench.profile.declared("several_servers")
        code = answer.get("code") if answer is not None else None
        if code is None or accepted(answer) or several:
            self.expect_written(check, content, answer)
            return
        told = (
            f"the client answers {code} to the Write of {content} beside another server's account"
        )
        if several is False:
            where = self.bench.profile.where(key)
            raise NotApplicable(f"{where}: several_servers = false, and {told}")
        self.bench.check(
            check,
            self.bench.row("WRI-01"),
            None,
            f"the Write of {content} is accepted",
            expected="2.04, or several_servers = false in the profile, which does not declare it",
            observed=told,
        )
        raise Ended()

    async def finish(
        self, rows: Sequence[str] = ("FIN-01",), what: str = "the Finish is accepted"
    ) -> Finished:
        """Send Bootstrap-Finish and expect 2.04 (CR step 3; TS Core, Bootstrap-Finish)."""
        answer = await self.send("POST", ("bs",))
        self.bench.expect_answer("finish-answered", self.bench.row(*rows), what, answer, "2.04")
        assert answer is not None
        return Finished(answer["sent_us"], answer.t, answer.seq)

    async def provision(self, dm: "LwM2MServer", *, beside: bool = False) -> Finished:
        """A whole ordinary session: write the LwM2M Server's account, finish, see it registered."""
        await self.write(dm.account(), beside=beside)
        seq = self.bench.peer.last_seq
        finished = await self.finish()
        await dm.expect_registration(after_seq=seq)
        return finished


def accepted(answer: Optional[Event]) -> bool:
    """The outcome of a command is a success."""
    return answer is not None and str(answer.get("code", "")).startswith("2.")


def tlv_content(
    obj: int, instance: int, resources: dict[str, Any], level: str = "instance"
) -> dict[str, Any]:
    """Content of a Write to an instance, or to a resource of it."""
    instances = [{"id": instance, "resources": resources}]
    return {"tlv": {"object": obj, "level": level, "instances": instances}}
