"""systemd's end of the notification socket."""

from __future__ import annotations

import socket
from pathlib import Path


class Notified:
    """lines: all that has been said, once it was asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.lines: list[str] = []

    def said(self, line: str) -> bool:
        """Whether this has been said, by now."""
        while True:
            try:
                self.lines += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return line in self.lines

    def close(self) -> None:
        self._socket.close()

    def fed(self) -> int:
        """How often the watchdog has been fed, by now."""
        self.said("")
        return self.lines.count("WATCHDOG=1")
