# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write is taken whether or not its target is there, and whatever the access rights."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_write import expect_short_server_id_written, write_short_server_id
from bootcheck.subjects.untouched import other_lifetime
from bootcheck.usable import next_session

ALL = ["CR", "1.0", "1.1", "1.2"]


async def _instances_are_written_over(bench: Bench) -> None:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("WRI-01")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, row, bs, dm)
    lifetime = other_lifetime(bench)
    await session.write(replace(dm.account(), lifetime=lifetime))
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    bench.check(
        "written-over",
        row,
        registered.get("lifetime") == lifetime,
        "a Write over an instance that was there takes effect",
        expected=f"a Register with the new lifetime of {lifetime} s",
        observed=f"lifetime {registered.get('lifetime', 'none')}",
    )


@scenario("WRI-01", editions=["CR"], securities=["psk"], entropy="high")
async def instances_are_written_over_with_a_high_entropy_account(bench: Bench) -> None:
    """A later session writes over both instances of a server's account: the new lifetime counts."""
    await _instances_are_written_over(bench)


@scenario("WRI-01", editions=["1.0", "1.1", "1.2"])
async def instances_are_written_over(bench: Bench) -> None:
    """A later session writes over both instances of a server's account: the new lifetime counts."""
    await _instances_are_written_over(bench)


@scenario("WRI-01", editions=ALL)
async def read_only_resources_are_written(bench: Bench) -> None:
    """The Short Server ID, which no server may write, is changed by Writes of the resource."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    short_server_id = await write_short_server_id(bench, session, dm)
    seq = bench.peer.last_seq
    await session.finish()
    await dm.expect_registration(after_seq=seq)
    await expect_short_server_id_written(bench, dm, short_server_id)
