# SPDX-License-Identifier: Apache-2.0
"""Access rights: Security is closed to LwM2M Servers, one server has all, two have what /2 says."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.session import tlv_content
from bootcheck.subjects.access_rights import (
    DEFAULT,
    DELETE,
    DEVICE,
    EXECUTE,
    NO_OWNER,
    READ,
    SERVER,
    WRITE,
    access_list,
    discover,
    execute_update,
    expect_code,
    expect_security_closed,
    read,
    two_servers,
    write_lifetime,
)
from bootcheck.subjects.trigger_right import expect_trigger_needs_the_right
from bootcheck.subjects.untouched import expect_registered_as_before, other_lifetime
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]
TWO = ["several_servers", "access_control"]
ALL_BUT_CREATE = READ | WRITE | EXECUTE | DELETE


@scenario(
    "ACC-01",
    editions=PUBLISHED,
    official={edition: "LightweightM2M-1.1-int-221" for edition in ("1.1", "1.2")},
    errata="more operations are tried than the three of the case",
)
async def security_is_closed_to_lwm2m_servers(bench: Bench) -> None:
    """Whatever an LwM2M Server asks of /0 is refused."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    account = await session.account_instance()
    await session.provision(dm)
    await expect_security_closed(bench, dm, account)


@scenario("ACC-07", editions=PUBLISHED)
async def only_server_has_all_rights(bench: Bench) -> None:
    """The only LwM2M Server reads, discovers, writes and executes; nothing gave it the right."""
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    row, own = bench.row("ACC-07"), dm.number
    answer = await read(bench, dm, DEVICE, 0)
    await expect_code(bench, row, "device-read", "Read of Device is allowed", answer, ["2.05"])
    answer = await read(bench, dm, SERVER, own)
    await expect_code(bench, row, "server-read", "Read of Server is allowed", answer, ["2.05"])
    answer = await discover(bench, dm, DEVICE)
    await expect_code(bench, row, "discovered", "Discover of Device is allowed", answer, ["2.05"])
    answer = await write_lifetime(bench, dm, own)
    await expect_code(bench, row, "written", "Write of a lifetime is allowed", answer, ["2.04"])
    answer = await execute_update(bench, dm, own)
    await expect_code(bench, row, "executed", "Execute of /1/x/8 is allowed", answer, ["2.04"])


@scenario("ACC-08", editions=PUBLISHED, needs=TWO)
async def two_servers_have_their_own_rights(bench: Bench) -> None:
    """One server has nearly all rights to its account and reads Device, the other reads alone."""
    both = await two_servers(bench)
    row, dm, other = bench.row("ACC-08"), both.dm, both.other
    first, second, own = dm.short_server_id, other.short_server_id, dm.number
    rights = {first: ALL_BUT_CREATE, second: READ}
    await both.provision([(SERVER, own, rights, NO_OWNER), (DEVICE, 0, {first: READ}, NO_OWNER)])
    answer = await read(bench, dm, DEVICE, 0)
    await expect_code(bench, row, "reads", "the server with the right reads", answer, ["2.05"])
    answer = await read(bench, other, DEVICE, 0)
    await expect_code(bench, row, "reads-not", "a server without right reads not", answer, ["4.01"])
    answer = await read(bench, other, SERVER, own)
    await expect_code(bench, row, "reads-account", "the right to read is given", answer, ["2.05"])
    answer = await write_lifetime(bench, other, own)
    await expect_code(bench, row, "writes-not", "who may read may not write", answer, ["4.01"])
    answer = await execute_update(bench, other, own)
    await expect_code(bench, row, "executes-not", "nor may it execute", answer, ["4.01"])
    answer = await write_lifetime(bench, dm, own)
    await expect_code(bench, row, "writes", "the server with the right writes", answer, ["2.04"])


@scenario("ACC-08", editions=PUBLISHED, needs=TWO)
async def default_rights_are_those_of_the_others(bench: Bench) -> None:
    """A server without an entry of its own has the rights of the default entry."""
    both = await two_servers(bench)
    row, own = bench.row("ACC-08"), both.dm.number
    rights = {both.dm.short_server_id: ALL_BUT_CREATE, DEFAULT: READ}
    await both.provision([(SERVER, own, rights, NO_OWNER)])
    answer = await read(bench, both.other, SERVER, own)
    await expect_code(bench, row, "reads", "the default lets it read", answer, ["2.05"])
    answer = await write_lifetime(bench, both.other, own)
    await expect_code(bench, row, "writes-not", "it lets it write not", answer, ["4.01"])


@scenario("ACC-05", editions=PUBLISHED, needs=[*TWO, "keeps_state"])
async def bootstrap_is_not_bound_by_access_rights(bench: Bench) -> None:
    """An instance that belongs to one server alone is changed by a later bootstrap."""
    both = await two_servers(bench)
    row, dm, other = bench.row("ACC-05"), both.dm, both.other
    rights = {other.short_server_id: ALL_BUT_CREATE}
    await both.provision([(SERVER, dm.number, rights, other.short_server_id)])
    await other.refuse_registration()
    session = await next_session(bench, row, both.bs, dm, ["restart"])
    await other.accept_registration()
    lifetime = other_lifetime(bench)
    bench.expect_answer(
        "write-accepted",
        row,
        "a Bootstrap-Write of the instance is accepted",
        await session.put_resource(SERVER, dm.number, "1", lifetime),
        "2.04",
    )
    seq = bench.peer.last_seq
    await session.finish()
    await expect_registered_as_before(bench, row, dm, seq, lifetime)


@scenario("ACC-06", editions=PUBLISHED, needs=TWO)
async def access_control_is_made_in_a_bootstrap_only(bench: Bench) -> None:
    """No server changes, makes or deletes an instance of /2 without an owner, nor gets a right."""
    both = await two_servers(bench)
    row, dm, own = bench.row("ACC-06"), both.dm, both.dm.number
    rights = {dm.short_server_id: ALL_BUT_CREATE}
    await both.provision([(SERVER, own, rights, NO_OWNER)])
    within_s, more = bench.profile.timings.answer_s, {both.other.short_server_id: ALL_BUT_CREATE}
    new = {"0": SERVER, "1": 1, "3": dm.short_server_id}
    for name, method, path, content in (
        ("changes", "PUT", ("2", "0", "2"), access_list(0, rights | more)),
        ("makes", "POST", ("2",), tlv_content(2, 9, new)),
        ("deletes", "DELETE", ("2", "0"), None),
        ("creates", "POST", ("1",), tlv_content(1, 9, dm.account().server_resources())),
    ):
        given = {} if content is None else {"content": content}
        answer = await dm.send(method, path, within_s, **given)
        what = f"{method} /{'/'.join(path)} of a server is refused"
        await expect_code(bench, row, f"{name}-not", what, answer, ["4."])
    answer = await write_lifetime(bench, both.other, own)
    await expect_code(bench, row, "no-right-got", "no right was got", answer, ["4.01"])


@scenario("TRG-04", editions=["1.1", "1.2"], needs=[*TWO, "bootstrap_trigger"])
async def trigger_needs_the_right_to_execute(bench: Bench) -> None:
    """Of two servers only the one with the right starts a bootstrap by /1/x/9."""
    both = await two_servers(bench)
    rights = {both.dm.short_server_id: READ | WRITE, both.other.short_server_id: EXECUTE}
    await both.provision([(SERVER, both.dm.number, rights, NO_OWNER)])
    await expect_trigger_needs_the_right(bench, both)
