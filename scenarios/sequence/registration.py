# SPDX-License-Identifier: Apache-2.0
"""Where a client registers after a bootstrap, and where it does not any more."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.registrations import (
    SHORT_S,
    delete_account,
    expect_old_server_left_alone,
    expect_registrations,
    expect_update,
    write_second_account,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("SEQ-13", editions=PUBLISHED)
async def client_registers_to_both_of_its_servers(bench: Bench) -> None:
    """One session writes the accounts of two LwM2M Servers: each gets a Register."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await write_second_account(bench, session, other.account())
    seq = bench.peer.last_seq
    await session.finish()
    await dm.expect_registration(after_seq=seq)
    await expect_registrations(bench, bench.row("SEQ-13"), [other], seq)


@scenario("SEQ-13", editions=PUBLISHED)
async def client_registers_to_a_server_that_is_added_later(bench: Bench) -> None:
    """A later session adds the account of a second server: both have the client registered."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("SEQ-13")
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await next_session(bench, row, bs, dm)
    await write_second_account(bench, session, other.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_registrations(bench, row, [dm, other], seq)


@scenario("SEQ-14", "SEQ-13", editions=PUBLISHED)
async def client_is_bootstrapped_again_to_another_server(bench: Bench) -> None:
    """A second bootstrap, by a stimulus, moves the client's only account to a new server."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    new = await bench.lwm2m_server("new")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await next_session(bench, bench.row("SEQ-14"), bs, dm)
    await session.write(new.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_registrations(bench, bench.row("SEQ-13"), [new], seq)


@scenario("SEQ-18", editions=["1.1", "1.2"])
async def server_whose_account_was_deleted_is_left_alone(bench: Bench) -> None:
    """A later session deletes one account and writes another: the old server hears no more."""
    bs, old, row = (
        await bench.bootstrap_server(),
        await bench.lwm2m_server("old"),
        bench.row("SEQ-18"),
    )
    new = await bench.lwm2m_server("new", number=1)
    lifetime = min(bench.profile.lifetime, SHORT_S)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(replace(old.account(), lifetime=lifetime))
    seq = bench.peer.last_seq
    await session.finish()
    registered = await old.expect_registration(after_seq=seq)
    interval_s = await expect_update(bench, row, old, registered, lifetime)
    session = await next_session(bench, row, bs, old)
    await delete_account(bench, row, session, old)
    await session.write(replace(new.account(), lifetime=lifetime))
    seq = bench.peer.last_seq
    finished = await session.finish()
    await new.expect_registration(after_seq=seq)
    await expect_old_server_left_alone(
        bench, row, old, new, finished=finished, interval_s=interval_s
    )
