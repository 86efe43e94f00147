# SPDX-License-Identifier: Apache-2.0
"""UDP ports of this machine that are free: for clients that are told which one is theirs."""

from __future__ import annotations

import random
import socket
from collections import deque

from bootcheck.ending import Trouble
from bootcheck.verdict import ErrorKind

# below the ports that Linux gives to sockets that ask for none: those come and go at any time
_PORTS = range(20000, 32768)
_PROBES = 64
# what was given lately, and may not be in use yet: as many as there may be lanes
_given: deque[int] = deque(maxlen=4096)


def free_port() -> int:
    """A UDP port that nobody uses on any address of this machine, and no other lane was given."""
    for port in random.SystemRandom().sample(_PORTS, _PROBES):
        if port in _given:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            _given.append(port)
            return port
    raise Trouble(
        ErrorKind.ENVIRONMENT,
        f"{_PROBES} UDP ports of {_PORTS.start} to {_PORTS.stop - 1} are all in use: end what "
        "uses them (ss -lun)",
    )
