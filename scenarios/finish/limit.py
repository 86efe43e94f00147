# SPDX-License-Identifier: Apache-2.0
"""How long a session waits for its Finish."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.session_time import (
    expect_given_up,
    expect_session_there,
    expect_time_starts_anew,
    require_long_enough,
)

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("FIN-09", editions=PUBLISHED, slow=True)
async def session_waits_for_its_finish(bench: Bench) -> None:
    """A Write comes just before EXCHANGE_LIFETIME is over, the Finish as long after it."""
    require_long_enough(bench)
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await expect_session_there(bench, bs, dm, session)
    await expect_time_starts_anew(bench, bs, dm, session)


@scenario("FIN-09", editions=PUBLISHED, slow=True)
async def session_without_a_finish_is_given_up(bench: Bench) -> None:
    """All is written and no Finish comes: after EXCHANGE_LIFETIME the client tries again."""
    require_long_enough(bench)
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await expect_given_up(bench, bs, session, bench.now())
