"""What is around the PDU in a message of SNMP version 3, as it comes (RFC 3412, 6). Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import OCTETS, SEQUENCE, BerError, expect, number, octets
from meterd.readers.snmp.messages import VERSIONS, ForeignError

MODEL: Final = 3
"""The user-based security model, the only one in use."""


class Header(NamedTuple):
    """What is around the scoped PDU of a message. digest_at: where the digest begins."""

    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    digest_at: int
    digest: bytes
    salt: bytes
    data_at: int


def header(datagram: bytes) -> Header:
    """The parts of a message of version 3, in front of its scoped PDU."""
    at, end = expect(datagram, 0, len(datagram), SEQUENCE)
    if end != len(datagram):
        raise BerError("something follows the message")
    version, at = number(datagram, at, end)
    if version != VERSIONS["3"]:
        raise ForeignError("version")
    inner, after = expect(datagram, at, end, SEQUENCE)
    message_id, inner = number(datagram, inner, after)
    _size, inner = number(datagram, inner, after)
    flags, inner = octets(datagram, inner, after)
    model, inner = number(datagram, inner, after)
    if model != MODEL or len(flags) != 1:
        raise ForeignError("model")
    at, data_at = expect(datagram, after, end, OCTETS)
    at, security_end = expect(datagram, at, data_at, SEQUENCE)
    engine_id, at = octets(datagram, at, security_end)
    boots, at = number(datagram, at, security_end)
    time_s, at = number(datagram, at, security_end)
    user, at = octets(datagram, at, security_end)
    said, at = octets(datagram, at, security_end)
    digest_at = at - len(said)
    salt, at = octets(datagram, at, security_end)
    if boots < 0 or time_s < 0:
        raise BerError("a time before all time")
    return Header(
        message_id, flags[0], engine_id, boots, time_s, user, digest_at, said, salt, data_at
    )


def scoped(data: bytes, at: int, end: int, shape: pdus.Shape | None = None) -> pdus.Pdu:
    """The PDU of a scoped PDU that stands at `at` and ends where it says."""
    at, stop = expect(data, at, end, SEQUENCE)
    _engine, at = octets(data, at, stop)
    _context, at = octets(data, at, stop)
    return pdus.parse(data, at, stop, shape)
