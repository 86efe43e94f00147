# SPDX-License-Identifier: Apache-2.0
"""The factory accounts in files, for clients that read theirs from one."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Mapping, Optional

from bootcheck import tlv
from bootcheck.account import BootstrapServerAccount, ServerAccount

JSON = "account_file"  # the placeholders of each form
TLV = "account_tlv"
TLV_SERVER = "server_tlv"


class AccountFiles:
    """A JSON object of strings by the names of placeholders, and TLV of /0 and /1.

    They hold keys: they are outside of all results, readable by their owner only, and removed at
    the end.
    """

    def __init__(self) -> None:
        self._folder: Optional[Path] = None

    def write_json(self, values: Mapping[str, str]) -> Path:
        """Write what the client has from its factory; where it is."""
        text = json.dumps(values, indent=1, sort_keys=True) + "\n"
        return self._write("account.json", text.encode())

    def write_tlv(self, account: BootstrapServerAccount, server: Optional[ServerAccount]) -> Path:
        """Write /0: the Bootstrap-Server Account as instance 0, an LwM2M Server's as 1."""
        content: dict[int, Mapping[str, Any]] = {0: account.resources()}
        if server is not None:
            content[1] = server.security_resources()
        return self._write("account.tlv", tlv.instances(content))

    def write_server_tlv(self, server: ServerAccount) -> Path:
        """Write /1: the LwM2M Server's as instance 0."""
        return self._write("server.tlv", tlv.instances({0: server.server_resources()}))

    def _write(self, name: str, content: bytes) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="bootcheck-account-"))
        path = self._folder / name
        path.write_bytes(content)
        return path

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
