# SPDX-License-Identifier: Apache-2.0
"""Content of a Bootstrap-Write that is no TLV, or TLV of other types than the resources have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bootcheck.session import BootstrapSession, accepted
from bootcheck.subjects.bootstrap_write import TLV_FORMAT

if TYPE_CHECKING:
    from bootcheck.bench import Bench


@dataclass(frozen=True)
class Wrong:
    """Content that is written where a good instance would be."""

    name: str
    what: str
    bytes: str  # hexadecimal
    refused: bool = True  # by 4.00; else the texts do not say that it has to be


# Type byte: kind, length of the identifier, length of the length, length (TS 1.0 6.4.3; TS 1.1 Core
# 7.4.3). Resources of /1 as in the registry: 1 Lifetime, an integer, 6 Notification Storing, a
# boolean, 7 Binding, a string.
NO_TLV = (
    Wrong("length-missing", "TLV that ends before its length", "c8 01"),
    Wrong("overlong", "TLV that says to be 16 MB long", "d8 01 ffffff 00"),
    Wrong("rest", "TLV with a single byte behind it", "c1 01 3c c1"),
    Wrong("identifier-cut", "TLV that ends within its identifier", "e1 01"),
    Wrong("beyond-parent", "a resource that is longer than its instance", "03 00 c4 01 00"),
)
WRONG_TYPES = (
    Wrong("integer-of-three", "an integer of three bytes", "c3 01 00012c"),
    Wrong("integer-of-five", "an integer of five bytes", "c5 01 3836343030"),
    Wrong("boolean-of-two", "a boolean of two bytes", "c2 06 0001"),
)
UNUSUAL = (
    Wrong("empty", "nothing at all", "", refused=False),
    Wrong("integer-of-none", "an integer without a byte", "c0 01", refused=False),
    Wrong("boolean-of-nine", "a boolean that is 9", "c1 06 09", refused=False),
    Wrong("multiple", "several values of a resource that has one", "84 01 41003c", refused=False),
    Wrong("text", "a text with NUL and no UTF-8", "c4 07 5500ff80", refused=False),
)
SECURITY = (
    Wrong("mode-of-three", "a security mode of three bytes", "c3 02 000003"),
    Wrong("flag-of-two", "a Bootstrap-Server flag of two bytes", "c2 01 0000"),
    Wrong("mode-unknown", "a security mode that there is not", "c1 02 7f", refused=False),
    Wrong("uri-no-text", "a URI that is no text", "c4 00 00ff8000", refused=False),
)


async def write_wrong(
    bench: "Bench", session: BootstrapSession, obj: int, instance: int, *contents: Wrong
) -> None:
    """Write each to the same instance. The answer is judged where the texts tell it."""
    for wrong in contents:
        content = {"format": TLV_FORMAT, "payload": bytes.fromhex(wrong.bytes).hex()}
        answer = await session.send("PUT", (str(obj), str(instance)), content=content)
        code = answer.get("code") if answer is not None else None
        if not wrong.refused:
            bench.fact(f"a Write of {wrong.what} was answered {code or 'by nothing'}")
            continue
        bench.check(
            f"{wrong.name}-refused",
            bench.row("WRI-06"),
            None if code is None else code == "4.00",
            f"a Write of {wrong.what} is answered by 4.00",
            expected="4.00",
            observed=str(code or "no answer"),
        )


def resource(number: int, value: bytes) -> bytes:
    """One resource as TLV, its number below 256 and its value of 8 to 255 bytes."""
    return bytes([0xC8, number, len(value)]) + value


async def write_account_cut(
    bench: "Bench", session: BootstrapSession, account: int, uri: str
) -> None:
    """Write another URI over the account, in content that ends too early; it is to be refused."""
    payload = resource(0, uri.encode()) + bytes([0xC8, 3, 32]) + b"cut"
    content: dict[str, Any] = {"format": TLV_FORMAT, "payload": payload.hex()}
    answer = await session.send("PUT", ("0", str(account)), content=content)
    bench.check_answer(
        "account-cut-refused",
        bench.row("WRI-06"),
        "a Write over the account that ends too early is answered by 4.00",
        answer,
        "4.00",
    )


async def write_unknown_places(bench: "Bench", session: BootstrapSession) -> None:
    """Write where no client has anything. Which of its codes a client answers is left to it."""
    value = {"format": TLV_FORMAT, "payload": "c10001"}
    for path in (("4242", "0"), ("65534", "0", "0"), ("1", "65535"), ("0", "0", "0", "0")):
        answer = await session.send("PUT", path, content=value)
        code = answer.get("code") if answer is not None else None
        bench.fact(f"a Write of /{'/'.join(path)} was answered {code or 'by nothing'}")
        if accepted(answer):  # not to be what the Finish is refused for
            await session.send("DELETE", path[:2])
