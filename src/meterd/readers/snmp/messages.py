"""What is around a PDU on the wire, and what makes an answer ours. Pure.

A version 1 or 2c message carries the version and the community; `Community` writes and
checks both. Version 3 is in `usm.py`, which has the same two methods.
"""

from __future__ import annotations

from typing import Final, Protocol

from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import (
    OCTETS,
    SEQUENCE,
    BerError,
    expect,
    header,
    integer,
    number,
    octets,
    tlv,
)

VERSIONS: Final = {"1": 0, "2c": 1, "3": 3}
"""As the file has it -> as it is on the wire."""

DATAGRAM_MAX: Final = 65_507
"""The most a datagram carries, and what we say we take."""


class ForeignError(Exception):
    """A sound message that is not meant for us. reason: one word, for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReportedError(Exception):
    """A version 3 agent says what is wrong with our message. name: usmStats..., shortened."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Sealing(Protocol):
    """Puts a PDU into a message, and takes it out of an answer."""

    def seal(self, body: bytes, now_ms: int) -> bytes:
        """The datagram that carries a PDU. now_ms: monotonic."""
        ...

    def open(self, datagram: bytes, now_ms: int, shape: pdus.Shape | None = None) -> pdus.Pdu:
        """The PDU in a datagram; BerError, ForeignError or ReportedError.

        shape: what its bindings most likely look like.
        """
        ...


class Community:
    """Messages of version 1 and 2c."""

    def __init__(self, version: str, community: str) -> None:
        self._version = VERSIONS[version]
        self._community = community.encode()
        self._head = integer(self._version) + tlv(OCTETS, self._community)

    def seal(self, body: bytes, now_ms: int) -> bytes:  # version 3 needs the time
        """The datagram that carries a PDU."""
        return tlv(SEQUENCE, self._head + body)

    def open(
        self,
        datagram: bytes,
        now_ms: int,
        shape: pdus.Shape | None = None,
    ) -> pdus.Pdu:
        """The PDU in a datagram; BerError, or ForeignError for another's."""
        if shape is not None:
            match = pdus.answer_of(self._head, shape.source).fullmatch(datagram)
            if match is not None:
                request_id, *values = match.groups()
                found = pdus.usual(shape, values)
                return pdus.Pdu(pdus.RESPONSE, int.from_bytes(request_id, "big"), 0, 0, found)
        return pdus.parse(datagram, *self._inside(datagram), shape)

    def kind(self, datagram: bytes) -> int:
        """The tag of the PDU in a datagram, which may be a trap of version 1; errors as above."""
        return header(datagram, *self._inside(datagram))[0]

    def _inside(self, datagram: bytes) -> tuple[int, int]:
        at, end = _whole(datagram)
        version, at = number(datagram, at, end)
        if version != self._version:
            raise ForeignError("version")
        community, at = octets(datagram, at, end)
        if community != self._community:
            raise ForeignError("community")
        return at, end


def version_of(datagram: bytes) -> int:
    """The version a message says it is of, as it is on the wire."""
    at, end = _whole(datagram)
    return number(datagram, at, end)[0]


def _whole(datagram: bytes) -> tuple[int, int]:
    at, end = expect(datagram, 0, len(datagram), SEQUENCE)
    if end != len(datagram):
        raise BerError("something follows the message")
    return at, end
