# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Request Trigger: what it begins, its answer, a client without an account."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.triggered import (
    expect_trigger_without_effect,
    give_timeout,
    judge_order,
    tell_second_trigger,
    trigger,
)

LATER = ["1.1", "1.2"]
T = 3  # seconds
INT_5 = {edition: "LightweightM2M-1.1-int-5" for edition in LATER}  # 1.2 has it under the same id


@scenario("TRG-01", "TRG-02", editions=LATER, official=INT_5)
async def trigger_begins_a_bootstrap(bench: Bench) -> None:
    """/1/x/9 is executed: an answer, then a Bootstrap-Request, a whole session, a Register."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    seq = bench.peer.last_seq
    session = await trigger(bench, bs, dm)
    judge_order(bench, bs, dm, seq)
    await session.provision(dm)


@scenario("TRG-03", editions=LATER, needs=["account_timeout"], ends="purged")
async def trigger_without_an_account_is_refused(bench: Bench) -> None:
    """The trigger works while the account is there; after the purge it is answered by an error."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    began = bench.now()
    session = await trigger(bench, bs, dm)
    reaction_s = (session.request.t - began) / 1e6
    await give_timeout(session, T)
    finished = await session.provision(dm)
    await bench.until(finished.latest_us + T * 1_000_000 + bench.grace_us)
    await expect_trigger_without_effect(bench, bs, dm, reaction_s=reaction_s)


@scenario("TRG-05", "TRG-01", editions=LATER)
async def second_trigger_in_a_session(bench: Bench) -> None:
    """A further Execute comes in the middle of the session: its answer is told."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await trigger(bench, bs, dm)
    await session.account_instance()  # its Discover is answered: the client is in the session
    await tell_second_trigger(bench, dm)
    await session.provision(dm)
