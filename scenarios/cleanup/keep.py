# SPDX-License-Identifier: Apache-2.0
"""Keep: the Bootstrap-Server Account outlives a successful bootstrap."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.key_class import HIGH_KEYS
from bootcheck.usable import expect_account_usable

PUBLISHED = ["1.0", "1.1", "1.2"]
TIMEOUT = ["account_timeout"]
T = 3  # seconds
LONG_S = 60  # far beyond any time that a client could take a missing timeout for


async def _kept(bench: Bench, row: str, timeout: int | None = None, wait_s: float = 0) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=timeout))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await bench.until(finished.latest_us + int(wait_s * 1e6))
    await expect_account_usable(bench, bench.row(row), bs, dm)


@scenario("CLN-01", editions=["CR"], securities=["psk"], entropy="high", keys=HIGH_KEYS)
async def high_entropy_account_is_kept(bench: Bench) -> None:
    """An account with a high-entropy key stays usable after the bootstrap."""
    await _kept(bench, "CLN-01")


@scenario("CLN-01", editions=["CR"], securities=["psk"], entropy="high", slow=True)
async def high_entropy_account_is_kept_over_time(bench: Bench) -> None:
    """An account with a high-entropy key is usable a minute after the bootstrap."""
    await _kept(bench, "CLN-01", wait_s=LONG_S)


@scenario("CLN-01", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="high")
async def high_entropy_account_with_a_timeout_is_kept(bench: Bench) -> None:
    """The change request has a timeout end accounts with a low-entropy key only."""
    await _kept(bench, "CLN-01", timeout=T, wait_s=T + bench.grace_us / 1e6)


@scenario("CLN-01", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="high")
async def high_entropy_account_with_timeout_zero_is_kept(bench: Bench) -> None:
    """Nor does a timeout of 0 end an account with a high-entropy key."""
    await _kept(bench, "CLN-01", timeout=0)


@scenario("CLN-06", editions=PUBLISHED)
async def account_without_timeout_is_kept(bench: Bench) -> None:
    """An account whose timeout is not instantiated stays usable, over several bootstraps."""
    await _kept(bench, "CLN-06")


@scenario("CLN-06", editions=PUBLISHED, needs=TIMEOUT)
async def account_with_timeout_zero_is_kept(bench: Bench) -> None:
    """A timeout of 0 means that the account has no end."""
    await _kept(bench, "CLN-06", timeout=0)


@scenario("CLN-06", editions=PUBLISHED, slow=True)
async def account_without_timeout_is_kept_over_time(bench: Bench) -> None:
    """An account whose timeout is not instantiated is usable a minute after the bootstrap."""
    await _kept(bench, "CLN-06", wait_s=LONG_S)


@scenario("CLN-06", editions=PUBLISHED, needs=TIMEOUT, slow=True)
async def account_with_timeout_zero_is_kept_over_time(bench: Bench) -> None:
    """An account whose timeout is 0 is usable a minute after the bootstrap."""
    await _kept(bench, "CLN-06", timeout=0, wait_s=LONG_S)
