# SPDX-License-Identifier: Apache-2.0
"""The selftest: defects of the reference client must be found, its quirks tolerated."""
