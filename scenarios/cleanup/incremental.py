# SPDX-License-Identifier: Apache-2.0
"""Incremental: a later session changes what it writes, and nothing else."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.untouched import (
    expect_registered_as_before,
    expect_rest_untouched,
    other_lifetime,
    server_resources,
    write_lifetime,
)
from bootcheck.usable import expect_account_usable, next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _later_session(bench: Bench, lifetime: int | None) -> None:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("WRI-09")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    before = await server_resources(bench, dm)
    session = await next_session(bench, row, bs, dm)
    if lifetime is not None:
        await write_lifetime(bench, session, dm, lifetime)
    seq = bench.peer.last_seq
    await session.finish(("WRI-09",), "a later session that writes little or nothing is accepted")
    await expect_registered_as_before(bench, row, dm, seq, lifetime)
    await expect_rest_untouched(bench, row, dm, before, lifetime)
    await expect_account_usable(bench, row, bs, dm)


@scenario("WRI-09", editions=["CR"], securities=["psk"], entropy="high")
async def finish_alone_leaves_the_high_entropy_account(bench: Bench) -> None:
    """A later session of a Finish alone changes nothing: same server, same account."""
    await _later_session(bench, None)


@scenario("WRI-09", editions=PUBLISHED)
async def finish_alone_changes_nothing(bench: Bench) -> None:
    """A later session of a Finish alone changes nothing: same server, same account."""
    await _later_session(bench, None)


@scenario("WRI-09", editions=["CR"], securities=["psk"], entropy="high")
async def lifetime_alone_leaves_the_high_entropy_account(bench: Bench) -> None:
    """A later session writes a lifetime and nothing else: only that is changed."""
    await _later_session(bench, other_lifetime(bench))


@scenario("WRI-09", editions=PUBLISHED)
async def lifetime_alone_is_changed(bench: Bench) -> None:
    """A later session writes a lifetime and nothing else: only that is changed."""
    await _later_session(bench, other_lifetime(bench))
