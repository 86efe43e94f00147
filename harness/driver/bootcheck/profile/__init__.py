# SPDX-License-Identifier: Apache-2.0
"""Profiles: what a client under test is, what it supports (ICS) and how to handle it (IXIT)."""

from bootcheck.profile.error import ProfileError
from bootcheck.profile.model import STIMULI, STOPS, CoapParameters, Profile, StartGroup, Timings
from bootcheck.profile.placeholders import PLACEHOLDER, PLACEHOLDERS
from bootcheck.profile.reading import load

__all__ = [
    "CoapParameters",
    "PLACEHOLDER",
    "PLACEHOLDERS",
    "Profile",
    "ProfileError",
    "STIMULI",
    "STOPS",
    "StartGroup",
    "Timings",
    "load",
]
