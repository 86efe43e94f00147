# SPDX-License-Identifier: Apache-2.0
"""The new Bootstrap-Server: it purges the original account, refuses the client, or is silent."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.replacement import (
    expect_refused_attempt_at_the_new_server_only,
    expect_unanswered_attempt_at_the_new_server_only,
    overwrite,
    purge_original,
    two_bootstrap_servers,
)
from bootcheck.usable import next_session

ROWS = ("CLN-02", "CLN-08")  # the change request's row, and that of the published editions
EDITIONS = ["CR", "1.0", "1.1", "1.2"]
REPLACES = ["account_replacement"]


@scenario("CLN-02", editions=["CR"], securities=["psk"], needs=REPLACES, entropy="low")
async def original_is_purged_by_the_new_server(bench: Bench) -> None:
    """A new account is written beside the original, which the new server deletes in its session."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    original = await session.account_instance()
    await session.write_account(replacement.new.account(), original + 5)
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    row = bench.row("CLN-02")
    # the original may be tried until it is purged, so it is not to keep the client
    await replacement.old.refuse_requests()
    session = await next_session(bench, row, replacement.new, replacement.dm)
    await purge_original(bench, row, session, original)
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await replacement.expect_only_the_new_is_used(row)


@scenario(*ROWS, editions=EDITIONS, needs=REPLACES, entropy="low")
async def refusing_new_server_does_not_bring_the_original_back(bench: Bench) -> None:
    """The new Bootstrap-Server refuses the client: the original account is not tried instead."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    await overwrite(bench, session, replacement.new.account())
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await expect_refused_attempt_at_the_new_server_only(bench, bench.row(*ROWS), replacement)


@scenario(*ROWS, editions=EDITIONS, needs=REPLACES, entropy="low", slow=True)
async def silent_new_server_does_not_bring_the_original_back(bench: Bench) -> None:
    """The new Bootstrap-Server does not answer: the original account is not tried instead."""
    replacement = await two_bootstrap_servers(bench)
    session = await replacement.first_session()
    await overwrite(bench, session, replacement.new.account())
    await session.write(replacement.dm.account())
    await replacement.finish(session)
    await expect_unanswered_attempt_at_the_new_server_only(bench, bench.row(*ROWS), replacement)
