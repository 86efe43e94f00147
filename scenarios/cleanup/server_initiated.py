# SPDX-License-Identifier: Apache-2.0
"""Clean-up after a session that the Bootstrap-Server started unasked: CR and 1.0 only.

Judged by 1.0. The change request has its rules of entropy in Client Initiated Bootstrap and asks
whether entropy should matter here too: what a client does is told as a fact. Scenarios that only
tell are marked as slow, so that ordinary runs go without them.
"""

from bootcheck import scenario, stimulus
from bootcheck.bench import Bench
from bootcheck.gone import expect_account_gone, expect_registration_undisturbed
from bootcheck.replacement import expect_single_account, overwrite, two_bootstrap_servers
from bootcheck.server_initiated import accept_requests, begin
from bootcheck.usable import expect_account_usable

NEEDS = ["server_initiated"]
T = 3  # seconds


@scenario("CLN-06", editions=["1.0"], needs=NEEDS)
async def account_is_kept_after_a_session_of_the_server(bench: Bench) -> None:
    """An account without a timeout stays usable after a session that the server started."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account())
    await session.provision(dm)
    await accept_requests(bs)
    await expect_account_usable(bench, bench.row("CLN-06"), bs, dm)


@scenario("CLN-05", "CLN-11", editions=["1.0"], needs=[*NEEDS, "account_timeout"], ends="purged")
async def account_is_purged_after_a_session_of_the_server(bench: Bench) -> None:
    """The account is gone 3 s after a session that the server started."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account(timeout=T))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await accept_requests(bs)
    registered = bench.peer.last_seq
    gone_us = finished.latest_us + T * 1_000_000 + bench.grace_us
    await bench.until(gone_us)
    await expect_registration_undisturbed(bench, dm, registered)
    what = f"the account is gone once its timeout of {T} s is over"
    await expect_account_gone(bench, bench.row("CLN-05"), bs, dm, after_us=gone_us, what=what)


@scenario("CLN-08", editions=["1.0"], needs=[*NEEDS, "account_replacement"])
async def account_is_replaced_in_a_session_of_the_server(bench: Bench) -> None:
    """The account is overwritten in a session that the server started: only the new one is used."""
    replacement = await two_bootstrap_servers(bench)
    session = await begin(bench, replacement.old, replacement.old.account())
    await overwrite(bench, session, replacement.new.account())
    await session.write(replacement.dm.account())
    await expect_single_account(bench, session)
    await replacement.finish(session)
    await accept_requests(replacement.old)
    await replacement.expect_only_the_new_is_used(bench.row("CLN-08"))


async def _tell_what_becomes_of_the_account(
    bench: Bench, entropy: str, timeout: int | None
) -> None:
    seconds, origin = bench.window(await bench.control())
    bs, dm = await bench.bootstrap_server(entropy=entropy), await bench.lwm2m_server()
    session = await begin(bench, bs, bs.account(timeout=timeout, entropy=entropy))
    await bench.apply_timeout(session)
    finished = await session.provision(dm)
    await accept_requests(bs)
    if timeout is not None:
        await bench.until(finished.latest_us + timeout * 1_000_000 + bench.grace_us)
    how = f"{entropy} entropy, " + ("no timeout" if timeout is None else f"timeout of {timeout} s")
    for name in bench.stimuli():
        applied = await stimulus.apply(name, bench, dm)
        until_us = applied.effect_us + int(seconds * 1e6)
        contact = await bench.wait_for(bs.is_contact, after_seq=applied.seq, until_us=until_us)
        if contact is not None or applied.effective:
            seen = "used" if contact else f"not used within {seconds:g} s ({origin})"
            bench.fact(
                f"server-initiated session, {how}: the account was {seen} after a stimulus "
                f"({applied.told})"
            )
            return
    bench.fact(f"server-initiated session, {how}: no stimulus worked")


@scenario(
    "FIN-01",
    editions=["CR"],
    securities=["psk"],
    needs=NEEDS,
    entropy="low",
    ends="purged",
    slow=True,
)
async def low_entropy_account_after_a_session_of_the_server(bench: Bench) -> None:
    """What becomes of a low-entropy account without a timeout is told, not judged."""
    await _tell_what_becomes_of_the_account(bench, "low", None)


@scenario("FIN-01", editions=["CR"], securities=["psk"], needs=NEEDS, entropy="high", slow=True)
async def high_entropy_account_after_a_session_of_the_server(bench: Bench) -> None:
    """What becomes of a high-entropy account without a timeout is told, not judged."""
    await _tell_what_becomes_of_the_account(bench, "high", None)


@scenario(
    "FIN-01",
    editions=["CR"],
    securities=["psk"],
    needs=[*NEEDS, "account_timeout"],
    entropy="low",
    ends="purged",
    slow=True,
)
async def low_entropy_account_with_timeout_after_a_session_of_the_server(bench: Bench) -> None:
    """What becomes of a low-entropy account after its timeout is told, not judged."""
    await _tell_what_becomes_of_the_account(bench, "low", T)


@scenario(
    "FIN-01",
    editions=["CR"],
    securities=["psk"],
    needs=[*NEEDS, "account_timeout"],
    entropy="high",
    slow=True,
)
async def high_entropy_account_with_timeout_after_a_session_of_the_server(bench: Bench) -> None:
    """What becomes of a high-entropy account after its timeout is told, not judged."""
    await _tell_what_becomes_of_the_account(bench, "high", T)
