# SPDX-License-Identifier: Apache-2.0
"""Content that is wrong on purpose: refused, and the client and its account outlive it."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.wrong_content import (
    NO_TLV,
    SECURITY,
    UNUSUAL,
    WRONG_TYPES,
    Wrong,
    write_account_cut,
    write_unknown_places,
    write_wrong,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _content_is_survived(bench: Bench, obj: int, *contents: Wrong) -> None:
    """Write all of it, then what is right; the client registers, and is bootstrapped again."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    instance = dm.number if obj else await session.server_instance(dm.account())
    await write_wrong(bench, session, obj, instance, *contents)
    await session.provision(dm)
    session = await next_session(bench, bench.row("CLN-06"), bs, dm)
    await session.provision(dm)


@scenario("WRI-06", "CLN-06", editions=PUBLISHED)
async def content_that_is_no_tlv_is_refused(bench: Bench) -> None:
    """TLV that is cut short, too long or nested wrongly."""
    await _content_is_survived(bench, 1, *NO_TLV)


@scenario("WRI-06", "CLN-06", editions=PUBLISHED)
async def values_of_another_type_are_refused(bench: Bench) -> None:
    """Integers and booleans of lengths that TLV does not have, and other unusual content."""
    await _content_is_survived(bench, 1, *WRONG_TYPES, *UNUSUAL)


@scenario("WRI-06", "CLN-06", editions=PUBLISHED)
async def wrong_values_of_a_security_instance_are_refused(bench: Bench) -> None:
    """The same for the Security instance of an LwM2M Server."""
    await _content_is_survived(bench, 0, *SECURITY)


@scenario("WRI-06", "WRI-15", editions=PUBLISHED)
async def refused_write_over_the_account_changes_nothing(bench: Bench) -> None:
    """Another URI is written over the account in content that is cut: the account is as before."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account, other = await session.account_instance(), await bench.bootstrap_server("bs-other")
    await write_account_cut(bench, session, account, other.uri)
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish(("WRI-15",), "the Finish is accepted, as if that Write had not been")
    await dm.expect_registration(after_seq=seq)
    session = await next_session(bench, bench.row("WRI-15"), bs, dm)
    await session.provision(dm)


@scenario("WRI-06", "CLN-06", editions=PUBLISHED)
async def writes_to_unknown_places_do_no_harm(bench: Bench) -> None:
    """Objects that no client has, a reserved instance number, a path that is too deep."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_unknown_places(bench, session)
    await session.provision(dm)
    session = await next_session(bench, bench.row("CLN-06"), bs, dm)
    await session.provision(dm)
