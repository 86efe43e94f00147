# SPDX-License-Identifier: Apache-2.0
"""The name that a client gives itself."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_request import expect_same_endpoint

ALL = ["CR", "1.0", "1.1", "1.2"]


@scenario("REQ-02", editions=ALL)
async def client_registers_under_the_name_that_it_bootstraps_with(bench: Bench) -> None:
    """Bootstrap-Request and Register name the same endpoint, where both name one."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    expect_same_endpoint(bench, bench.row("REQ-02"), session.request, registered)
