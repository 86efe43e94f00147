# SPDX-License-Identifier: Apache-2.0
"""Keys are in captures and nowhere else: they are taken out of what clients and programs print."""

from __future__ import annotations

import base64
import functools
import re
from typing import Iterable

_SHOWN = b"[key]"
_FOR_URLS = bytes.maketrans(b"+/", b"-_")  # RFC 4648, section 5
_ESCAPES = {9: rb"\\t", 10: rb"\\n", 13: rb"\\r", 34: rb'\\"', 39: rb"\\'", 92: rb"\\\\"}


def redacted(data: bytes, keys: Iterable[bytes]) -> bytes:
    """The same without these keys, however they are written.

    As they are or with escapes, as hexadecimal in one word or byte by byte, as a list of numbers,
    and as base64, also inside of something longer.
    """
    for key in keys:
        if key:
            data = _pattern(key).sub(_SHOWN, data)
    return data


@functools.lru_cache(maxsize=1024)
def _pattern(key: bytes) -> re.Pattern[bytes]:
    between = rb"[\s:,;-]{0,3}"
    hexadecimal = between.join(rb"(?i:(?:0x|\\x)?%02x)" % byte for byte in key)
    numbers = rb",\s*".join(rb"%d" % byte for byte in key)
    forms = [b"".join(map(_escaped, key)), hexadecimal, rb"\b" + numbers + rb"\b"]
    for offset in range(3):  # where the key begins in a group of three bytes
        text = base64.b64encode(bytes(offset) + key)
        # only the characters that the key alone decides
        text = text[-(-offset * 8 // 6) : (offset + len(key)) * 8 // 6]
        forms += [re.escape(text), re.escape(text.translate(_FOR_URLS))]
    return re.compile(b"|".join(forms))


def _escaped(byte: int) -> bytes:
    """A byte as it is, or as programs escape it in text."""
    forms = [re.escape(bytes([byte])), rb"(?i:\\x%02x)" % byte]
    if byte in _ESCAPES:
        forms.append(_ESCAPES[byte])
    return b"(?:" + b"|".join(forms) + b")"
