# SPDX-License-Identifier: Apache-2.0
"""`audit-keys`: whether keys show low entropy. harness/keys/audit, in C, makes the searches."""
