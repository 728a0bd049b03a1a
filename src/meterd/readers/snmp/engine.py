"""Our own engine of SNMP version 3, which agents send informs to (RFC 3414, section 3.2). Pure.

Of an inform the receiver is the engine that counts: its id, boots and time are what the
sender must know, and finds out by asking. Boots must grow with every start. They are the
seconds of the wall clock at the start, so nothing has to be kept: while that clock was set
back between two starts, a sender that knows the later one cannot be confirmed.

Who asks without a proof learns the engine's id, boots and time, as from any agent, in an
answer no longer than the question.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from meterd.config.snmp import SnmpLogin
from meterd.readers.line import Chance
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import OCTETS, SEQUENCE, BerError, expect, integer, octets, tlv
from meterd.readers.snmp.header import Header, header
from meterd.readers.snmp.messages import ForeignError
from meterd.readers.snmp.usm import (
    AUTH,
    NOT_IN_TIME,
    PRIV,
    REPORTABLE,
    REPORTS,
    STATS,
    UNKNOWN_ENGINE,
    WINDOW_S,
    Usm,
)

BOOTS_FROM_S: Final = 1_577_836_800
"""2020-01-01: boots stay below 2**31 until 2088."""
BOOTS_MAX: Final = (1 << 31) - 2
_COUNTER32: Final = 0x41
_FORMAT: Final = bytes.fromhex("80007ed905")
"""An id of octets of our own choice, below the enterprise of examples (RFC 5612)."""
_NUMBERS: Final = {name: number for number, name in REPORTS.items()}


def engine_id(*of: str) -> bytes:
    """The same id for the same words, and another for others."""
    return _FORMAT + hashlib.sha256("\0".join(of).encode()).digest()[:12]


class Start(NamedTuple):
    """When an engine began: wall clock, and monotonic."""

    at_ms: int
    mono_ms: int


class Informed(NamedTuple):
    """What became of a message. told: whether it was a sound inform. reason: why it was not,
    "" for a question that is usual. reply: what to send back, b"" for nothing.
    """

    told: bool
    reason: str
    reply: bytes


class Engine(Usm):
    """Receives informs of one user."""

    def __init__(self, login: SnmpLogin, chance: Chance, own: bytes, start: Start) -> None:
        """own: its engine id."""
        super().__init__(login, chance)
        self.become(own)
        self.boots = min(max(start.at_ms // 1000 - BOOTS_FROM_S, 1), BOOTS_MAX)
        self._at_ms = start.mono_ms
        self._told: dict[str, int] = {}

    def inform(self, datagram: bytes, now_ms: int) -> Informed:
        """Check a message that wants an answer; BerError or ForeignError."""
        found = header(datagram)
        self._message_id = found.message_id
        trouble = self._trouble(found, datagram, now_ms)
        if trouble:
            usual = trouble == UNKNOWN_ENGINE and not found.engine_id
            reason = "" if usual else trouble
            return Informed(False, reason, self._report(trouble, now_ms))
        plain, at, end = self._plain(found, datagram)
        began, end = expect(plain, at, end, SEQUENCE)
        _, at = octets(plain, began, end)
        _, at = octets(plain, at, end)
        told = pdus.parse(plain, at, end)
        if told.type != pdus.INFORM:
            raise ForeignError("pdu_type")
        body = pdus.pdu(pdus.RESPONSE, told.request_id, pdus.saying(told.varbinds))
        answer = tlv(SEQUENCE, plain[began:at] + body)  # in the context that was asked in
        return Informed(True, "", self._sealed(self._flags, self._time_now_s(now_ms), answer))

    def _trouble(self, found: Header, datagram: bytes, now_ms: int) -> str:
        """What is wrong with a message, as reports name it; "" for nothing."""
        if found.engine_id != self.engine_id:
            return UNKNOWN_ENGINE
        if found.user != self._user:
            return "unknownUserNames"
        if (self._flags ^ found.flags) & (AUTH | PRIV):
            return "unsupportedSecLevels"
        try:
            if found.flags & AUTH:
                self._genuine(found, datagram)
        except ForeignError:
            return "wrongDigests"
        late_s = abs(found.time_s - self._time_now_s(now_ms))
        if found.flags & AUTH and (found.boots != self.boots or late_s > WINDOW_S):
            return NOT_IN_TIME
        return ""

    def _report(self, trouble: str, now_ms: int) -> bytes:
        """Only that the time is wrong is signed: who asks that has shown to know the key."""
        count = self._told[trouble] = self._told.get(trouble, 0) + 1
        object_ = STATS + bytes((_NUMBERS[trouble], 0))
        said = pdus.saying(
            [pdus.Varbind(object_, _COUNTER32, (count % (1 << 32)).to_bytes(5, "big"))]
        )
        body, time_s = pdus.pdu(pdus.REPORT, 0, said), self._time_now_s(now_ms)
        scoped = tlv(SEQUENCE, tlv(OCTETS, self.engine_id) + tlv(OCTETS, b"") + body)
        if trouble == NOT_IN_TIME:
            return self._sealed(AUTH, time_s, scoped)
        whom = integer(self.boots) + integer(time_s) + tlv(OCTETS, b"")
        return self._message(0, whom, tlv(OCTETS, b""), scoped)


def wants_an_answer(datagram: bytes) -> bool:
    """Whether a message of version 3 is for our engine: an inform, or a question before one."""
    try:
        return bool(header(datagram).flags & REPORTABLE)
    except BerError:
        return False
