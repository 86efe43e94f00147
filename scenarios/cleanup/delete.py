# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Delete: what it removes, and that it leaves the Bootstrap-Server Account."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.deletion import delete, expect_account_alone, expect_account_there
from bootcheck.usable import expect_account_usable, next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _all_but_the_account_is_deleted(bench: Bench, row_id: str, *path: str) -> None:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row(row_id)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, row, bs, dm)
    await session.account_instance()
    await delete(bench, session, row, path)
    await expect_account_alone(bench, session, row, everything=not path)
    await session.provision(dm)
    await expect_account_usable(bench, row, bs, dm)


@scenario("DEL-01", editions=["CR"], securities=["psk"], entropy="high")
async def delete_of_everything_leaves_the_high_entropy_account(bench: Bench) -> None:
    """DELETE / in a later session removes all but the Bootstrap-Server Account."""
    await _all_but_the_account_is_deleted(bench, "DEL-01")


@scenario("DEL-01", editions=PUBLISHED)
async def delete_of_everything_leaves_the_account(bench: Bench) -> None:
    """DELETE / in a later session removes all but the Bootstrap-Server Account."""
    await _all_but_the_account_is_deleted(bench, "DEL-01")


@scenario("DEL-02", editions=["CR"], securities=["psk"], entropy="high")
async def delete_of_security_leaves_the_high_entropy_account(bench: Bench) -> None:
    """DELETE /0 in a later session removes every instance but the Bootstrap-Server Account."""
    await _all_but_the_account_is_deleted(bench, "DEL-02", "0")


@scenario("DEL-02", editions=PUBLISHED)
async def delete_of_security_leaves_the_account(bench: Bench) -> None:
    """DELETE /0 in a later session removes every instance but the Bootstrap-Server Account."""
    await _all_but_the_account_is_deleted(bench, "DEL-02", "0")


@scenario("DEL-03", editions=PUBLISHED)
async def delete_of_the_account_has_no_effect(bench: Bench) -> None:
    """DELETE /0/x of the account itself, whatever its answer: the account is there and used."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-03")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = await session.account_instance()
    answer = await session.send("DELETE", ("0", str(account)))
    code = answer.get("code") if answer is not None else None
    bench.fact(f"DELETE /0/{account} of the account was answered {code or 'by nothing'}")
    await expect_account_there(bench, session, row, account)
    await session.provision(dm)
    await expect_account_usable(bench, row, bs, dm)
