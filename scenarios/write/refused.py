# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write with content that cannot be taken: the right error, and the session goes on."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.bootstrap_write import TLV_FORMAT, TRUNCATED_TLV, UNKNOWN_FORMAT

ALL = ["CR", "1.0", "1.1", "1.2"]


async def _content_is_refused(bench: Bench, content: dict[str, object], code: str) -> None:
    bs, dm = await bench.bootstrap_server(), await bench.lwm2m_server()
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    bench.expect_answer(
        "content-refused",
        bench.row("WRI-06"),
        f"a Write of such content is answered by {code}",
        await session.send("PUT", ("1", str(dm.number)), content=content),
        code,
    )
    await session.provision(dm)


@scenario("WRI-06", editions=ALL)
async def truncated_content_is_refused(bench: Bench) -> None:
    """TLV that ends in the middle of a resource is answered by 4.00; a good Write follows."""
    await _content_is_refused(bench, {"format": TLV_FORMAT, "payload": TRUNCATED_TLV}, "4.00")


@scenario("WRI-06", editions=ALL)
async def unknown_format_is_refused(bench: Bench) -> None:
    """A Content-Format that no client has is answered by 4.15; a good Write follows."""
    # a text: what takes it for the value of something does not know the format either
    await _content_is_refused(bench, {"format": UNKNOWN_FORMAT, "payload": b"1".hex()}, "4.15")
