# SPDX-License-Identifier: Apache-2.0
"""A client that has its objects under an alternate path maps the Bootstrap-Server's paths."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.ending import NotApplicable
from bootcheck.subjects.untouched import other_lifetime
from bootcheck.usable import next_session

PUBLISHED = ["1.0", "1.1", "1.2"]


@scenario("WRI-08", editions=PUBLISHED)
async def paths_are_without_the_alternate_path(bench: Bench) -> None:
    """A client registers with an alternate path: a Write of /1/x/1, without it, takes effect."""
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("WRI-08")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await session.provision(dm)
    if not dm.alternate_path:
        raise NotApplicable("the client's Register names no alternate path")
    session = await next_session(bench, row, bs, dm)
    lifetime = other_lifetime(bench)
    bench.expect_answer(
        "plain-path-answered",
        row,
        f"a Write of /1/{dm.number}/1 is accepted",
        await session.put_resource(1, dm.number, "1", lifetime),
        "2.04",
    )
    seq = bench.peer.last_seq
    await session.finish()
    registered = await dm.expect_registration(after_seq=seq)
    bench.check(
        "plain-path-mapped",
        row,
        registered.get("lifetime") == lifetime,
        f"it is a Write of /{'/'.join(dm.alternate_path)}/1/{dm.number}/1",
        expected=f"a Register with a lifetime of {lifetime} s",
        observed=f"lifetime {registered.get('lifetime', 'none')}",
    )
