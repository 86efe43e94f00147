# SPDX-License-Identifier: Apache-2.0
"""Finish of a configuration in which something is missing, or that the client cannot have."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.inconsistent import (
    expect_access_control_refused,
    expect_finish_refused,
    move_security,
    write_optional_alone,
    write_orphan_security,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]
LATER = ["1.1", "1.2"]
INT_9 = {edition: "LightweightM2M-1.1-int-9" for edition in LATER}  # 1.2 has it under the same id


@scenario("FIN-03", editions=LATER, official=INT_9)
async def optional_resource_alone_is_no_account(bench: Bench) -> None:
    """Only /1/0/5 is written: the Write is accepted, the Finish refused."""
    bs = await bench.bootstrap_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await write_optional_alone(bench, session)
    what = "the Finish of a Server instance with an optional resource alone is refused"
    await expect_finish_refused(bench, session, bench.row("FIN-03"), what)


@scenario("FIN-02", editions=PUBLISHED)
async def security_instance_alone_is_no_account(bench: Bench) -> None:
    """Beside a whole account a Security instance has no Server instance: the Finish is refused."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await write_orphan_security(bench, session, other.account())
    what = "the Finish of a Security instance without a Server instance is refused"
    await expect_finish_refused(bench, session, bench.row("FIN-02"), what)


@scenario("FIN-02", editions=PUBLISHED)
async def server_instance_of_an_earlier_session_is_looked_at(bench: Bench) -> None:
    """A later session leaves the Server instance without a Security instance: it is refused."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("FIN-02")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await next_session(bench, row, bs, dm)
    other = await bench.lwm2m_server("dm2", number=1)
    await move_security(session, dm.account(), other.account())
    what = "the Finish of a Server instance without a Security instance is refused"
    await expect_finish_refused(bench, session, row, what)


@scenario("FIN-04", editions=PUBLISHED)
async def access_rights_that_the_client_does_not_know_are_refused(bench: Bench) -> None:
    """/2/0 is written to a client without Access Control: an error, or the Finish is refused."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await expect_access_control_refused(bench, session, dm)
