# SPDX-License-Identifier: Apache-2.0
"""Finish that leaves no LwM2M Server."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.inconsistent import delete_everything, expect_empty_configuration_refused
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("FIN-05", editions=PUBLISHED)
async def finish_without_a_server_is_refused(bench: Bench) -> None:
    """A Finish is all that comes in the first session: there is no LwM2M Server, so 4.06."""
    bs = await bench.bootstrap_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await expect_empty_configuration_refused(bench, bs, session)


@scenario("FIN-05", editions=PUBLISHED)
async def finish_after_a_delete_of_everything_is_refused(bench: Bench) -> None:
    """A later session deletes everything and writes nothing: no LwM2M Server is left, so 4.06."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("FIN-05")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await next_session(bench, row, bs, dm)
    await delete_everything(bench, session)
    await expect_empty_configuration_refused(bench, bs, session)
