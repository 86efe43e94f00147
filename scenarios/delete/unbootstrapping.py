# SPDX-License-Identifier: Apache-2.0
"""Un-bootstrapping: with the Security instance of an LwM2M Server goes what belongs to it."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.ending import NotApplicable
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession, accepted
from bootcheck.subjects.access_rights import DELETE, READ, WRITE
from bootcheck.subjects.access_rule import AccessRule
from bootcheck.subjects.deletion import expect_deleted_unused
from bootcheck.subjects.unbootstrapping import (
    delete_security_of,
    expect_rights_gone,
    expect_rights_handed_over,
    expect_server_instance_gone,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]
RIGHTS = ["several_servers", "access_control"]


@scenario("DEL-09", editions=PUBLISHED)
async def server_instance_goes_with_its_security_instance(bench: Bench) -> None:
    """DELETE /0/x of the one LwM2M Server; another is written: the first one is gone wholly."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-09")
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, row, bs, dm)
    await delete_security_of(bench, session, row, dm)
    await session.write(other.account())
    seq = bench.peer.last_seq
    what = "after the Delete the accounts agree: the Finish is accepted"
    await session.finish(("DEL-09",), what)
    registered = await other.expect_registration(after_seq=seq)
    await expect_deleted_unused(bench, row, dm, seq, registered)
    session = await next_session(bench, row, bs, other)
    await expect_server_instance_gone(bench, session, row, dm)
    await session.provision(other)


async def _deleted_beside(bench: Bench, *servers: LwM2MServer) -> BootstrapSession:
    """A session that has written the accounts of all servers; the last one may be one too many."""
    bs = await bench.bootstrap_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    for dm in servers[:2]:
        await session.write(dm.account())
    for dm in servers[2:]:
        if not accepted(await session.put_security(dm.account())):
            raise NotApplicable("the client does not take the account of a third LwM2M Server")
        session.expect_written(
            "write-1-answered", "its Server instance", await session.put_server(dm.account())
        )
    return session


@scenario("DEL-10", editions=PUBLISHED, needs=RIGHTS)
async def rights_go_with_a_server(bench: Bench) -> None:
    """DELETE /0/x of one of two servers: its rights are gone, the other one owns what was its."""
    dm, other = await bench.lwm2m_server(), await bench.lwm2m_server("dm2", number=1)
    session, row = await _deleted_beside(bench, dm, other), bench.row("DEL-10")
    first, second = dm.short_server_id, other.short_server_id
    device = AccessRule(0, 3, 0, {first: READ | WRITE, second: READ | WRITE}, second)
    own = AccessRule(1, 1, other.number, {second: READ | WRITE}, second)
    for rule in (device, own, AccessRule(2, 1, dm.number, {first: READ | WRITE}, first)):
        await rule.write(session)
    await delete_security_of(bench, session, row, other)
    seq = bench.peer.last_seq
    await session.finish(("DEL-10",), "after the Delete the rights agree: the Finish is accepted")
    await dm.expect_registration(after_seq=seq)
    await expect_rights_handed_over(bench, row, dm, device, heir=dm)
    await expect_rights_gone(bench, row, dm, own)


@scenario("DEL-10", editions=PUBLISHED, needs=RIGHTS)
async def owner_with_most_rights_follows(bench: Bench) -> None:
    """DELETE /0/x of the owner: of two others that with more rights to write and delete follows."""
    dm, other = await bench.lwm2m_server(), await bench.lwm2m_server("dm2", number=1)
    third = await bench.lwm2m_server("dm3", number=2)
    session, row = await _deleted_beside(bench, dm, other, third), bench.row("DEL-10")
    rights = {dm.short_server_id: READ | WRITE, other.short_server_id: READ}
    rights[third.short_server_id] = READ | WRITE | DELETE
    device = AccessRule(0, 3, 0, rights, other.short_server_id)
    await device.write(session)
    await delete_security_of(bench, session, row, other)
    seq = bench.peer.last_seq
    await session.finish(("DEL-10",), "after the Delete the rights agree: the Finish is accepted")
    await third.expect_registration(after_seq=seq)
    await expect_rights_handed_over(bench, row, third, device, heir=third)
