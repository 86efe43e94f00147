# SPDX-License-Identifier: Apache-2.0
"""The factory key of a device that cannot be told one: whether it shows low entropy."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.factory_key import expect_no_low_entropy


@scenario("CLN-17", "CLN-16", editions=["CR", "1.0", "1.1", "1.2"], securities=["psk"])
async def factory_key_shows_no_low_entropy(bench: Bench) -> None:
    """The key that the device has from its factory is not derived from something guessable."""
    expect_no_low_entropy(bench)
