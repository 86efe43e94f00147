# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Discover: accounts, servers and objects, as they are."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.subjects.discovery import (
    UNKNOWN_OBJECT,
    discovered,
    expect_account_without_ssid,
    expect_object_without_instance,
    expect_refusal,
    expect_same_object_versions,
    expect_servers_instance,
    expect_servers_security,
    expect_servers_uri,
)

ALL = ["CR", "1.0", "1.1", "1.2"]
DISCOVER = ["discover"]


async def _session(bench: Bench, number: int = 0) -> tuple[LwM2MServer, BootstrapSession]:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server(number=number)
    await bench.start_client(account=bs.account())
    return dm, await bs.expect_bootstrap_request()


@scenario("DSC-03", editions=ALL, needs=DISCOVER)
async def discover_tells_accounts_from_servers(bench: Bench) -> None:
    """The account is listed without a Short Server ID, a server's instance with its own."""
    dm, session = await _session(bench)
    account = await session.account_instance()
    await expect_account_without_ssid(bench, session, account)
    await session.write(dm.account())
    await expect_servers_security(bench, session, dm)
    await expect_account_without_ssid(bench, session, account)
    await session.provision(dm)


@scenario("DSC-04", editions=["1.1", "1.2"], needs=DISCOVER)
async def discover_gives_the_uri_of_a_server(bench: Bench) -> None:
    """A server's Security instance is listed with the URI that was written."""
    dm, session = await _session(bench)
    await session.write(dm.account())
    await expect_servers_uri(bench, session, dm)
    await session.provision(dm)


@scenario("DSC-05", editions=ALL, needs=DISCOVER)
async def discover_gives_the_short_server_id_of_a_server(bench: Bench) -> None:
    """The Server instance /1/3 is listed with its Short Server ID, which is another number."""
    dm, session = await _session(bench, number=3)
    await session.write(dm.account())
    await expect_servers_instance(bench, session, dm)
    await session.provision(dm)


@scenario("DSC-06", editions=ALL, needs=DISCOVER)
async def discover_lists_objects_without_instances(bench: Bench) -> None:
    """Before anything is written the Server object is listed, without an instance."""
    dm, session = await _session(bench)
    await expect_object_without_instance(bench, session)
    await session.provision(dm)


@scenario("DSC-06", editions=ALL, needs=DISCOVER)
async def discover_gives_the_object_versions_of_the_register(bench: Bench) -> None:
    """The versions of objects that Discover gives are those that the Register gives."""
    dm, session = await _session(bench)
    links = await discovered(bench, session)
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    expect_same_object_versions(bench, links, await dm.expect_registration(after_seq=seq))


@scenario("DSC-07", editions=ALL, needs=DISCOVER)
async def discover_of_what_has_none_is_refused(bench: Bench) -> None:
    """Discover of an unknown object is answered by 4.04, of an instance by 4.00; more follows."""
    dm, session = await _session(bench)
    await expect_refusal(bench, session, "unknown-object-refused", (UNKNOWN_OBJECT,), "4.04")
    await session.write(dm.account())
    await expect_refusal(bench, session, "instance-refused", ("1", str(dm.number)), "4.00")
    await session.provision(dm)
