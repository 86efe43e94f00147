# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Read: /1 and /2 of what was written, and nothing else."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.subjects.access_rights import READ, WRITE
from bootcheck.subjects.access_rule import AccessRule
from bootcheck.subjects.bootstrap_read import (
    code_of,
    expect_access_control_read,
    expect_keys_unread,
    expect_nothing_else_read,
    expect_server_object_read,
    read,
)
from bootcheck.subjects.untouched import other_lifetime


async def _written(bench: Bench) -> tuple[LwM2MServer, BootstrapSession]:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    return dm, session


@scenario("RDR-01", editions=["1.1", "1.2"], needs=["bootstrap_read"])
async def server_object_is_read_as_written(bench: Bench) -> None:
    """Bootstrap-Read of /1 and of its instance gives what was written before."""
    dm, session = await _written(bench)
    account = replace(dm.account(), lifetime=other_lifetime(bench))  # not the default
    await session.write(account)
    await expect_server_object_read(bench, session, account)
    await session.provision(dm)


@scenario("RDR-01", editions=["1.1", "1.2"], needs=["bootstrap_read", "access_control"])
async def access_control_is_read_as_written(bench: Bench) -> None:
    """Bootstrap-Read of /2 and of its instance gives what was written before."""
    dm, session = await _written(bench)
    owner = dm.short_server_id
    rule = AccessRule(0, 3, 0, {owner: READ | WRITE}, owner)
    await rule.write(session)
    await expect_access_control_read(bench, session, rule)
    await session.provision(dm)


@scenario("RDR-01", editions=["1.1", "1.2"], needs=["bootstrap_read"])
async def other_objects_are_not_read(bench: Bench) -> None:
    """Bootstrap-Read of Device, of Security and of a single resource is an error."""
    dm, session = await _written(bench)
    await expect_nothing_else_read(bench, session, dm)
    await session.provision(dm)


@scenario("RDR-02", editions=["1.0", "1.1", "1.2"], securities=["psk"])
async def keys_are_not_read(bench: Bench) -> None:
    """A Read of Security instances and their keys gives no key, of the account or of a server."""
    dm, session = await _written(bench)
    await expect_keys_unread(bench, session, dm)
    await session.provision(dm)


@scenario("RDR-04", editions=["1.0"])
async def bootstrap_read_where_there_is_none(bench: Bench) -> None:
    """How a client of 1.0, which has no Bootstrap-Read, answers one of /1 is told."""
    dm, session = await _written(bench)
    answer = await read(session, ("1",))
    bench.choice("Bootstrap-Read of /1, which 1.0 does not have", "", f"answered {code_of(answer)}")
    await session.provision(dm)
