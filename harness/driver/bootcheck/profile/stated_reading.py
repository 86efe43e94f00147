# SPDX-License-Identifier: Apache-2.0
"""How a client reads rules whose sources disagree: [readings], a row and a number of `explain`.

It changes no verdict: that of each reading stands in the catalogue, edition by edition. It is told
before a run, and with each check of the row that is not passed.
"""

from __future__ import annotations

from typing import Any, Mapping

from bootcheck.profile.checks import Checks
from bootcheck.profile.stated import StatedReading
from bootcheck.requirement import load_catalogue

READINGS = "readings"


def read(checks: Checks, table: Any) -> Mapping[str, StatedReading]:
    """The readings of a profile by row. Raises ProfileError."""
    if not isinstance(table, dict):
        raise checks.fail(READINGS, "readings are a table: write [readings]")
    catalogue = load_catalogue() if table else {}
    found: dict[str, StatedReading] = {}
    for row_id, number in table.items():
        name = f"{READINGS}.{row_id}"
        row = catalogue.get(row_id)
        if row is None or not row.readings:
            known = ", ".join(row.id for row in catalogue.values() if row.readings)
            raise checks.fail(name, f"{row_id} has no readings: rows that have are {known}")
        count = len(row.readings)
        if type(number) is not int or not 1 <= number <= count:
            how = f"a number from 1 to {count}: ./run_tests.py explain {row_id} shows them"
            raise checks.fail(name, f"the reading of {row_id} must be {how}")
        reading = row.readings[number - 1]
        found[row_id] = StatedReading(row_id, number, reading.reading, reading.verdicts)
    return found
