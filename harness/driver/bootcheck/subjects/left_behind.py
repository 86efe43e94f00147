# SPDX-License-Identifier: Apache-2.0
"""What a session that failed leaves of the accounts of LwM2M Servers (FIN-08): told, not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootcheck.session import BootstrapSession

if TYPE_CHECKING:
    from bootcheck.bench import Bench

_QUESTION = "the account of an LwM2M Server that a session wrote which failed"


async def tell_left_behind(bench: "Bench", session: BootstrapSession, short_server_id: int) -> None:
    """Whether the next session finds the Security instance with this Short Server ID."""
    instances = await session.security_instances()
    if instances is None:
        told = "not known: the client does not answer Discover"
    elif short_server_id in instances.values():
        told = "it is there in the next session"
    else:
        told = "it is not there any more"
    bench.choice(_QUESTION, "", told)
