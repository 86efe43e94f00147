# SPDX-License-Identifier: Apache-2.0
"""Identifiers of accounts: Short Server IDs, URIs, and what a Register says of the account."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bad_account import (
    URI_BYTES,
    expect_good_account_taken,
    expect_refused,
    expect_refused_or_survived,
    uri_of_length,
    with_other_scheme,
)
from bootcheck.subjects.registered_as import expect_binding, expect_lifetime
from bootcheck.subjects.untouched import other_lifetime

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _short_server_id_is_refused(bench: Bench, short_server_id: int) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    bad = replace(dm.account(), short_server_id=short_server_id)
    what = f"an account with Short Server ID {short_server_id}"
    offered = await expect_refused(bench, bench.row("ACC-03"), session, bad, what)
    await expect_good_account_taken(bench, session, dm, offered)


@scenario("ACC-03", editions=PUBLISHED)
async def short_server_id_0_is_refused(bench: Bench) -> None:
    """0 is no Short Server ID of an LwM2M Server."""
    await _short_server_id_is_refused(bench, 0)


@scenario("ACC-03", editions=PUBLISHED)
async def short_server_id_65535_is_refused(bench: Bench) -> None:
    """65535 is no Short Server ID of an LwM2M Server."""
    await _short_server_id_is_refused(bench, 65535)


@scenario("ACC-03", editions=PUBLISHED)
async def short_server_id_of_another_server_is_refused(bench: Bench) -> None:
    """Two servers have the same Short Server ID."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    same = replace(other.account(), short_server_id=dm.short_server_id)
    instance = await session.server_instance(dm.account())
    what = "a second account with the same Short Server ID"
    offered = await expect_refused(bench, bench.row("ACC-03"), session, same, what)
    for path in (("0", str(instance + 1)), ("1", str(same.number))):
        await session.send("DELETE", path)
    await expect_good_account_taken(bench, session, dm, offered)


@scenario("ACC-09", editions=PUBLISHED)
async def register_says_lifetime_and_binding_of_the_account(bench: Bench) -> None:
    """The Register has a lifetime that no client has of its own, and U among its bindings."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    account = replace(dm.account(), lifetime=other_lifetime(bench) + 1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(account)
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    expect_lifetime(bench, bench.row("ACC-09"), registered, account.lifetime)
    expect_binding(bench, bench.row("ACC-09"), registered)


@scenario("ACC-10", editions=PUBLISHED)
async def uri_of_255_bytes_is_taken(bench: Bench) -> None:
    """A URI may have 255 bytes. The account is written anew then, for a path leads elsewhere."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = replace(dm.account(), uri=uri_of_length(dm.uri, URI_BYTES))
    bench.check_answer(
        "long-uri-taken",
        bench.row("ACC-10"),
        f"the Write of a URI of {URI_BYTES} bytes is accepted",
        await session.put_security(account),
        "2.04",
    )
    await session.provision(dm)


async def _bad_uri(bench: Bench, length: int = 0, scheme: str = "") -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    uri, what = with_other_scheme(dm.uri), "a scheme that the security mode does not allow"
    if length:
        uri, what = uri_of_length(dm.uri, length), f"a URI of {length} bytes"
    if scheme:
        uri, what = f"{scheme}://{dm.uri.partition('://')[2]}", f"a URI of scheme {scheme}"
    account = replace(dm.account(), uri=uri)
    # one that is longer than it must take a client may use all the same
    await expect_refused_or_survived(bench, session, dm, account, what, may_be_used=length > 0)


@scenario("ACC-10", editions=PUBLISHED)
async def uri_of_256_bytes_is_refused(bench: Bench) -> None:
    """A URI with one byte more than a client must take: refused, or an orderly failure."""
    await _bad_uri(bench, length=URI_BYTES + 1)


@scenario("ACC-10", editions=PUBLISHED)
async def uri_of_another_protocol_is_refused(bench: Bench) -> None:
    """A URI of scheme http: refused, or an orderly failure."""
    await _bad_uri(bench, scheme="http")


@scenario("ACC-10", editions=PUBLISHED)
async def scheme_of_the_other_security_mode_is_refused(bench: Bench) -> None:
    """coaps with security mode NoSec, coap with PSK: refused, or an orderly failure."""
    await _bad_uri(bench)
