# SPDX-License-Identifier: Apache-2.0
"""When all registrations have failed the client asks for a bootstrap, and not before."""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.stimulus import apply
from bootcheck.subjects.registrations import (
    SHORT_S,
    expect_bootstrap_after_failure,
    expect_no_bootstrap_while_one_registers,
    expect_refusal,
    expect_register_after_refused_update,
    write_no_bootstrap_on_failure,
    write_second_account,
)
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("SEQ-04", editions=["CR", *PUBLISHED], needs=["factory_server"])
async def client_that_its_factory_server_refuses_asks_for_a_bootstrap(bench: Bench) -> None:
    """The LwM2M Server of the factory answers Register by 4.03: a Bootstrap-Request comes."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await dm.refuse_registration()
    await bench.start_client(account=bs.account(), server=dm.account())
    row = bench.row("SEQ-04")
    refused = await expect_refusal(bench, row, dm, 0)
    session = await expect_bootstrap_after_failure(
        bench,
        row,
        bs,
        after_seq=0,
        since_us=refused.t,
        seconds=bench.profile.timings.reaction_s,
        gives_up="restart" in bench.profile.stimuli,  # a Register that is refused at the start
        what="its only server refused it",
    )
    await dm.accept_registration()
    await session.provision(dm)


@scenario("SEQ-04", editions=PUBLISHED)
async def bootstrapped_client_that_is_refused_asks_for_a_bootstrap(bench: Bench) -> None:
    """Update is answered 4.04 and Register 4.03: a client that was registered bootstraps again."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("SEQ-04")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    applied = await apply("register_refused", bench, dm)
    await expect_bootstrap_after_failure(
        bench,
        row,
        bs,
        after_seq=applied.seq,
        since_us=applied.effect_us,
        seconds=bench.profile.timings.reaction_s,
        gives_up=applied.effective and "register_refused" in bench.profile.stimuli,
        what=applied.told,
    )


async def _new_server_fails(bench: Bench, way: str) -> None:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("SEQ-04")
    new = await bench.lwm2m_server("new")
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    session = await next_session(bench, row, bs, dm)
    await session.write(new.account())  # over that of the other: it has the same Short Server ID
    fail = {"server_silent": new.fall_silent, "server_gone": new.close}
    await fail.get(way, new.refuse_registration)()
    seq = bench.peer.last_seq
    finished = await session.finish()
    timings = bench.profile.timings
    await expect_bootstrap_after_failure(
        bench,
        row,
        bs,
        after_seq=seq,
        since_us=finished.latest_us,
        seconds=timings.reaction_s + (0 if way == "register_refused" else timings.answer_s),
        # told so by the account; without that a first Register may be tried again for long
        gives_up=bench.profile.supports.get("registration_retries") is True,
        what=f"its only server is new to it ({way})",
    )


@scenario("SEQ-04", editions=PUBLISHED)
async def client_that_its_new_server_refuses_asks_for_a_bootstrap(bench: Bench) -> None:
    """The server of the latest bootstrap answers Register by 4.03: a Bootstrap-Request comes."""
    await _new_server_fails(bench, "register_refused")


@scenario("SEQ-04", editions=PUBLISHED, slow=True)
async def client_whose_new_server_is_silent_asks_for_a_bootstrap(bench: Bench) -> None:
    """The server of the latest bootstrap answers nothing at all: a Bootstrap-Request comes."""
    await _new_server_fails(bench, "server_silent")


@scenario("SEQ-04", editions=PUBLISHED, slow=True)
async def client_whose_new_server_is_gone_asks_for_a_bootstrap(bench: Bench) -> None:
    """At the address of the latest bootstrap there is nobody (ICMP): a Bootstrap-Request comes."""
    await _new_server_fails(bench, "server_gone")


@scenario("SEQ-05", editions=PUBLISHED, needs=["several_servers"])
async def client_that_one_of_two_servers_refuses_asks_for_no_bootstrap(bench: Bench) -> None:
    """One server refuses and the other accepts: no bootstrap. Once both refuse there is one."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    other, row = await bench.lwm2m_server("dm2", number=1), bench.row("SEQ-05")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    # with a lifetime that ends soon, as this server may have no right to ask for an Update
    await session.write(replace(dm.account(), lifetime=SHORT_S))
    await write_second_account(bench, session, other.account())
    await write_no_bootstrap_on_failure(bench, session, other)
    seq = await other.refuse_registration()
    await session.finish()
    await dm.expect_registration(after_seq=seq)
    await expect_no_bootstrap_while_one_registers(bench, row, bs, other, dm, after_seq=seq)


@scenario("SEQ-21", editions=PUBLISHED)
async def refused_update_is_followed_by_a_register(bench: Bench) -> None:
    """An Update is answered by 4.04: the client registers anew, and asks for no bootstrap."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    await (await bs.expect_bootstrap_request()).provision(dm)
    await expect_register_after_refused_update(bench, bench.row("SEQ-21"), bs, dm)
