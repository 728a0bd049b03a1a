"""BACnet/IP's envelope: what a datagram carries and how one is made. Pure.

BACnet Virtual Link Layer, ASHRAE 135, annex J.
"""

from __future__ import annotations

from typing import Final, NamedTuple

HEADER: Final = 4
_TYPE: Final = 0x81
RESULT, FORWARDED, REGISTER, DISTRIBUTE = 0x00, 0x04, 0x05, 0x09
UNICAST, BROADCAST = 0x0A, 0x0B
_CONFIRMED: Final = 0

Address = tuple[str, int]
"""IPv4 host and port."""


class Carried(NamedTuple):
    """A message of the network layer, and who sent it. broadcast: to everybody."""

    npdu: bytes
    source: Address
    broadcast: bool


def message(function: int, content: bytes) -> bytes:
    """A datagram."""
    return bytes((_TYPE, function)) + (HEADER + len(content)).to_bytes(2, "big") + content


def function_of(datagram: bytes) -> int | None:
    """Its function; None for what is no BACnet/IP, or not all of it."""
    whole = len(datagram) >= HEADER and datagram[0] == _TYPE
    return datagram[1] if whole and int.from_bytes(datagram[2:4], "big") == len(datagram) else None


def carried(datagram: bytes, sender: Address) -> Carried | None:
    """What a datagram carries; None where it carries nothing for us."""
    function = function_of(datagram)
    if function == UNICAST:
        return Carried(datagram[HEADER:], sender, broadcast=False)
    if function == BROADCAST:
        return Carried(datagram[HEADER:], sender, broadcast=True)
    if function == FORWARDED and len(datagram) >= HEADER + 6:
        host = ".".join(map(str, datagram[4:8]))
        origin = (host, int.from_bytes(datagram[8:10], "big"))
        return Carried(datagram[10:], origin, broadcast=True)
    return None


def result_of(datagram: bytes) -> int | None:
    """The code of a BVLC-Result, 0 for done; None for any other datagram."""
    if function_of(datagram) == RESULT and len(datagram) == HEADER + 2:
        return int.from_bytes(datagram[4:6], "big")
    return None


def register(ttl_s: int) -> bytes:
    """Ask a BBMD to forward broadcasts to us for so long."""
    return message(REGISTER, min(ttl_s, 0xFFFF).to_bytes(2, "big"))


def is_for_client(npdu: bytes) -> bool:
    """Whether it can concern somebody who only asks: no confirmed request does.

    Messages of the network layer (routers) pass.
    """
    if len(npdu) < 2 or npdu[0] != 1:
        return False
    control, at = npdu[1], 2
    if control & 0x80:
        return True
    for present in (control & 0x20, control & 0x08):
        if present:
            if len(npdu) < at + 3:
                return False
            at += 3 + npdu[at + 2]
    at += bool(control & 0x20)  # the hop count
    return at < len(npdu) and npdu[at] >> 4 != _CONFIRMED
