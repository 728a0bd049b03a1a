"""Where an agent is: HOST, HOST:PORT, [V6]:PORT or V6, as a meter's address has it."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*))"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
_BARE_V6: Final = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?")


def host_and_port(address: str, port: int) -> tuple[str, int] | None:
    """The parts of HOST, HOST:PORT, [V6]:PORT or V6; None if it is none of them."""
    if _BARE_V6.fullmatch(address):
        return address, port
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    port = port if match["port"] is None else int(match["port"])
    return (match["v6"] or match["host"], port) if 1 <= port <= 65_535 else None
