# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write in blocks."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.block_write import judge_write_in_blocks, write_in_blocks

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("WRI-11", editions=PUBLISHED)
async def write_in_blocks_is_taken(bench: Bench) -> None:
    """A Server instance is written in blocks of 16 bytes: what it says is used."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    answer, lifetime = await write_in_blocks(bench, session, dm)
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    judge_write_in_blocks(bench, answer, registered, lifetime)
