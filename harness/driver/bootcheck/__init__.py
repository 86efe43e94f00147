# SPDX-License-Identifier: Apache-2.0
"""Bootcheck: a conformance test harness for LwM2M bootstrap. Scenarios import from `bootcheck`."""

from bootcheck.scenario import scenario

__version__ = "0.1.0"

__all__ = ["scenario", "__version__"]
