# SPDX-License-Identifier: Apache-2.0
"""The answer to the Bootstrap-Request: with the acknowledgement, after it, or after a command."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_request import expect_asked_once, send_early
from bootcheck.usable import next_session

ALL = ["CR", "1.0", "1.1", "1.2"]


@scenario("REQ-05", editions=ALL)
async def client_waits_for_commands_after_an_answer_at_once(bench: Bench) -> None:
    """The 2.04 comes with the acknowledgement: the client waits for commands, and takes them."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await expect_asked_once(bench, bench.row("REQ-05"), session)
    await session.provision(dm)


@scenario("REQ-05", editions=ALL)
async def client_waits_for_commands_after_a_separate_answer(bench: Bench) -> None:
    """The 2.04 comes long after the acknowledgement: the request is not sent again meanwhile."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bs.answer_separately(bench.profile.coap.loss_s)  # after a retransmission is due
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await expect_asked_once(bench, bench.row("REQ-05"), session)
    await session.provision(dm)


@scenario("REQ-10", editions=ALL)
async def command_before_the_answer_does_no_harm(bench: Bench) -> None:
    """DELETE / comes before the 2.04; its answer is told. The session that follows succeeds."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bs.hold_first_request()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await send_early(bench, session, "DELETE", ())
    await session.provision(dm)
    if bench.variant.edition != "CR":  # there the account may be gone by the rules
        await next_session(bench, bench.row("SEQ-14"), bs, dm)
