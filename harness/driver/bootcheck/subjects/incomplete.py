# SPDX-License-Identifier: Apache-2.0
"""What a Bootstrap-Write leaves out: optional resources, mandatory ones, the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from bootcheck.reading import finish_if_taken, tell_whether_used
from bootcheck.session import BootstrapSession, accepted, tlv_content
from bootcheck.subjects.bootstrap_read import code_of
from bootcheck.subjects.untouched import server_resources

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

# Optional resources of /1 that only a server gives a value, with what stands for "not there" (OMA
# registry, /1). Those that a client keeps by itself or a manufacturer chooses are left out.
_DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    "2": (0,),  # Default Minimum Period
    "3": (0,),  # Default Maximum Period
    "5": (86400,),  # Disable Timeout
    "21": (False,),  # Trigger
    "23": (False,),  # Mute Send
}


async def expect_optional_not_made(bench: "Bench", dm: "LwM2MServer") -> None:
    """Of the optional resources of /1 only those are there that were written, or their defaults."""
    found = await server_resources(bench, dm)
    written = dm.account().server_resources()
    made = {
        key: value
        for key, value in (found or {}).items()
        if key in _DEFAULTS and key not in written and value not in _DEFAULTS[key]
    }
    observed = f"made: {made}" if made else "none"
    bench.check(
        "optional-not-made",
        bench.row("WRI-05"),
        not made if found is not None else None,
        "optional resources that were not written are not there, or have their defaults",
        expected=f"none of /1/x/{', '.join(_DEFAULTS)} with another value",
        observed=observed if found is not None else "the Server instance is not read as TLV",
    )


async def expect_incomplete_refused(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """A Server instance that lacks mandatory resources is refused, at the latest by the Finish."""
    answer = await session.put_security(dm.account())
    session.expect_written("write-0-answered", "the LwM2M Server's Security instance", answer)
    resources = {"0": dm.short_server_id}
    content = tlv_content(1, dm.number, resources)
    written = await session.send("PUT", ("1", str(dm.number)), content=content)
    question = "a Server instance without its mandatory resources"
    if written is not None and not accepted(written):
        bench.choice(question, "", f"its Write is answered {code_of(written)}")
        await session.provision(dm)
        return
    finish = await session.send("POST", ("bs",))
    refused = bench.check(
        "incomplete-refused",
        bench.row("FIN-02"),
        not accepted(finish) if finish is not None else None,
        f"{question} is refused, at the latest by the Finish",
        expected="4.00 to its Write, or 4.06 to the Finish",
        observed=f"the Write is answered {code_of(written)}, the Finish {code_of(finish)}",
    )
    if refused:
        bench.choice(question, "", f"the Finish is answered {code_of(finish)}")
        await finish_if_taken(bench, session, dm)


async def tell_turned(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer", other: "LwM2MServer"
) -> None:
    """Write another server's account over the Bootstrap-Server Account; tell what becomes of it."""
    question = "an LwM2M Server's account is written over that of the Bootstrap-Server"
    account = str(await session.account_instance())
    content = tlv_content(0, int(account), other.account().security_resources())
    written = await session.send("PUT", ("0", account), content=content)
    bench.choice(question, "its Write", f"answered {code_of(written)}")
    if accepted(written):
        await session.put_server(other.account())
    seq = bench.peer.last_seq
    finish = await session.send("POST", ("bs",))
    bench.choice(question, "the Finish", f"answered {code_of(finish)}")
    if not accepted(finish):
        return
    await dm.expect_registration(after_seq=seq)
    await tell_whether_used(bench, session.server, dm, question=question, case="afterwards")
