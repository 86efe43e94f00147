# SPDX-License-Identifier: Apache-2.0
"""Replace: a new Bootstrap-Server Account is written over the original one."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.replacement import (
    expect_identity_unused,
    expect_no_contact,
    expect_single_account,
    finish_replacement,
    overwrite,
)
from bootcheck.usable import expect_account_usable

ROWS = ("CLN-02", "CLN-08")  # the change request's row, and that of the published editions
EDITIONS = ["CR", "1.0", "1.1", "1.2"]


@scenario(*ROWS, editions=EDITIONS, needs=["account_replacement"], entropy="low")
async def account_is_replaced_by_one_with_a_new_uri(bench: Bench) -> None:
    """An account overwritten in place by one for another server: only the new one is used."""
    old = await bench.bootstrap_server("bs-old", entropy="low")
    new, dm = await bench.bootstrap_server("bs-new"), await bench.lwm2m_server()
    await bench.start_client(account=old.account(entropy="low"))
    session = await old.expect_bootstrap_request()
    await overwrite(bench, session, new.account())
    await session.write(dm.account())
    await expect_single_account(bench, session)
    replaced = await finish_replacement(bench, session, dm)
    row = bench.row(*ROWS)
    try:
        await expect_account_usable(bench, row, new, dm, name="new-account-usable")
    finally:
        what = "the original Bootstrap-Server is not contacted after the replacement"
        expect_no_contact(bench, row, old, replaced, "original-unused", what)


@scenario(
    *ROWS, editions=EDITIONS, securities=["psk"], needs=["account_replacement"], entropy="low"
)
async def account_is_replaced_by_one_with_a_new_identity_and_key(bench: Bench) -> None:
    """An account overwritten in place by one with new credentials: the next handshake uses them."""
    bs = await bench.bootstrap_server(entropy="low")
    dm = await bench.lwm2m_server()
    original, renewed = bs.credentials, bench.credentials("bs-renewed")
    assert original is not None
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    await overwrite(bench, session, bs.account().with_credentials(renewed))
    await session.write(dm.account())
    await expect_single_account(bench, session)
    replaced = await finish_replacement(bench, session, dm)
    await bs.accept_credentials(original, renewed)
    await bs.drop_associations()
    bs.credentials = renewed
    row = bench.row(*ROWS)
    try:
        await expect_account_usable(bench, row, bs, dm, name="new-account-usable")
    finally:
        what = "the original identity is not used after the replacement"
        expect_identity_unused(bench, row, original, replaced, "original-unused", what)


@scenario(
    *ROWS, editions=EDITIONS, securities=["psk"], needs=["account_replacement"], entropy="low"
)
async def account_is_replaced_by_one_with_a_new_key_only(bench: Bench) -> None:
    """An account overwritten by one with a new key only: the new key completes the handshake."""
    bs = await bench.bootstrap_server(entropy="low")
    dm = await bench.lwm2m_server()
    original = bs.credentials
    assert original is not None
    renewed = bench.credentials("bs").with_identity(original.identity)
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    await overwrite(bench, session, bs.account().with_credentials(renewed))
    await session.write(dm.account())
    await finish_replacement(bench, session, dm)
    await bs.accept_credentials(renewed)
    await bs.drop_associations()
    await expect_account_usable(bench, bench.row(*ROWS), bs, dm, name="new-key-used")
