# SPDX-License-Identifier: Apache-2.0
"""Adapters: how the driver starts, stops and resets clients under test (docs/adapters.md)."""
