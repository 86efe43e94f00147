# SPDX-License-Identifier: Apache-2.0
"""Keys and cipher suites that a bootstrap writes are those of the next handshake."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.session import tlv_content
from bootcheck.subjects.replacement import overwrite
from bootcheck.subjects.secure_channel import CBC_SHA256, CCM_8, expect_suites
from bootcheck.subjects.written_keys import expect_changed_keys_used, expect_used, longest, odd_key
from bootcheck.usable import next_session

ALL, PUBLISHED, LATER = ["CR", "1.0", "1.1", "1.2"], ["1.0", "1.1", "1.2"], ["1.1", "1.2"]


async def _changed(bench: Bench, *, same_identity: bool) -> None:
    """A later bootstrap changes the keys of the LwM2M Server, and not its URI."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, bench.row("SEC-03"), bs, dm)
    old, new = dm.credentials, await bench.credentials("dm-new")
    assert old is not None
    if same_identity:
        new = new.with_identity(old.identity)
    await dm.accept_credentials(*([new] if same_identity else [old, new]))
    dm.credentials = new
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_changed_keys_used(bench, dm, after_seq=seq)


@scenario("SEC-03", "SEC-04", editions=PUBLISHED, securities=["psk"])
async def new_identity_of_a_server_is_used(bench: Bench) -> None:
    """An LwM2M Server gets another identity and key; it would take the old ones, too."""
    await _changed(bench, same_identity=False)


@scenario("SEC-03", "SEC-04", editions=PUBLISHED, securities=["psk"])
async def new_key_of_a_server_is_used(bench: Bench) -> None:
    """An LwM2M Server gets another key under the same identity."""
    await _changed(bench, same_identity=True)


async def _suites(bench: Bench, *suites: int) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    instance = await session.server_instance(dm.account())
    written = {"instances": {str(place): suite for place, suite in enumerate(suites)}}
    resources = dm.account().security_resources() | {"16": written}
    answer = await session.send(
        "PUT", ("0", str(instance)), content=tlv_content(0, instance, resources)
    )
    session.expect_written("write-0-answered", "the LwM2M Server's Security instance", answer)
    answer = await session.put_server(dm.account())
    session.expect_written("write-1-answered", "the LwM2M Server's Server instance", answer)
    seq = bench.peer.last_seq
    await session.finish()
    await dm.expect_registration(after_seq=seq)
    expect_suites(bench, dm, suites, after_seq=seq)


@scenario("SEC-09", editions=LATER, securities=["psk"], needs=["cipher_suites"])
async def only_cipher_suite_of_the_account_is_proposed(bench: Bench) -> None:
    """One suite in /0/x/16: the ClientHello has it alone."""
    await _suites(bench, CBC_SHA256)


@scenario("SEC-09", editions=LATER, securities=["psk"], needs=["cipher_suites"])
async def all_cipher_suites_of_the_account_are_proposed(bench: Bench) -> None:
    """Two suites in /0/x/16: the ClientHello has both and no other."""
    await _suites(bench, CBC_SHA256, CCM_8)


@scenario("CLN-17", editions=ALL, securities=["psk"])
async def key_of_a_server_may_have_any_bytes(bench: Bench) -> None:
    """A key with NUL and other bytes that are no text is used as it was written."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    dm.credentials = odd_key(bench, "odd")
    await dm.accept_credentials(dm.credentials)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_used(bench, bench.row("CLN-17"), dm, after_seq=seq)
    await dm.expect_registration(after_seq=seq)


@scenario("CLN-17", editions=LATER, securities=["psk"])
async def longest_identity_and_long_key_of_a_server_are_used(bench: Bench) -> None:
    """An identity of 128 bytes and a key of 32, both with bytes beyond ASCII."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    dm.credentials = longest(bench, "longest")
    await dm.accept_credentials(dm.credentials)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_used(bench, bench.row("CLN-17"), dm, after_seq=seq)
    await dm.expect_registration(after_seq=seq)


@scenario("CLN-17", editions=LATER, securities=["psk"], needs=["account_replacement"])
async def longest_identity_and_long_key_of_the_account_are_used(bench: Bench) -> None:
    """The account gets an identity of 128 bytes and a key of 32: the next bootstrap has them."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    bs.credentials = longest(bench, "longest")
    await overwrite(bench, session, bs.account())
    await bs.accept_credentials(bs.credentials)
    await session.provision(dm)
    session = await next_session(bench, bench.row("CLN-17"), bs, dm)
    await session.provision(dm)
