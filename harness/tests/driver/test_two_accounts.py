# SPDX-License-Identifier: Apache-2.0
"""Two accounts that were both accepted: only a replacement in place of the original is lawful."""

from typing import Optional

import pytest
from bootcheck.subjects.two_accounts import has_replaced


@pytest.mark.parametrize(
    "contacted, instances, expected",
    [
        (["new"], [5], True),
        (["new"], [0, 5], False),
        (["new"], None, None),  # without Discover a second one may be there, unused
        (["old", "new"], None, False),
        # the original is used: a second one is beside it, or what was answered by 2.04 is lost
        (["old"], [0, 5], False),
        (["old"], [0], False),
        (["old"], None, False),
        ([], None, None),
    ],
)
def test_accepted_account_must_have_replaced_the_original(
    contacted: list[str], instances: Optional[list[int]], expected: Optional[bool]
) -> None:
    assert has_replaced(contacted, "new", instances) is expected
