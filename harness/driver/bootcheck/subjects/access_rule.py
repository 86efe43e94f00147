# SPDX-License-Identifier: Apache-2.0
"""An instance of Access Control, /2, as it is written and as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence

from bootcheck.session import BootstrapSession
from bootcheck.subjects.access_rights import write_access


@dataclass(frozen=True)
class AccessRule:
    """Who may do what with an instance of an object."""

    number: int  # of /2
    obj: int
    instance: int
    rights: Mapping[int, int]  # by Short Server ID
    owner: int

    async def write(self, session: BootstrapSession) -> None:
        """By a Bootstrap-Write; Ended when it is refused."""
        await write_access(session, self.number, self.obj, self.instance, self.rights, self.owner)


def rule_of(items: Sequence[Mapping[str, Any]], number: int) -> Optional[AccessRule]:
    """The instance /2/`number` of what was read in TLV; None where it is not in there."""
    if any(item["kind"] == "object_instance" for item in items):
        found = (item["children"] for item in items if item["id"] == number)
        items = next(found, [])
    values = {item["id"]: item for item in items}
    if not {0, 1, 3} <= set(values):
        return None
    entries = values.get(2, {}).get("children", ())
    return AccessRule(
        number,
        values[0]["value"],
        values[1]["value"],
        {entry["id"]: entry["value"] for entry in entries},
        values[3]["value"],
    )
