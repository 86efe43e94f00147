# SPDX-License-Identifier: Apache-2.0
"""Bootstrap-Write in blocks (RFC 7959 2.5): due only with the Firmware Update object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from bootcheck.ending import NotApplicable
from bootcheck.peer import Event
from bootcheck.session import BootstrapSession, tlv_content
from bootcheck.subjects.untouched import other_lifetime

if TYPE_CHECKING:
    from bootcheck.bench import Bench
    from bootcheck.server import LwM2MServer

_BLOCK = 16  # the smallest: a Server instance does not fit
_FIRMWARE_UPDATE = "/5"
# how a client says that it has no block-wise transfer: Bad Option (Block1 is critical), Request
# Entity Too Large, Not Implemented
_UNKNOWN = ("4.02", "4.13", "5.01")
_PERIODS = {"2": 1, "3": 60}  # optional; they make the content longer than a block


async def write_in_blocks(
    bench: "Bench", session: BootstrapSession, dm: "LwM2MServer"
) -> tuple[Optional[Event], int]:
    """Write a Server instance in blocks, with another lifetime; the outcome and the lifetime."""
    lifetime = other_lifetime(bench)
    resources = replace(dm.account(), lifetime=lifetime).server_resources() | _PERIODS
    content = tlv_content(1, dm.number, resources)
    place = ("1", str(dm.number))
    return await session.send("PUT", place, content=content, block_size=_BLOCK), lifetime


def judge_write_in_blocks(
    bench: "Bench", answer: Optional[Event], registered: Event, lifetime: int
) -> None:
    """It was accepted and took effect. Raises NotApplicable for a client without such transfers."""
    row, code = bench.row("WRI-11"), answer.get("code") if answer is not None else None
    objects = [str(path) for path in registered.get("objects") or ()]
    due = any(path == _FIRMWARE_UPDATE or path.startswith("/5/") for path in objects)
    if code in _UNKNOWN and not due:
        raise NotApplicable(
            f"a Write in blocks is answered {code}: the client has no block-wise transfer, which"
            " is due only with the Firmware Update object, /5"
        )
    taken = bench.check(
        "blocks-answered",
        row,
        code == "2.04",
        "a Write in blocks is accepted",
        expected="2.04",
        observed=str(code or "no answer"),
    )
    if not taken:
        return
    bench.check(
        "blocks-applied",
        row,
        registered.get("lifetime") == lifetime,
        "what was written in blocks is used",
        expected=f"a Register with a lifetime of {lifetime} s",
        observed=f"lifetime {registered.get('lifetime', 'none')}",
    )
