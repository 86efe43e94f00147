# SPDX-License-Identifier: Apache-2.0
"""What Bootstrap-Write leaves: the last value, nothing unknown, numbers, accounts that pair."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_write import (
    UNKNOWN_RESOURCE,
    expect_instance_number,
    expect_own_lifetime,
    expect_registration_at_last,
    rewrite_security,
    write_crosswise,
    write_with,
)
from bootcheck.subjects.untouched import other_lifetime

ALL = ["CR", "1.0", "1.1", "1.2"]


@scenario("WRI-03", editions=ALL)
async def last_write_counts(bench: Bench) -> None:
    """The Security instance is written for one server, then for another: that gets the Register."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    first = await bench.lwm2m_server("first")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = dm.account()
    await session.write(replace(account, uri=first.uri, credentials=first.credentials))
    await rewrite_security(bench, session, account)
    seq = bench.peer.last_seq
    await session.finish(("WRI-03",), "the Finish after a repeated Write is accepted")
    await expect_registration_at_last(bench, dm, first, after_seq=seq)


@scenario("WRI-04", editions=ALL)
async def unknown_resources_are_passed_over(bench: Bench) -> None:
    """Both instances of an account have a resource that no client knows: the account is used."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("WRI-04")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_with(bench, session, dm.account(), row, {UNKNOWN_RESOURCE: {"hex": "01"}})
    seq = bench.peer.last_seq
    await session.finish(("WRI-04",), "the Finish after a Write of unknown resources is accepted")
    await dm.expect_registration(after_seq=seq, rows=("WRI-04",))


@scenario("WRI-07", editions=ALL)
async def instance_numbers_are_kept(bench: Bench) -> None:
    """A Server instance that is written to /1/17 is registered as /1/17."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server(number=17)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    expect_instance_number(bench, dm, registered, bench.row("WRI-07"))


@scenario("ACC-04", editions=["1.0", "1.1", "1.2"], needs=["several_servers"])
async def accounts_pair_by_short_server_id(bench: Bench) -> None:
    """The Server instances of two accounts are numbered crosswise: each has its own lifetime."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    first, second = dm.account(), other.account()
    second = replace(second, lifetime=other_lifetime(bench))
    await write_crosswise(bench, session, [first, second])
    seq = bench.peer.last_seq
    await session.finish()
    await expect_own_lifetime(bench, dm, first, after_seq=seq)
    await expect_own_lifetime(bench, other, second, after_seq=seq)
