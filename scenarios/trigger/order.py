# SPDX-License-Identifier: Apache-2.0
"""Several LwM2M Servers: Registration Priority Order and Registration Failure Block."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.registration_order import (
    expect_held_up,
    expect_not_held_up,
    expect_order,
    session_for_two,
)

LATER = ["1.1", "1.2"]
SEVERAL = ["several_servers"]


@scenario("FBK-05", editions=LATER, needs=SEVERAL)
async def first_server_is_registered_to_first(bench: Bench) -> None:
    """The server with the lower instance number has the lower priority number: it is the first."""
    bs, first = await bench.bootstrap_server(), await bench.lwm2m_server()
    second = await bench.lwm2m_server("dm2", number=1)
    session = await session_for_two(bench, bs, first, second)
    await expect_order(bench, session, first, second)


@scenario("FBK-05", editions=LATER, needs=SEVERAL)
async def second_server_is_registered_to_first(bench: Bench) -> None:
    """The server with the higher instance number has the lower priority number: it is the first."""
    bs, second = await bench.bootstrap_server(), await bench.lwm2m_server()
    first = await bench.lwm2m_server("dm2", number=1)
    session = await session_for_two(bench, bs, first, second)
    await expect_order(bench, session, first, second)


@scenario("FBK-05", editions=LATER, needs=SEVERAL)
async def server_that_blocks_holds_up_the_next_one(bench: Bench) -> None:
    """The first server refuses and blocks: the second one waits until the first one accepts."""
    bs, first = await bench.bootstrap_server(), await bench.lwm2m_server()
    second = await bench.lwm2m_server("dm2", number=1)
    session = await session_for_two(bench, bs, first, second)
    await expect_held_up(bench, bs, session, first, second)


@scenario("FBK-05", editions=LATER, needs=SEVERAL)
async def server_that_does_not_block_holds_up_none(bench: Bench) -> None:
    """The first server refuses and does not block: the second one gets its Register."""
    bs, first = await bench.bootstrap_server(), await bench.lwm2m_server()
    second = await bench.lwm2m_server("dm2", number=1)
    session = await session_for_two(bench, bs, first, second)
    await expect_not_held_up(bench, session, first, second)
