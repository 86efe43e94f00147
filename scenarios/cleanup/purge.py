# SPDX-License-Identifier: Apache-2.0
"""Purge: the Bootstrap-Server Account is gone after its timeout, or at once."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.ending import NotApplicable
from bootcheck.gone import expect_account_gone, expect_registration_undisturbed
from bootcheck.key_class import LOW_KEYS
from bootcheck.session import accepted
from bootcheck.subjects.replacement import two_bootstrap_servers
from bootcheck.usable import (
    expect_account_usable_before,
    require_control,
    timeout_for_early_probe,
)

ROWS = ("CLN-03", "CLN-05")  # the change request's row, and that of the published editions
PUBLISHED = ["1.0", "1.1", "1.2"]
TIMEOUT = ["account_timeout"]


async def _gone_after_timeout(bench: Bench, entropy: str, timeout: int) -> None:
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    registered = bench.peer.last_seq
    gone_us = finished.latest_us + timeout * 1_000_000 + bench.grace_us
    await bench.until(gone_us)
    await expect_registration_undisturbed(bench, dm, registered)
    what = f"the account is gone once its timeout of {timeout} s is over"
    await expect_account_gone(bench, bench.row(*ROWS), bs, dm, after_us=gone_us, what=what)


async def _usable_before_timeout(bench: Bench, entropy: str) -> None:
    row = bench.row(*ROWS)
    control = await require_control(bench, row)
    timeout = timeout_for_early_probe(bench, control)
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout, entropy=entropy))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await expect_account_usable_before(
        bench, row, bs, dm, control=control, finished=finished, timeout=timeout
    )


@scenario("CLN-05", "CLN-11", "CLN-12", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def account_is_purged_after_one_second(bench: Bench) -> None:
    """The smallest timeout that there is, 1 s, ends the account."""
    await _gone_after_timeout(bench, "high", 1)


@scenario("CLN-05", "CLN-11", "CLN-12", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def account_is_purged_after_its_timeout(bench: Bench) -> None:
    """The account is gone 3 s after the bootstrap; the LwM2M Server notices nothing."""
    await _gone_after_timeout(bench, "high", 3)


@scenario("CLN-05", "CLN-11", "CLN-12", editions=PUBLISHED, needs=TIMEOUT, ends="purged")
async def account_is_purged_after_ten_seconds(bench: Bench) -> None:
    """The account is gone 10 s after the bootstrap."""
    await _gone_after_timeout(bench, "high", 10)


@scenario("CLN-05", editions=PUBLISHED, needs=TIMEOUT)
async def account_is_not_purged_before_its_timeout(bench: Bench) -> None:
    """The account is usable while its timeout is running."""
    await _usable_before_timeout(bench, "high")


@scenario(
    "CLN-03",
    "CLN-11",
    editions=["CR"],
    securities=["psk"],
    needs=TIMEOUT,
    entropy="low",
    ends="purged",
    keys=LOW_KEYS,
)
async def low_entropy_account_is_purged_after_its_timeout(bench: Bench) -> None:
    """An account with a low-entropy key that is not replaced is gone after its timeout."""
    await _gone_after_timeout(bench, "low", 3)


@scenario("CLN-03", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low")
async def low_entropy_account_is_not_purged_before_its_timeout(bench: Bench) -> None:
    """An account with a low-entropy key is usable while its timeout is running."""
    await _usable_before_timeout(bench, "low")


@scenario(
    "CLN-04",
    "CLN-11",
    editions=["CR"],
    securities=["psk"],
    entropy="low",
    ends="purged",
    keys=LOW_KEYS,
)
async def low_entropy_account_without_timeout_is_purged_at_once(bench: Bench) -> None:
    """A low-entropy account, not replaced and without a timeout, is gone after the bootstrap."""
    bs, dm = await bench.bootstrap_server(entropy="low"), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    finished = await session.provision(dm)
    registered = bench.peer.last_seq
    await expect_registration_undisturbed(bench, dm, registered)
    what = "the account is gone at the first stimulus after the registration"
    await expect_account_gone(
        bench, bench.row("CLN-04"), bs, dm, after_us=finished.latest_us, what=what
    )


@scenario(
    "CLN-03", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def low_entropy_account_whose_replacement_is_refused_is_purged(bench: Bench) -> None:
    """A client that cannot replace its account purges it after the timeout instead."""
    servers = await two_bootstrap_servers(bench)
    session = await servers.first_session(timeout=3)
    if accepted(await session.overwrite_account(servers.new.account())):
        raise NotApplicable("the client replaces its account")
    finished = await session.provision(servers.dm)
    gone_us = finished.latest_us + 3_000_000 + bench.grace_us
    row, what = bench.row("CLN-03"), "the account that was not replaced is gone after its timeout"
    await expect_account_gone(bench, row, servers.old, servers.dm, after_us=gone_us, what=what)
