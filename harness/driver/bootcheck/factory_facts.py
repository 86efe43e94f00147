# SPDX-License-Identifier: Apache-2.0
"""What the client is told of its factory accounts: placeholders of its profile, and files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Optional
from urllib.parse import urlsplit

from bootcheck.account import BootstrapServerAccount, ServerAccount
from bootcheck.account_file import JSON, TLV, TLV_SERVER, AccountFiles
from bootcheck.local_port import free_port

if TYPE_CHECKING:
    from bootcheck.lane import Lane
    from bootcheck.profile import Profile


def endpoint_of(lane: "Lane") -> str:
    """A short Endpoint Client Name that no other lane of the run has."""
    return "bootcheck-" + hashlib.sha256(lane.name.encode()).hexdigest()[:8]


def factory_facts(
    profile: "Profile",
    account: BootstrapServerAccount,
    server: Optional[ServerAccount],
    files: AccountFiles,
    **more: str,
) -> dict[str, str]:
    """The placeholders of these accounts by name, with `more`; files that they name are written.

    The timeout is among them where the profile says that it is set at the start.
    """
    at = urlsplit(account.uri)
    values = {
        **more,
        "bs_uri": account.uri,
        "bs_host": at.hostname or account.host,
        "bs_port": str(account.port),
        "bs_entropy": account.entropy,
    }
    if account.credentials is not None:
        values["bs_identity"] = account.credentials.identity.decode()
        values["bs_identity_hex"] = account.credentials.identity.hex()
        values["bs_key_hex"] = account.credentials.key.hex()
    if server is not None:
        values["server_uri"] = server.uri
        values["server_short_id"] = str(server.short_server_id)
        if server.credentials is not None:
            values["server_identity"] = server.credentials.identity.decode()
            values["server_identity_hex"] = server.credentials.identity.hex()
            values["server_key_hex"] = server.credentials.key.hex()
    if profile.starts_with("local_port"):
        values["local_port"] = str(free_port())
    told = account.changed(timeout=account.timeout if profile.timeout == "start" else None)
    if told.timeout is not None:
        values["bs_timeout"] = str(account.told(told.timeout))
    if account.hold_off is not None:
        values["bs_hold_off"] = str(account.told(account.hold_off))
    if profile.starts_with(TLV):
        values[TLV] = str(files.write_tlv(told, server))
    if profile.starts_with(TLV_SERVER) and server is not None:
        values[TLV_SERVER] = str(files.write_server_tlv(server))
    if profile.starts_with(JSON):
        values[JSON] = str(files.write_json(values))
    return values
