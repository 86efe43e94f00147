# SPDX-License-Identifier: Apache-2.0
"""Configurations that a Finish must refuse: what is missing in them, and what the client says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional, Sequence

from bootcheck.account import ServerAccount
from bootcheck.ending import Ended, NotApplicable
from bootcheck.peer import Event
from bootcheck.requirement import Requirement
from bootcheck.session import BootstrapSession, accepted, tlv_content
from bootcheck.subjects.server_settings import DISABLE_TIMEOUT

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import BootstrapServer, LwM2MServer

_REFUSED = "4.06"
_DAY_S = 86400  # ETS int-9 writes this
_ACCESS_CONTROL = 2  # the object
_READ_WRITE_EXECUTE = 7  # bits of an access right, registry /2/x/2


async def expect_finish_refused(
    bench: "Bench", session: BootstrapSession, row: Requirement, what: str
) -> None:
    """The Finish is answered by 4.06."""
    answer = await session.send("POST", ("bs",))
    bench.check(
        "finish-refused",
        row,
        _code(answer) == _REFUSED,
        what,
        expected=_REFUSED,
        observed=_code(answer),
    )


async def write_optional_alone(bench: "Bench", session: BootstrapSession) -> None:
    """FIN-03: an optional resource, and nothing else, of a Server instance that is not there."""
    answer = await session.put_resource(1, 0, DISABLE_TIMEOUT, _DAY_S)
    if not accepted(answer):  # in an instance what is not supported is passed over
        bench.fact(f"a Write of /1/0/{DISABLE_TIMEOUT} alone is answered {_code(answer)}")
        content = tlv_content(1, 0, {DISABLE_TIMEOUT: _DAY_S})
        answer = await session.send("PUT", ("1", "0"), content=content)
    bench.expect_answer(
        "optional-alone-written",
        bench.row("FIN-03"),
        "the Write of an optional resource of a Server instance that is not there is accepted",
        answer,
        "2.04",
    )


async def write_orphan_security(
    bench: "Bench", session: BootstrapSession, account: ServerAccount
) -> None:
    """FIN-02: a Security instance without a Server instance. A client may refuse it at once."""
    answer = await session.put_security(account)
    if not accepted(answer):
        raise NotApplicable(
            f"the client refuses a second Security instance at once ({_code(answer)})"
        )


async def move_security(
    session: BootstrapSession, account: ServerAccount, other: ServerAccount
) -> None:
    """Give an account's Security instance the Short Server ID of another one, with Server instance.

    The account's own Server instance is left without a Security instance.
    """
    instance = await session.server_instance(account)
    resources = replace(account, short_server_id=other.short_server_id).security_resources()
    content = tlv_content(0, instance, resources)
    answer = await session.send("PUT", ("0", str(instance)), content=content)
    session.expect_written("write-0-answered", "the LwM2M Server's Security instance", answer)
    answer = await session.put_server(other)
    session.expect_written_beside("write-1-answered", "another Server instance", answer)
    links = await session.discover(("1",))
    if links is not None and f"/1/{account.number}" not in [link["target"] for link in links]:
        raise NotApplicable("the client has removed the Server instance by itself")


async def expect_access_control_refused(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> None:
    """FIN-04: a Write of /2 is refused, or else the Finish. NotApplicable where /2 is there."""
    resources = {
        "0": 1,
        "1": dm.number,
        "2": {"instances": {str(dm.short_server_id): _READ_WRITE_EXECUTE}},
        "3": dm.short_server_id,
    }
    content = tlv_content(_ACCESS_CONTROL, 0, resources)
    written = await session.send("PUT", (str(_ACCESS_CONTROL), "0"), content=content)
    passed: Optional[bool] = True
    observed = f"the Write was answered {_code(written)}"
    if accepted(written):
        if _has_access_control(await session.discover((str(_ACCESS_CONTROL),))):
            raise NotApplicable("the client has Access Control: Discover lists what was written")
        seq = bench.peer.last_seq
        finish = await session.send("POST", ("bs",))
        if accepted(finish):
            registered = await bench.wait_for(
                dm.is_registration, after_seq=seq, within_s=bench.profile.timings.reaction_s
            )
            objects = registered.get("objects") if registered is not None else None
            if any(str(path).startswith(f"/{_ACCESS_CONTROL}") for path in objects or ()):
                raise NotApplicable("the client has Access Control: its Register names /2")
            passed = False if registered is not None else None  # else it is not known
        else:
            passed = _code(finish) == _REFUSED
        observed += f", the Finish {_code(finish)}"
    bench.check(
        "access-control-refused",
        bench.row("FIN-04"),
        passed,
        "access rights for a client that knows none are refused",
        expected=f"an error to their Write, or {_REFUSED} to the Finish",
        observed=observed,
    )


def _has_access_control(links: Optional[Sequence[dict[str, object]]]) -> bool:
    return any(str(link["target"]).startswith("/2/") for link in links or ())


async def expect_empty_configuration_refused(
    bench: "Bench", bs: "BootstrapServer", session: BootstrapSession
) -> None:
    """FIN-05: a Finish that leaves no LwM2M Server is refused, or else a bootstrap follows."""
    row, edition, seq = bench.row("FIN-05"), bench.variant.edition, bench.peer.last_seq
    answer = await session.send("POST", ("bs",))
    what = "a Finish that leaves the client without any LwM2M Server is refused"
    if not accepted(answer):
        code = _code(answer)
        bench.check("finish-refused", row, code == _REFUSED, what, expected=_REFUSED, observed=code)
        return
    bound = bench.profile.timings.retry_s + bench.profile.coap.loss_s
    again = await bench.wait_for(bs.is_contact, after_seq=seq, within_s=bound)
    follows = 1 if again is not None else 0  # the reading that is tolerated, or the one prescribed
    bench.check(
        "finish-refused",
        row.read_as(follows, edition),
        False,
        what,
        expected=_REFUSED,
        observed=f"{_code(answer)}, and "
        + ("then a bootstrap is asked for again" if again else f"nothing for {bound:g} s"),
    )


async def delete_everything(bench: "Bench", session: BootstrapSession) -> None:
    """Bootstrap-Delete of /. Ended where it is not accepted: that is of DEL-01."""
    answer = await session.send("DELETE", ())
    if accepted(answer):
        return
    bench.check(
        "emptied",
        bench.row("FIN-05"),
        None,
        "everything can be deleted",
        expected="2.02",
        observed=_code(answer),
    )
    raise Ended()


def _code(answer: Optional[Event]) -> str:
    return str(answer.get("code") or answer["reason"]) if answer is not None else "no answer"
