# SPDX-License-Identifier: Apache-2.0
"""Finish outside of a session."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.stray_finish import expect_finish_without_effect, tell_late_finish


@scenario("FIN-10", "WRI-10", editions=["1.0", "1.1", "1.2"])
async def finish_outside_of_a_session(bench: Bench) -> None:
    """An LwM2M Server sends Finish, then the Bootstrap-Server once more: told what that does."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    await expect_finish_without_effect(bench, bs, dm)
    await tell_late_finish(bench, bs, dm, session)
