# SPDX-License-Identifier: Apache-2.0
"""Un-bootstrapping: with the Security instance of an LwM2M Server goes what belongs to it."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.deletion import expect_deleted_unused
from bootcheck.unbootstrapping import delete_security_of, expect_server_instance_gone
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


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
