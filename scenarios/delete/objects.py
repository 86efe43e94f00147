# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Delete of an object removes all its instances, that of an instance no other one."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.subjects.deletion import delete, expect_deleted_unused, expect_instances
from bootcheck.subjects.discovery import UNKNOWN_OBJECT

ALL = ["CR", "1.0", "1.1", "1.2"]


async def _expect_registered_alone(
    bench: Bench, session: BootstrapSession, dm: LwM2MServer, deleted: LwM2MServer
) -> None:
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    await expect_deleted_unused(bench, bench.row("DEL-07"), deleted, seq, registered)


@scenario("DEL-07", editions=ALL)
async def delete_of_an_object_may_be_repeated(bench: Bench) -> None:
    """DELETE /1 is accepted without an instance, with one, and again when that is gone."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-07")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await delete(bench, session, row, ("1",))
    await session.write(dm.account())
    await delete(bench, session, row, ("1",))
    await expect_instances(bench, session, row, "1", [])
    await delete(bench, session, row, ("1",))
    await session.provision(dm)


@scenario("DEL-07", editions=ALL, needs=["several_servers"])
async def delete_of_an_object_removes_all_its_instances(bench: Bench) -> None:
    """DELETE /1 and DELETE /0 remove the accounts of two servers; one of them is written again."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-07")
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = await session.account_instance()
    await session.write(dm.account())
    await session.write(other.account())
    await delete(bench, session, row, ("1",))
    await expect_instances(bench, session, row, "1", [])
    await delete(bench, session, row, ("0",))
    await expect_instances(bench, session, row, "0", [account])
    await session.write(dm.account())
    await _expect_registered_alone(bench, session, dm, other)


@scenario("DEL-07", editions=ALL, needs=["several_servers"])
async def delete_of_an_instance_leaves_the_others(bench: Bench) -> None:
    """DELETE of the instances of one of two accounts: the other one gets a Register, alone."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-07")
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = await session.account_instance()
    await session.write(dm.account())
    await session.write(other.account())
    await delete(bench, session, row, ("1", str(other.number)))
    await expect_instances(bench, session, row, "1", [dm.number])
    instance = await session.server_instance(other.account())
    await delete(bench, session, row, ("0", str(instance)))
    left = [account, await session.server_instance(dm.account())]
    await expect_instances(bench, session, row, "0", left)
    await _expect_registered_alone(bench, session, dm, other)


@scenario("DEL-08", editions=ALL)
async def delete_of_a_resource_is_refused(bench: Bench) -> None:
    """DELETE /1/x/1 is answered by 4.00, of an unknown object as it likes: the instance is left."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-08")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    answer = await session.send("DELETE", ("1", str(dm.number), "1"))
    bench.check_answer("resource-refused", row, "DELETE of a resource is refused", answer, "4.00")
    await session.send("DELETE", (UNKNOWN_OBJECT,))  # an always-on rule holds its code
    await expect_instances(bench, session, row, "1", [dm.number])
    await session.provision(dm)
