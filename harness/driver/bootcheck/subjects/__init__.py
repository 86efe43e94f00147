# SPDX-License-Identifier: Apache-2.0
"""What the scenarios of one subject share; scenarios of others may use it."""
