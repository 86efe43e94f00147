# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write of a whole object, and of single resources of an instance that is not there."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.subjects.bootstrap_write import write_by_resource, write_objects

ALL = ["CR", "1.0", "1.1", "1.2"]
WRITTEN = ("WRI-02",)


async def _objects_are_written(bench: Bench, *servers: LwM2MServer) -> None:
    bs = await bench.bootstrap_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_objects(bench, session, [dm.account() for dm in servers])
    seq = bench.peer.last_seq
    await session.finish(WRITTEN, "the Finish after a Write of both objects is accepted")
    for dm in servers:
        await dm.expect_registration(after_seq=seq, rows=WRITTEN)


@scenario("WRI-02", editions=ALL)
async def objects_are_written_with_one_instance(bench: Bench) -> None:
    """A Write of /0 and one of /1 make the account of an LwM2M Server; it gets a Register."""
    await _objects_are_written(bench, await bench.lwm2m_server())


@scenario("WRI-02", editions=ALL, needs=["several_servers"])
async def objects_are_written_with_two_instances(bench: Bench) -> None:
    """A Write of /0 and one of /1 make the accounts of two servers; each gets a Register."""
    servers = await bench.lwm2m_server(), await bench.lwm2m_server("dm2", number=1)
    await _objects_are_written(bench, *servers)


@scenario("WRI-02", editions=ALL)
async def account_is_written_resource_by_resource(bench: Bench) -> None:
    """The account of an LwM2M Server is made by Writes of its single resources."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_by_resource(bench, session, dm.account())
    seq = bench.peer.last_seq
    await session.finish(WRITTEN, "the Finish after Writes of single resources is accepted")
    await dm.expect_registration(after_seq=seq, rows=WRITTEN)
