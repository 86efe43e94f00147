# SPDX-License-Identifier: Apache-2.0
"""Only a Bootstrap-Server bootstraps."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.session import tlv_content
from bootcheck.subjects.bootstrap_write import expect_not_bootstrapped, expect_still_served
from bootcheck.subjects.replacement import two_bootstrap_servers
from bootcheck.usable import expect_account_usable


@scenario("WRI-10", editions=["1.0", "1.1", "1.2"])
async def lwm2m_server_cannot_bootstrap(bench: Bench) -> None:
    """Write of the account, Delete and Finish of an LwM2M Server are refused; nothing changes."""
    servers = await two_bootstrap_servers(bench, entropy="high")
    session = await servers.first_session()
    account, dm = await session.account_instance(), servers.dm
    await session.provision(dm)
    content = tlv_content(0, account, servers.new.account().resources())
    await expect_not_bootstrapped(bench, dm, "write", "PUT", ("0", str(account)), content)
    await expect_not_bootstrapped(bench, dm, "delete", "DELETE", ())
    await expect_not_bootstrapped(bench, dm, "finish", "POST", ("bs",))
    await expect_still_served(bench, dm)
    await expect_account_usable(bench, bench.row("WRI-10"), servers.old, dm)
