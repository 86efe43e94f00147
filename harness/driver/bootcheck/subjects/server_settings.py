# SPDX-License-Identifier: Apache-2.0
"""Optional resources that say when a client registers: /1/x/5 and /1/x/13 to 20.

Whether a client has one is found out by a Write of it in the session: one that refuses the Write
does not support the resource, one that accepts it has to obey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from bootcheck.ending import NotApplicable
from bootcheck.session import BootstrapSession
from bootcheck.subjects.untouched import TLV

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

DISABLE_TIMEOUT = "5"  # seconds
PRIORITY = "13"  # ascending
INITIAL_DELAY = "14"  # seconds
FAILURE_BLOCK = "15"
BOOTSTRAP_ON_FAILURE = "16"
RETRY_COUNT, RETRY_TIMER = "17", "18"  # attempts of a sequence; seconds, doubled at each
SEQUENCE_DELAY, SEQUENCE_COUNT = "19", "20"  # seconds; sequences
_IN_SECONDS = (DISABLE_TIMEOUT, INITIAL_DELAY, RETRY_TIMER, SEQUENCE_DELAY)
_RETRIES = (RETRY_COUNT, RETRY_TIMER, SEQUENCE_DELAY, SEQUENCE_COUNT)

Settings = Mapping[str, Any]


def retries(count: int, timer: int, sequences: int, delay: int = 1) -> Settings:
    """So many attempts, seconds before the second one, sequences, and seconds between these."""
    return dict(zip(_RETRIES, (count, timer, delay, sequences)))


async def require_settings(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", settings: Settings
) -> None:
    """Write these resources of the server's instance; NotApplicable where one is not supported."""
    if _declared_missing(bench, settings):
        where = bench.profile.where("supports.registration_retries")
        raise NotApplicable(f"{where}: registration_retries = false")
    for resource, value in settings.items():
        code = await _write(bench, session, dm, resource, value)
        if code != "2.04":
            raise NotApplicable(
                f"the client answers {code} to a Write of /1/x/{resource}: "
                "it does not support this optional resource"
            )
    missing = await _not_read_back(bench, session, dm, settings)
    if missing:
        raise NotApplicable(
            f"the client accepts a Write of /1/x/{missing} and does not read it back: "
            "it does not support this optional resource"
        )


async def offer_settings(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", settings: Settings
) -> bool:
    """Write these resources of the server's instance; whether the client took them all."""
    if _declared_missing(bench, settings):
        return False
    for resource, value in settings.items():
        code = await _write(bench, session, dm, resource, value)
        if code != "2.04":
            bench.fact(f"a Write of /1/x/{resource} was answered {code}")
            return False
    return not await _not_read_back(bench, session, dm, settings)


def _declared_missing(bench: "Bench", settings: Settings) -> bool:
    retrying = any(resource in _RETRIES for resource in settings)
    return retrying and bench.profile.supports.get("registration_retries") is False


async def _write(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", resource: str, value: Any
) -> str:
    told = value
    if resource in _IN_SECONDS:  # by the client's own clock
        told = value * bench.lane.settings.time_scale
    answer = await session.put_resource(1, dm.number, resource, told)
    return str(answer.get("code") or "nothing") if answer is not None else "nothing"


async def _not_read_back(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", settings: Settings
) -> str:
    """From 1.2 on these resources are readable: the first that a Bootstrap-Read does not give."""
    if bench.variant.edition != "1.2":
        return ""
    answer = await session.send("GET", ("1", str(dm.number)), accept=TLV)
    items = (answer.get("decoded") or {}).get("tlv") if answer is not None else None
    if not items:
        return ""  # Bootstrap-Read is not there to tell
    if items[0]["kind"] == "object_instance":
        items = items[0]["children"]
    found = {str(item["id"]) for item in items}
    return next((resource for resource in settings if resource not in found), "")
