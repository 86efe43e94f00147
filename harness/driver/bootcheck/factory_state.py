# SPDX-License-Identifier: Apache-2.0
"""The factory state: a purge strands a device that cannot be brought back to it.

Clients that are made from nothing for each scenario are never stranded: the next scenario's first
Bootstrap-Request shows that its client has its factory account.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from bootcheck import adapters
from bootcheck.adapters.adapter import FACTORY_RESET, ActionFailed, ClientDied
from bootcheck.peer import PeerLost, PeerRefused
from bootcheck.profile import ProfileError
from bootcheck.verdict import ErrorKind, Result, Verdict

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.lane import Lane, RunSettings
    from bootcheck.scenario import Scenario


def strands(scenario: "Scenario", settings: "RunSettings") -> Optional[str]:
    """Why the scenario is not run on this client: its device would be stranded."""
    if scenario.ends != "purged" or settings.allow_destructive:
        return None
    found = adapters.adapter_class(settings.profile)
    if FACTORY_RESET in found.offers(settings.profile):
        return None
    key = "actions" if "actions" in settings.profile.lines else "handle.adapter"
    return (
        f"{settings.profile.where(key)}: there is no factory_reset, and the scenario leaves the "
        "device without an account: --allow-destructive runs it all the same"
    )


async def leave(bench: "Bench", scenario: Optional["Scenario"], result: Result) -> Result:
    """After a scenario, or a control (None), on a device: bring it back, or use it no more.

    Gives the result, as an ERROR where the device did not come back.
    """
    held = bench.lane.held
    if held is None:
        return result
    name = held.device.name
    if not bench.contacted:
        if result.verdict is Verdict.ERROR and held.missed(result.reason):
            return _ended(result, f"{result.reason}; device {name} is used no more")
        return result
    held.came()
    if scenario is None or scenario.ends != "purged":
        return result
    if FACTORY_RESET not in bench.client.offers(bench.profile):
        held.retire(f"{scenario.name} stranded it (--allow-destructive), it has no factory_reset")
        bench.fact(f"device {name} is stranded and used no more")
        return result
    bench.note(f"device {name} is brought back to its factory state")
    try:
        problem = await _why_not_back(bench)
    except (ActionFailed, ClientDied, ProfileError) as error:
        problem = str(error)
    except (PeerLost, PeerRefused):
        return result  # the next scenario shows whether the device is there
    if problem is None:
        bench.fact(f"device {name} came back from its factory reset")
        return result
    why = f"it did not come back after {scenario.name}: {problem}"
    held.retire(why)
    return _ended(result, f"device {name} is used no more: {why}")


def unstopped(lane: "Lane", result: Result, problem: str) -> Result:
    """The client could not be ended: it would disturb the next scenario."""
    if lane.held is None:
        return _ended(result, problem)
    lane.held.retire(f"it could not be ended: {problem}")
    return _ended(result, f"{problem}; device {lane.held.device.name} is used no more")


def _ended(result: Result, reason: str) -> Result:
    # what the scenario found stays in the report
    return replace(result, verdict=Verdict.ERROR, reason=reason, error_kind=ErrorKind.ENVIRONMENT)


async def _why_not_back(bench: "Bench") -> Optional[str]:
    """Reset the device and start it: does a Bootstrap-Request come under its factory account?"""
    account = bench.account
    server = bench.server_of(account)
    await bench.client.stop()
    await bench.client.factory_reset()
    if account.credentials is not None:
        await server.accept_credentials(account.credentials)
    # refused, so that the device stays in its factory state
    await server.arm("bootstrap_request", {"action": "respond", "code": "4.00"})
    seq = bench.peer.last_seq
    await bench.client.start()
    identity = account.credentials.identity.hex() if account.credentials else None
    bound = bench.profile.timings.start_s
    request = await bench.wait_for(
        lambda e: server.is_bootstrap_request(e) and e.get("identity") == identity,
        after_seq=seq,
        within_s=bound,
    )
    if request is not None:
        return None
    return (
        f"after the factory reset no Bootstrap-Request under its factory account reached "
        f"{server.uri} within timings.start_s = {bound:g} s"
    )
