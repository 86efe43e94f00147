# SPDX-License-Identifier: Apache-2.0
"""Left open by the change request: which reading a client follows is told, not judged.

What is judged is that the session succeeds.
"""

from bootcheck import scenario
from bootcheck.bench import Bench
from bootcheck.ending import NotApplicable
from bootcheck.reading import tell_whether_used

TIMEOUT = ["account_timeout"]
KEY = "low-entropy key"
T = 3  # seconds


@scenario(
    "FIN-01", editions=["CR"], securities=["psk"], needs=TIMEOUT, entropy="low", ends="purged"
)
async def low_entropy_account_with_timeout_zero(bench: Bench) -> None:
    """A timeout of 0: none, so that the account goes at once, or one that is over, or no end?"""
    bs, dm = await bench.bootstrap_server(entropy="low"), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(timeout=0, entropy="low"))
    session = await bs.expect_bootstrap_request()
    await bench.apply_timeout(session)
    await session.provision(dm)
    await tell_whether_used(bench, bs, dm, question="after a bootstrap with T = 0", case=KEY)


@scenario("FIN-01", editions=["CR"], securities=["psk"], entropy="low", ends="purged")
async def low_entropy_account_whose_timeout_the_client_does_not_know(bench: Bench) -> None:
    """A client without /0/x/12 is given a timeout: is none defined, or one it does not know?"""
    bs, dm = await bench.bootstrap_server(entropy="low"), await bench.lwm2m_server()
    await bench.start_client(account=bs.account(entropy="low"))
    session = await bs.expect_bootstrap_request()
    answer = await session.write_timeout(T)
    code = answer.get("code") if answer is not None else None
    if code == "2.04":
        raise NotApplicable("the client accepts a Write of /0/x/12: it has the resource")
    await session.provision(dm)
    question = f"after a bootstrap with T = {T} s, to the Write of which came {code or 'no answer'}"
    await tell_whether_used(bench, bs, dm, question=question, case=KEY)
