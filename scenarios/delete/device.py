# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Delete of Device: it stays."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.deletion import delete_and_expect_device, expect_device_readable

PUBLISHED = ["1.0", "1.1", "1.2"]


async def _device_stays(bench: Bench, *path: str) -> None:
    bs, dm, row = await bench.bootstrap_server(), await bench.lwm2m_server(), bench.row("DEL-04")
    await bench.start_client(account=bs.account())
    session = await bs.expect_bootstrap_request()
    await delete_and_expect_device(bench, session, row, path)
    await session.provision(dm)
    await expect_device_readable(bench, row, dm)


@scenario("DEL-04", editions=PUBLISHED)
async def delete_of_the_device_object_has_no_effect(bench: Bench) -> None:
    """DELETE /3, whatever its answer: Device is listed, and the LwM2M Server reads it."""
    await _device_stays(bench, "3")


@scenario("DEL-04", editions=PUBLISHED)
async def delete_of_the_device_instance_has_no_effect(bench: Bench) -> None:
    """DELETE /3/0, whatever its answer: Device is listed, and the LwM2M Server reads it."""
    await _device_stays(bench, "3", "0")
