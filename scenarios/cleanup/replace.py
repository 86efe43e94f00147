# SPDX-License-Identifier: Apache-2.0
"""Replace: a new Bootstrap-Server Account is written over the original one."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.key_class import LOW_KEYS
from bootcheck.subjects.replacement import (
    Replacement,
    expect_only_the_new_identity_is_used,
    expect_single_account,
    finish_replacement,
    overwrite,
    two_bootstrap_servers,
)
from bootcheck.usable import expect_account_usable

ROWS = ("CLN-02", "CLN-08")  # the change request's row, and that of the published editions
EDITIONS = ["CR", "1.0", "1.1", "1.2"]
REPLACES = ["account_replacement"]


@scenario(*ROWS, editions=EDITIONS, needs=REPLACES, entropy="low", keys=LOW_KEYS)
async def account_is_replaced_by_one_with_a_new_uri(bench: Bench) -> None:
    """An account overwritten in place by one for another server: only the new one is used."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    await overwrite(bench, session, replacement.new.account())
    await session.write(replacement.dm.account())
    await expect_single_account(bench, session)
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(bench.row(*ROWS))


@scenario(*ROWS, editions=EDITIONS, needs=REPLACES, entropy="low")
async def account_is_replaced_resource_by_resource(bench: Bench) -> None:
    """Each resource that changes is written by itself: the account is the new one all the same."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    changed = ("0", "3", "5") if replacement.new.credentials else ("0",)
    for resource in changed:
        await overwrite(bench, session, replacement.new.account(), only=resource)
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(bench.row(*ROWS))


@scenario(*ROWS, editions=EDITIONS, needs=REPLACES, entropy="low")
async def account_is_replaced_in_part(bench: Bench) -> None:
    """Only the URI is written: identity and key stay, and are used at the new server."""
    replacement = await two_bootstrap_servers(bench)
    old, new = replacement.old, replacement.new
    if old.credentials is not None:
        new.credentials = old.credentials
        await new.accept_credentials(old.credentials)
    session = await replacement.first_session()
    await overwrite(bench, session, new.account(), only="0")
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(bench.row(*ROWS))


@scenario(*ROWS, editions=EDITIONS, securities=["psk"], needs=REPLACES, entropy="low")
async def account_is_replaced_by_one_with_a_new_identity_and_key(bench: Bench) -> None:
    """An account overwritten in place by one with new credentials: the next handshake uses them."""
    bs = await bench.bootstrap_server(entropy="low")
    dm = await bench.lwm2m_server()
    original, renewed = bs.credentials, await bench.credentials("bs-renewed")
    assert original is not None
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    await overwrite(bench, session, bs.account().changed(credentials=renewed))
    await session.write(dm.account())
    await expect_single_account(bench, session)
    replaced = await finish_replacement(bench, session, dm)
    await bs.accept_credentials(original, renewed)
    await bs.drop_associations()
    bs.credentials = renewed
    row = bench.row(*ROWS)
    await expect_only_the_new_identity_is_used(bench, row, original, bs, dm, replaced)


@scenario(*ROWS, editions=EDITIONS, securities=["psk"], needs=REPLACES, entropy="low")
async def account_is_replaced_by_one_with_a_new_key_only(bench: Bench) -> None:
    """An account overwritten by one with a new key only: the new key completes the handshake."""
    bs = await bench.bootstrap_server(entropy="low")
    dm = await bench.lwm2m_server()
    original = bs.credentials
    assert original is not None
    renewed = (await bench.credentials("bs")).with_identity(original.identity)
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    await overwrite(bench, session, bs.account().changed(credentials=renewed))
    await session.write(dm.account())
    await finish_replacement(bench, session, dm)
    await bs.accept_credentials(renewed)
    await bs.drop_associations()
    await expect_account_usable(bench, bench.row(*ROWS), bs, dm, name="new-key-used")


async def _in_two_instances(bench: Bench, replacement: Replacement, *, delete_first: bool) -> None:
    session = await replacement.first_session()
    original = await session.account_instance()
    if delete_first:
        await session.delete_account(original)
    await session.write_account(replacement.new.account(), original + 5)
    if not delete_first:
        await session.delete_account(original)
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(bench.row("CLN-02"))


@scenario("CLN-02", editions=["CR"], needs=REPLACES, entropy="low")
async def account_is_deleted_and_a_new_one_written(bench: Bench) -> None:
    """The original account is deleted, then a new one is written to another instance."""
    await _in_two_instances(bench, await two_bootstrap_servers(bench), delete_first=True)


@scenario("CLN-02", editions=["CR"], needs=REPLACES, entropy="low")
async def new_account_is_written_and_the_original_deleted(bench: Bench) -> None:
    """A new account is written to another instance, then the original is deleted."""
    await _in_two_instances(bench, await two_bootstrap_servers(bench), delete_first=False)
