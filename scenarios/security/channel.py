# SPDX-License-Identifier: Apache-2.0
"""The bootstrap channel: the client authenticates its Bootstrap-Server, in a session of its own."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.dtls_role import expect_no_dtls_server, listening_port
from bootcheck.subjects.secure_channel import (
    CCM_8_NAME,
    expect_new_session,
    expect_own_identity,
    expect_suite_offered,
    refused_channel,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _nothing_is_asked(bench: Bench, *, same_identity: bool) -> None:
    """Until the server has the credentials of the account it has others."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    channel, other = await refused_channel(bench, bs), await bench.credentials("other")
    assert bs.credentials is not None
    if same_identity:
        other = other.with_identity(bs.credentials.identity)
    await bs.accept_credentials(other)
    await bench.start_client(account=bs.account())
    await channel.expect_no_request()
    session = await channel.expect_request_under_the_right_key()
    await session.provision(dm)


@scenario("SEC-01", editions=PUBLISHED, securities=["psk"])
async def server_with_another_key_gets_no_request(bench: Bench) -> None:
    """The Bootstrap-Server has another key: no request until it has the right one."""
    await _nothing_is_asked(bench, same_identity=True)


@scenario("SEC-01", editions=PUBLISHED, securities=["psk"])
async def server_that_does_not_know_the_client_gets_no_request(bench: Bench) -> None:
    """The Bootstrap-Server does not know the identity: no request until it does."""
    await _nothing_is_asked(bench, same_identity=False)


@scenario("SEC-02", editions=["1.0"], securities=["psk"])
async def bootstrap_has_a_session_and_keys_of_its_own(bench: Bench) -> None:
    """The LwM2M Server sees its own keys, and a later bootstrap begins with a handshake."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    await expect_own_identity(bench, dm, after_seq=seq)
    await dm.expect_registration(after_seq=seq)
    session = await next_session(bench, bench.row("SEC-02"), bs, dm)
    expect_new_session(bench, session, after_seq=seq)
    await session.provision(dm)


@scenario("SEC-04", editions=PUBLISHED, securities=["psk"])
async def the_mandatory_cipher_suite_is_supported(bench: Bench) -> None:
    """Both servers take TLS_PSK_WITH_AES_128_CCM_8 alone: the client is bootstrapped."""
    bs = await bench.bootstrap_server(suites=[CCM_8_NAME])
    dm = await bench.lwm2m_server(suites=[CCM_8_NAME])
    await bench.start_client(account=bs.account())
    await expect_suite_offered(bench, bs)
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)


@scenario("SEC-07", editions=["1.1", "1.2"], securities=["psk"])
async def client_is_no_dtls_server(bench: Bench) -> None:
    """A server that knows the account's keys begins a handshake: the client takes no part."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    port = listening_port(bench)
    await bench.start_client(account=bs.account(), listen_port=port)
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    await expect_no_dtls_server(bench, bs, dm, port)
