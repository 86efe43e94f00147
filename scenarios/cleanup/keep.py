# SPDX-License-Identifier: Apache-2.0
"""Keep: the Bootstrap-Server Account outlives a successful bootstrap."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.usable import expect_account_usable


@scenario("CLN-01", editions=["CR"], securities=["psk"], entropy="high")
async def high_entropy_account_is_kept(bench: Bench) -> None:
    """An account with a high-entropy key stays usable after the bootstrap."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(entropy="high"))
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    await expect_account_usable(bench, bench.row("CLN-01"), bs, dm)


@scenario("CLN-06", editions=["1.0", "1.1", "1.2"])
async def account_without_timeout_is_kept(bench: Bench) -> None:
    """An account whose timeout is not instantiated stays usable, over several bootstraps."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    await expect_account_usable(bench, bench.row("CLN-06"), bs, dm)


@scenario("CLN-06", editions=["1.0", "1.1", "1.2"], needs=["account_timeout"])
async def account_with_timeout_zero_is_kept(bench: Bench) -> None:
    """A timeout of 0 means that the account has no end."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=0))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    await session.provision(dm)
    await expect_account_usable(bench, bench.row("CLN-06"), bs, dm)
