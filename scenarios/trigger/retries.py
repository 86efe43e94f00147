# SPDX-License-Identifier: Apache-2.0
"""Registrations that fail: what the optional resources /1/x/14 and 16 to 20 say to that."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.registering import (
    expect_attempts_alone,
    expect_bootstrap_after,
    expect_next,
    expect_no_bootstrap_beside,
    refused_after_finish,
)
from bootcheck.subjects.server_settings import (
    BOOTSTRAP_ON_FAILURE,
    INITIAL_DELAY,
    offer_settings,
    require_settings,
    retries,
)
from bootcheck.subjects.server_state import finish_and_wait, judge_delay
from bootcheck.usable import next_session

LATER = ["1.1", "1.2"]
DELAY_S = 4


@scenario("FBK-01", "FBK-02", editions=LATER)
async def failure_leads_to_a_bootstrap_where_it_is_told_so(bench: Bench) -> None:
    """/1/x/16 is true: a refused Register leads to a bootstrap; false: to a further one first."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await require_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: True})
    told = await offer_settings(bench, session, dm, retries(1, 1, 1))
    failed = await refused_after_finish(bench, session, dm)
    session, _ = await expect_bootstrap_after(
        bench, bench.row("FBK-01"), bs, failed.refused, told_to_give_up=told
    )
    await session.write(dm.account())
    await require_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: False})
    told = await offer_settings(bench, session, dm, retries(2, 1, 1))
    failed = await refused_after_finish(bench, session, dm)
    await expect_attempts_alone(bench, bs, dm, failed, told=told)


@scenario("FBK-02", "FBK-01", editions=LATER, needs=["several_servers"])
async def failure_beside_another_server_leads_to_no_bootstrap(bench: Bench) -> None:
    """One of two servers refuses: a bootstrap follows where its /1/x/16 is true, else none."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other = await bench.lwm2m_server("dm2", number=1)
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(other.account())
    await session.write(dm.account())
    await require_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: True})
    told = await offer_settings(bench, session, dm, retries(1, 1, 1))
    failed = await refused_after_finish(bench, session, dm)
    session, reaction_s = await expect_bootstrap_after(
        bench, bench.row("FBK-01"), bs, failed.refused, told_to_give_up=told
    )
    await session.write(dm.account())
    await require_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: False})
    await offer_settings(bench, session, dm, retries(1, 1, 1))
    failed = await refused_after_finish(bench, session, dm)
    await expect_no_bootstrap_beside(bench, bs, failed, reaction_s=reaction_s)


@scenario("FBK-03", editions=LATER)
async def attempts_to_register_are_spaced_as_told(bench: Bench) -> None:
    """Three attempts, 2 s and 4 s apart; 1 s later the second sequence, 2 s apart again."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    # where a refusal led to a bootstrap there would be no further attempt
    await offer_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: False})
    await require_settings(bench, session, dm, retries(3, 2, sequences=2, delay=1))
    failed = await refused_after_finish(bench, session, dm)
    failed = await expect_next(bench, "second-attempt", bs, dm, failed, 2)
    failed = await expect_next(bench, "third-attempt", bs, dm, failed, 4)
    failed = await expect_next(bench, "next-sequence", bs, dm, failed, 1)
    await expect_next(bench, "its-second-attempt", bs, dm, failed, 2)


@scenario("FBK-04", editions=LATER)
async def initial_registration_waits_as_told(bench: Bench) -> None:
    """/1/x/14 is 4 s: the Register comes 4 s after the Finish; at once after a session with 0 s."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("FBK-04")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await require_settings(bench, session, dm, {INITIAL_DELAY: DELAY_S})
    waited_s = await finish_and_wait(bench, session, dm)
    session = await next_session(bench, row, bs, dm)
    await session.write(dm.account())
    await require_settings(bench, session, dm, {INITIAL_DELAY: 0})
    without_s = await finish_and_wait(bench, session, dm)
    judge_delay(bench, DELAY_S, waited_s, without_s)
