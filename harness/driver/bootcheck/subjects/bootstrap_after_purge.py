# SPDX-License-Identifier: Apache-2.0
"""After a purge no bootstrap can be started from the server's side (TS Core 6.1.4, step 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck import stimulus
from bootcheck.ending import Ended
from bootcheck.evidence import describe
from bootcheck.requirement import Requirement
from bootcheck.server_initiated import try_to_connect
from bootcheck.session import accepted

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

# a ClientHello that gets lost comes again after 1, 2 and 4 s (RFC 6347 4.2.4.1)
_HANDSHAKE_S = 8.0


async def expect_purged(
    bench: "Bench", bs: "BootstrapServer", dm: "LwM2MServer", *, after_us: int
) -> None:
    """A refused registration brings no contact; then the client may register again.

    One that has not purged its account breaks CLN-05, and nothing more can be said: Ended.
    """
    await bench.until(after_us)
    passed, seq = await _expect_quiet(
        bench, "gone", bench.row("CLN-05"), "register_refused", bs, dm
    )
    if not passed:
        raise Ended()
    bound = bench.profile.timings.reaction_s
    await bench.wait_for(dm.is_registration, after_seq=seq, within_s=bound)


async def expect_no_triggered_bootstrap(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer"
) -> None:
    """Bootstrap-Request Trigger does not bring a purged account back."""
    await _expect_quiet(bench, "no-bootstrap-by-trigger", row, "trigger", bs, dm)


async def _expect_quiet(
    bench: "Bench",
    name: str,
    row: Requirement,
    stimulus_name: str,
    bs: "BootstrapServer",
    dm: "LwM2MServer",
) -> tuple[bool, int]:
    """Whether the stimulus brought no contact; the last event before the servers accept again."""
    control = await bench.control()
    seconds, origin = bench.window(control)
    applied = await stimulus.apply(stimulus_name, bench, dm)
    until_us = applied.effect_us + int(seconds * 1e6)
    contact = await bench.wait_for(bs.is_contact, after_seq=applied.seq, until_us=until_us)
    known = control is not None and stimulus_name in control.effective
    # a refusal in words needs no control
    quiet = applied.answer is not None if not applied.effective else known
    passed = bench.check(
        name,
        row,
        False if contact else True if quiet else None,
        "no bootstrap follows once the account is purged",
        expected=f"no contact with {bs.uri}",
        observed=f"{'a contact' if contact else 'none'} ({applied.told})",
        evidence=(describe(contact, applied.effect_us),) if contact else (),
        window={"from_us": applied.effect_us, "seconds": seconds, "origin": origin},
    )
    seq = bench.peer.last_seq
    await dm.accept_registration()
    return passed, seq


async def expect_session_of_the_server_refused(
    bench: "Bench", row: Requirement, bs: "BootstrapServer", dm: "LwM2MServer", remote: str
) -> None:
    """The server of the purged account starts a session unasked, and is refused or not heard."""
    session, why = await try_to_connect(bench, bs, remote, within_s=_HANDSHAKE_S)
    observed = f"no session: {why}"
    taken = False
    if session is not None:
        answer = await bs.request("DELETE", ("1",), session.association, bench.profile.coap.loss_s)
        code = answer.get("code") if answer is not None else None
        taken = accepted(answer)
        observed = f"DELETE /1 was answered {code}" if code else "DELETE /1 was not answered"
    answer = await dm.read(("3", "0"), bench.window_for_answers_s)
    alive = answer is not None and answer.get("code") is not None
    bench.check(
        "session-refused",
        row,
        False if taken else True if alive else None,
        "the Bootstrap-Server of a purged account cannot start a session",
        expected="an error, or nothing, while the client answers its LwM2M Server",
        observed=observed if alive else f"{observed}; Read /3/0 was not answered either",
    )
