# SPDX-License-Identifier: Apache-2.0
"""Message ids of Bootstrap-Requests that are sent again, and of new ones."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_request import (
    expect_fresh_id_after_restart,
    expect_sent_again,
    start_and_lose_answers,
)

ALL = ["CR", "1.0", "1.1", "1.2"]


@scenario("REQ-08", editions=ALL)
async def request_whose_answer_gets_lost_is_sent_again(bench: Bench) -> None:
    """Two answers get lost: the same message comes again twice, and then the session goes on."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await start_and_lose_answers(bench, bs, 2)
    await expect_sent_again(bench, bench.row("REQ-08"), session, lost=2)
    await session.provision(dm)


@scenario("REQ-08", editions=ALL)
async def request_after_a_restart_has_a_message_id_of_its_own(bench: Bench) -> None:
    """A restart within EXCHANGE_LIFETIME: its request is not taken for that of the life before."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    first = (await bs.expect_bootstrap_request()).request
    session = await expect_fresh_id_after_restart(bench, bench.row("REQ-08"), bs, first)
    await session.provision(dm)
