# SPDX-License-Identifier: Apache-2.0
"""What a Bootstrap-Write does not have, and what it does not have but must."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.incomplete import (
    expect_incomplete_refused,
    expect_optional_not_made,
    tell_turned,
)
from bootcheck.usable import next_session

ALL = ["CR", "1.0", "1.1", "1.2"]
PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("WRI-05", editions=ALL)
async def optional_resources_are_not_made(bench: Bench) -> None:
    """The Server instance has no optional resource that was not written, but for its default."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    await expect_optional_not_made(bench, dm)


@scenario("WRI-13", "FIN-02", editions=PUBLISHED)
async def incomplete_server_instance_is_refused(bench: Bench) -> None:
    """A Server instance with a Short Server ID alone is refused, at once or by the Finish."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await expect_incomplete_refused(bench, session, dm)


@scenario("WRI-14", editions=PUBLISHED, ends="purged")
async def account_is_turned_into_that_of_a_server(bench: Bench) -> None:
    """The account of an LwM2M Server is written over that of the Bootstrap-Server: it is told."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("CLN-06")
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    session = await next_session(bench, row, bs, dm)
    await tell_turned(bench, session, dm, other)
