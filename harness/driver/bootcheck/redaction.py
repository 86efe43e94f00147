# SPDX-License-Identifier: Apache-2.0
"""Keys are in captures and nowhere else: they are taken out of what clients and programs print."""

from __future__ import annotations

import base64
from typing import Iterable

_SHOWN = b"[key]"


def redacted(data: bytes, keys: Iterable[bytes]) -> bytes:
    """The same without these keys, as they are and as hexadecimal or base64."""
    for key in keys:
        hexadecimal = key.hex().encode()
        for form in (key, hexadecimal, hexadecimal.upper(), base64.b64encode(key)):
            data = data.replace(form, _SHOWN)
    return data
