# SPDX-License-Identifier: Apache-2.0
"""Writes the TLV format of LwM2M, content format 11542 (TS 1.0.2 6.4.3, TS 1.1.1 Core 7.4.3)."""

from __future__ import annotations

from typing import Any, Mapping

_OBJECT_INSTANCE, _RESOURCE = 0, 3  # bits 7-6 of the type byte
_WIDTHS = (1, 2, 4, 8)  # bytes of an integer


def instances(content: Mapping[int, Mapping[str, Any]]) -> bytes:
    """Instances of an object by number, each with its resources as content of a Write has them."""
    return b"".join(
        _entry(_OBJECT_INSTANCE, number, _resources(resources))
        for number, resources in content.items()
    )


def _resources(values: Mapping[str, Any]) -> bytes:
    return b"".join(
        _entry(_RESOURCE, int(number), _value(value)) for number, value in values.items()
    )


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, int):
        width = next(w for w in _WIDTHS if -(1 << (8 * w - 1)) <= value < 1 << (8 * w - 1))
        return value.to_bytes(width, "big", signed=True)
    if isinstance(value, str):
        return value.encode()
    return bytes.fromhex(value["hex"])


def _entry(kind: int, number: int, value: bytes) -> bytes:
    """Type, identifier, length, value: a length below 8 is within the type byte."""
    head = kind << 6 | (number > 0xFF) << 5
    identifier = number.to_bytes(2 if number > 0xFF else 1, "big")
    length = len(value)
    if length < 8:
        return bytes([head | length]) + identifier + value
    width = (length.bit_length() + 7) // 8
    return bytes([head | width << 3]) + identifier + length.to_bytes(width, "big") + value
