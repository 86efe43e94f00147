# SPDX-License-Identifier: Apache-2.0
"""A Bootstrap-Request that is refused: no bootstrap has begun, and nothing is lost."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.session import BootstrapSession
from bootcheck.subjects.bootstrap_request import (
    expect_attempt_or_stimulate,
    expect_asked_once,
    expect_new_message_id,
    expect_next_attempt,
    refuse_first,
    tell_preferred_format,
)
from bootcheck.subjects.untouched import (
    expect_registered_as_before,
    expect_rest_untouched,
    server_resources,
)
from bootcheck.usable import stimulate

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _second_attempt(bench: Bench, code: str) -> BootstrapSession:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("REQ-08")
    await refuse_first(bs, code)
    await bench.start_client(account=bs.account())
    refused = (await bs.expect_bootstrap_request()).request
    session = await expect_next_attempt(bench, bs, refused, code)
    expect_new_message_id(bench, row, refused, session.request)
    await expect_asked_once(bench, row, session)
    await session.provision(dm)
    return session


@scenario("SEQ-08", "REQ-06", "REQ-08", "SEQ-11", editions=["CR", *PUBLISHED])
async def refused_client_asks_again_under_its_account(bench: Bench) -> None:
    """The first request is answered by 4.00: one new one comes, at the same server and identity."""
    await _second_attempt(bench, "4.00")


@scenario("REQ-06", "REQ-07", editions=["1.1", "1.2"])
async def client_whose_preferred_format_is_refused_asks_again(bench: Bench) -> None:
    """The first request is answered by 4.15: whether the next one prefers a format is told."""
    tell_preferred_format(bench, await _second_attempt(bench, "4.15"))


@scenario("REQ-06", editions=PUBLISHED)
async def refused_request_leaves_all_that_the_client_had(bench: Bench) -> None:
    """After a refusal a session of a Finish alone finds accounts and server as they were."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("REQ-06")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    before = await server_resources(bench, dm)
    await refuse_first(bs, "4.00")
    refused = await stimulate(bench, row, bs, dm, "refused")
    session = await expect_attempt_or_stimulate(bench, row, bs, dm, refused)
    seq = bench.peer.last_seq
    await session.finish(("REQ-06",), "the Finish alone of the next session is accepted")
    await expect_registered_as_before(bench, row, dm, seq, None)
    await expect_rest_untouched(bench, row, dm, before, None)
