# SPDX-License-Identifier: Apache-2.0
"""Classes of keys by their entropy; docs/entropy.md says how each makes its keys."""

from __future__ import annotations

LOW_KEYS = ("pin", "password", "serial", "endpoint", "global")
HIGH_KEYS = ("random16", "random32")
_OF_ENTROPY = {"low": LOW_KEYS, "high": HIGH_KEYS}
ALL_KEYS = LOW_KEYS + HIGH_KEYS


def key_class(entropy: str, wanted: str = "") -> str:
    """The class of a key of this entropy: the one that is wanted if it is such, else the first."""
    classes = _OF_ENTROPY[entropy]
    return wanted if wanted in classes else classes[0]
