"""systemd's notification protocol (sd_notify): READY, STATUS, WATCHDOG, STOPPING.

Source: sd_notify(3). Without $NOTIFY_SOCKET every call does nothing.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping


class Notifier:
    """Sends states to the service manager, never blocking and never failing the caller."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        usec = environ.get("WATCHDOG_USEC", "")
        self.watchdog_ms = int(usec) // 1000 if usec.isdecimal() else None

    def send(self, **states: str) -> None:
        """For example send(READY="1", STATUS="3 meters")."""
        if not self._address:
            return
        text = "\n".join(f"{name}={value}" for name, value in states.items())
        with (
            # A service manager that does not listen is not our trouble.
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock,
        ):
            sock.setblocking(False)
            sock.sendto(text.encode(), self._address)
