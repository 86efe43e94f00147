# SPDX-License-Identifier: Apache-2.0
"""How a scenario ends before its last line."""

from __future__ import annotations

from bootcheck.verdict import ErrorKind


class Ended(Exception):
    """The scenario cannot go on; what is known is recorded."""


class NotApplicable(Exception):
    """The variant does not apply to this client; the text names what decides."""


class Trouble(Exception):
    """An ERROR: something other than the client keeps the scenario from being judged."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
