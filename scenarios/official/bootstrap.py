# SPDX-License-Identifier: Apache-2.0
"""Cases of OMA's test specification (ETS) that a client can be judged by alone, under their ids.

Others are scenarios of their subject that are marked with the id: int-5, int-9, int-221.
"""

from dataclasses import replace

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.server import LwM2MServer
from bootcheck.session import BootstrapSession
from bootcheck.stimulus import apply
from bootcheck.subjects.access_rights import READ, WRITE
from bootcheck.subjects.access_rule import AccessRule
from bootcheck.subjects.bootstrap_read import expect_access_control_read, expect_server_object_read
from bootcheck.subjects.bootstrap_write import write_objects
from bootcheck.subjects.deletion import delete, expect_account_alone, expect_instances
from bootcheck.subjects.discovery import (
    expect_account_without_ssid,
    expect_servers_instance,
    expect_servers_security,
)
from bootcheck.subjects.registrations import expect_bootstrap_after_failure
from bootcheck.subjects.untouched import other_lifetime

INT_0 = {"1.0": "LightweightM2M-1.0-int-0", "1.1": "LightweightM2M-1.1-int-0"}
INT_1 = {"1.0": "LightweightM2M-1.0-int-1", "1.1": "LightweightM2M-1.1-int-1"}
VALUES = (
    "instance numbers are those of the client, which is asked by Discover where its account is;"
    " values are made for the run instead of those of configuration C.1"
)


def _later(number: int) -> dict[str, str]:
    """A case of 1.1, which 1.2 has under the same id."""
    return {edition: f"LightweightM2M-1.1-int-{number}" for edition in ("1.1", "1.2")}


async def _client_initiated(bench: Bench) -> tuple[LwM2MServer, BootstrapSession]:
    """Steps 1 to 3 of int-0: Bootstrap-Request, Writes of /0 and /1, Discover."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = await session.account_instance()
    await write_objects(bench, session, [dm.account()])
    await expect_servers_security(bench, session, dm)
    await expect_servers_instance(bench, session, dm)
    await expect_account_without_ssid(bench, session, account)
    return dm, session


@scenario(
    "WRI-02",
    "DSC-03",
    "DSC-05",
    "FIN-01",
    editions=["1.0", "1.1", "1.2"],
    needs=["discover"],
    official={**INT_0, "1.2": INT_0["1.1"]},
    errata=VALUES,
)
async def int_0_client_initiated_bootstrap(bench: Bench) -> None:
    """The client asks, is written /0 and /1, lists what it has, and accepts the Finish."""
    _, session = await _client_initiated(bench)
    await session.finish()


@scenario(
    "WRI-02",
    "DSC-03",
    "DSC-05",
    "FIN-01",
    "FIN-11",
    editions=["1.0", "1.1", "1.2"],
    needs=["discover"],
    official={**INT_1, "1.2": INT_1["1.1"]},
    errata=f"precondition C.14 contradicts 'no instance of /1': it is C.13; NoSec, too; {VALUES}",
)
async def int_1_full_bootstrap(bench: Bench) -> None:
    """As int-0, then the client registers, over PSK with the keys that it was given."""
    dm, session = await _client_initiated(bench)
    seq = bench.peer.last_seq
    await session.finish()
    await dm.expect_registration(after_seq=seq)


@scenario(
    "DEL-07",
    "DEL-02",
    editions=["1.1", "1.2"],
    needs=["discover"],
    official=_later(4),
    errata=f"what a Read of /1 gives is judged in int-8; {VALUES}",
)
async def int_4_bootstrap_delete(bench: Bench) -> None:
    """DELETE /0 and DELETE /1 leave the account alone; what is written again is used."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-07")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.write(dm.account())
    await delete(bench, session, row, ("0",))
    await delete(bench, session, row, ("1",))
    await expect_account_alone(bench, session, bench.row("DEL-02"), everything=False)
    await expect_instances(bench, session, row, "1", [])
    await session.provision(dm)


@scenario(
    "SEQ-02",
    "SEQ-04",
    editions=["1.1", "1.2"],
    needs=["factory_server"],
    official=_later(6),
    errata="there is no smartcard; the server-initiated mode is int-5",
)
async def int_6_bootstrap_sequence(bench: Bench) -> None:
    """A client with a factory account registers first; refused there it asks for a bootstrap."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(), server=dm.account())
    await dm.expect_first_registration()
    applied = await apply("register_refused", bench, dm)
    session = await expect_bootstrap_after_failure(
        bench,
        bench.row("SEQ-04"),
        bs,
        after_seq=applied.seq,
        since_us=applied.effect_us,
        seconds=bench.profile.timings.reaction_s,
        gives_up=applied.effective and "register_refused" in bench.profile.stimuli,
        what=applied.told,
    )
    await dm.accept_registration()
    await session.provision(dm)


@scenario(
    "SEQ-04",
    editions=["1.1", "1.2"],
    needs=["factory_server"],
    slow=True,
    official=_later(7),
    errata=VALUES,
)
async def int_7_fallback_to_bootstrap(bench: Bench) -> None:
    """Nobody is at the address of the factory's server: a bootstrap, and a Register elsewhere."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    nobody, began = await bench.lwm2m_server("nobody"), bench.now()
    await nobody.close()
    await bench.start_client(account=bs.account(), server=nobody.account())
    timings = bench.profile.timings
    session = await expect_bootstrap_after_failure(
        bench,
        bench.row("SEQ-04"),
        bs,
        after_seq=0,
        since_us=began,
        seconds=timings.start_s + timings.answer_s,
        gives_up="server_gone" in bench.profile.stimuli,
        what="nobody is at the address of its server",
    )
    await session.provision(dm)


@scenario(
    "RDR-01",
    editions=["1.1", "1.2"],
    needs=["bootstrap_read", "access_control"],
    official=_later(8),
    errata=f"the codes of Writes are 2.04, not 'Created'; {VALUES}",
)
async def int_8_bootstrap_read(bench: Bench) -> None:
    """/0, /1 and an access rule are written: Bootstrap-Read of /1 and of /2 gives them."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account, owner = replace(dm.account(), lifetime=other_lifetime(bench)), dm.short_server_id
    await session.write(account)
    rule = AccessRule(0, 3, 0, {owner: READ | WRITE}, owner)
    await rule.write(session)
    await expect_server_object_read(bench, session, account)
    await expect_access_control_read(bench, session, rule)
    await session.provision(dm)
