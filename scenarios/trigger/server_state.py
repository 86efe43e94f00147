# SPDX-License-Identifier: Apache-2.0
"""Last Bootstrapped, alerts that end a handshake, and servers that disable the client."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.alert import expect_bootstrap_after_alert, refuse_identity
from bootcheck.subjects.server_settings import (
    BOOTSTRAP_ON_FAILURE,
    DISABLE_TIMEOUT,
    offer_settings,
    require_settings,
    retries,
)
from bootcheck.subjects.server_state import (
    disable,
    expect_no_bootstrap_while_disabled,
    judge_last_bootstrapped,
    last_bootstrapped,
    later_session,
    next_second,
)

DISABLED_S = 3


@scenario("FBK-06", editions=["1.1", "1.2"])
async def last_bootstrapped_tells_when_the_account_was_written(bench: Bench) -> None:
    """/1/x/12 is later after a session that writes the account, and as before after one of none."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    first = await last_bootstrapped(bench, dm)
    await next_second(bench)
    await later_session(bench, bs, dm, writes=True)
    written = await last_bootstrapped(bench, dm, again=True)
    await next_second(bench)
    await later_session(bench, bs, dm, writes=False)
    untouched = await last_bootstrapped(bench, dm, again=True)
    judge_last_bootstrapped(bench, (first, written, untouched))


@scenario("FBK-07", editions=["1.1", "1.2"], securities=["psk"])
async def unknown_identity_counts_as_a_failed_registration(bench: Bench) -> None:
    """The LwM2M Server ends the handshake by unknown_psk_identity: a bootstrap follows."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await offer_settings(bench, session, dm, {BOOTSTRAP_ON_FAILURE: True})
    told = await offer_settings(bench, session, dm, retries(1, 1, 1))
    alert = await refuse_identity(bench, session, dm)
    session = await expect_bootstrap_after_alert(bench, bs, dm, alert, told_to_give_up=told)
    await session.provision(dm)


@scenario("FBK-08", editions=["1.0", "1.1", "1.2"])
async def server_that_disables_has_not_failed(bench: Bench) -> None:
    """Disable for 3 s: the client registers again after them, and asks for no bootstrap."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await require_settings(bench, session, dm, {DISABLE_TIMEOUT: DISABLED_S})
    seq = bench.peer.last_seq
    await session.finish()
    await dm.expect_registration(after_seq=seq)
    seq = await disable(bench, dm)
    await expect_no_bootstrap_while_disabled(bench, bs, dm, seq, DISABLED_S)
