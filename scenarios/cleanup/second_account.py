# SPDX-License-Identifier: Apache-2.0
"""Second account: one beside the original is refused, and the original is used alone."""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.subjects.replacement import two_bootstrap_servers
from bootcheck.subjects.two_accounts import expect_second_account_refused

PUBLISHED = ["1.0", "1.1", "1.2"]
ROWS = ("CLN-09", "SEQ-12", "CLN-08")


@scenario(*ROWS, editions=PUBLISHED)
async def second_account_is_refused(bench: Bench) -> None:
    """A second account, the first not deleted, fails at its Write or at the Finish."""
    await expect_second_account_refused(bench, await two_bootstrap_servers(bench))


@scenario(*ROWS, editions=PUBLISHED, slow=True)
async def second_account_is_refused_and_the_session_ends(bench: Bench) -> None:
    """As before, but the client's own time limit ends the session that failed."""
    await expect_second_account_refused(bench, await two_bootstrap_servers(bench), patient=True)
