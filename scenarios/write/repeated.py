# SPDX-License-Identifier: Apache-2.0
"""A command that comes twice is answered alike and done once."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.session import tlv_content
from bootcheck.subjects.repetition import (
    expect_duplicate_answered_alike,
    expect_duplicate_of_finish,
    expect_later_counts,
    expect_repetition_applied_once,
)
from bootcheck.subjects.untouched import other_lifetime

ALL = ["CR", "1.0", "1.1", "1.2"]


@scenario("WRI-12", editions=ALL)
async def duplicated_commands_are_answered_alike(bench: Bench) -> None:
    """A Write, a Delete and the Finish each come twice: the second is answered like the first."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    place = ("1", str(dm.number))
    await expect_duplicate_answered_alike(bench, session, "duplicate-of-delete", "DELETE", place)
    content = tlv_content(1, dm.number, dm.account().server_resources())
    await expect_duplicate_answered_alike(
        bench, session, "duplicate-of-write", "PUT", place, content
    )
    await expect_duplicate_of_finish(bench, session, dm)


@scenario("WRI-12", editions=ALL)
async def repeated_write_is_applied_once(bench: Bench) -> None:
    """The answer to a Write is lost; when it comes again after a later Write, that one counts."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    first = replace(dm.account(), lifetime=other_lifetime(bench))
    later = replace(dm.account(), lifetime=bench.profile.lifetime + 1)
    await expect_repetition_applied_once(bench, session, first, later)
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    expect_later_counts(bench, registered, later)
