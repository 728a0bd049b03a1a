"""Messages of SNMP version 3 with the user-based security model (RFC 3412, RFC 3414). Pure.

What is known of an agent (its engine id, boots and time) belongs to its address and never
to the engine id alone: cloned devices share one. The agent's time goes on with our
monotonic clock between two answers. An answer must be authenticated and encrypted as far
as the user is; the agent's complaints (reports) need not be, and teach us nothing then
but where to begin.
"""

from __future__ import annotations

import hmac
from importlib import import_module
from typing import Any, Final

from meterd.config.snmp import SnmpLogin
from meterd.readers.line import Chance
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import (
    OCTETS,
    SEQUENCE,
    BerError,
    integer,
    octets,
    oid,
    tlv,
)
from meterd.readers.snmp.header import MODEL, Header, header, scoped
from meterd.readers.snmp.keys import HASHES, digest, localized
from meterd.readers.snmp.messages import DATAGRAM_MAX, VERSIONS, ForeignError, ReportedError

AUTH: Final = 1
PRIV: Final = 2
REPORTABLE: Final = 4
"""Message flags."""

WINDOW_S: Final = 150
"""An answer that is older is a replay (RFC 3414 section 2.2.3)."""
ENGINE_ID_MAX: Final = 32
CIPHERS: Final = "meterd.readers.snmp.privacy"
"""Loaded only where something is encrypted."""

UNKNOWN_ENGINE: Final = "unknownEngineIDs"
NOT_IN_TIME: Final = "notInTimeWindows"
STATS: Final = oid("1.3.6.1.6.3.15.1.1")
REPORTS: Final = {
    1: "unsupportedSecLevels", 2: NOT_IN_TIME, 3: "unknownUserNames", 4: UNKNOWN_ENGINE,
    5: "wrongDigests", 6: "decryptionErrors",
}  # fmt: skip
_ID_LOW, _ID_HIGH = 1 << 24, (1 << 31) - 1


class Usm:
    """Messages between one user and one agent."""

    def __init__(self, login: SnmpLogin, chance: Chance) -> None:
        self.engine_id = b""
        self.boots = 0
        self.resets = 0  # how often its boots or time went back, or it was another
        self._met = b""
        self._login = login
        self._chance = chance
        self._user = login.user.encode()
        self._flags = (AUTH if login.auth else 0) | (PRIV if login.privacy else 0)
        self._key = b""
        self._privacy: Any = None
        self._ciphers: Any = import_module(CIPHERS) if login.privacy else None
        self._time_s = self._at_ms = 0
        self._message_id = 0

    def probe(self, request_id: int) -> bytes:
        """A message that asks the agent who it is."""
        body = pdus.pdu(pdus.GET, request_id, pdus.asking(()))
        scoped = tlv(SEQUENCE, tlv(OCTETS, b"") + tlv(OCTETS, b"") + body)
        self.engine_id = b""
        self._message_id = self._chance.randrange(_ID_LOW, _ID_HIGH)
        nobody = integer(0) + integer(0) + tlv(OCTETS, b"")
        return self._message(REPORTABLE, nobody, tlv(OCTETS, b""), scoped)

    def seal(self, body: bytes, now_ms: int) -> bytes:
        """The datagram that carries a PDU."""
        self._message_id = self._chance.randrange(_ID_LOW, _ID_HIGH)
        context = tlv(OCTETS, self.engine_id) + tlv(OCTETS, self._login.context.encode())
        flags, time_s = self._flags | REPORTABLE, self._time_now_s(now_ms)
        return self._sealed(flags, time_s, tlv(SEQUENCE, context + body))

    def _sealed(self, flags: int, time_s: int, scoped: bytes) -> bytes:
        """A message of the user's, encrypted and signed as far as the flags say."""
        salt = b""
        if self._privacy is not None and flags & PRIV:
            encrypted, salt = self._privacy.encrypt(scoped, self.boots, time_s)
            scoped = tlv(OCTETS, encrypted)
        whom = integer(self.boots) + integer(time_s) + tlv(OCTETS, self._user)
        return self._message(flags, whom, tlv(OCTETS, salt), scoped)

    def _message(self, flags: int, whom: bytes, salt: bytes, scoped: bytes) -> bytes:
        """whom: the boots and the time of the engine that counts, and the user."""
        auth = self._login.auth if flags & AUTH else None
        size = 0 if auth is None else HASHES[auth.protocol][1]
        blank = tlv(OCTETS, bytes(size))
        security = tlv(SEQUENCE, tlv(OCTETS, self.engine_id) + whom + blank + salt)
        data = integer(self._message_id) + integer(DATAGRAM_MAX)
        data += tlv(OCTETS, bytes((flags,))) + integer(MODEL)
        head = integer(VERSIONS["3"]) + tlv(SEQUENCE, data) + tlv(OCTETS, security)
        message = tlv(SEQUENCE, head + scoped)
        if auth is None:
            return message
        end = len(message) - len(scoped) - len(salt)
        return message[: end - size] + digest(auth.protocol, self._key, message) + message[end:]

    def open(self, datagram: bytes, now_ms: int, shape: pdus.Shape | None = None) -> pdus.Pdu:
        """The PDU in an answer; BerError, ForeignError or ReportedError."""
        found = header(datagram)
        if found.message_id != self._message_id:
            raise ForeignError("late")
        genuine = bool(found.flags & AUTH) and self._genuine(found, datagram)
        pdu = self._scoped(found, datagram, shape)
        if pdu.type == pdus.REPORT:
            raise self._reported(found, pdu, genuine, now_ms)
        if found.engine_id != self.engine_id or found.user != self._user:
            raise ForeignError("user")
        if self._flags & ~found.flags & (AUTH | PRIV):
            raise ForeignError("unprotected")
        if genuine:
            self._keep_time(found, now_ms)
        return pdu

    def hear(self, datagram: bytes) -> pdus.Pdu:
        """The notification in a datagram of this agent; BerError or ForeignError.

        Its time is not looked at, so it may be an old one.
        """
        found = header(datagram)
        if self._flags & ~found.flags & (AUTH | PRIV) or found.user != self._user:
            raise ForeignError("user")
        if found.flags & AUTH:
            self._genuine(found, datagram)
        pdu = self._scoped(found, datagram)
        if pdu.type != pdus.TRAP:
            raise ForeignError("pdu_type")
        return pdu

    def _genuine(self, found: Header, datagram: bytes) -> bool:
        """Whether the digest is right; ForeignError if there is one and it is not."""
        auth = self._login.auth
        if auth is None or found.engine_id != self.engine_id:
            raise ForeignError("user")
        size = len(found.digest)
        blank = datagram[: found.digest_at] + bytes(size) + datagram[found.digest_at + size :]
        if not hmac.compare_digest(digest(auth.protocol, self._key, blank), found.digest):
            raise ForeignError("digest")
        return True

    def _scoped(self, found: Header, datagram: bytes, shape: pdus.Shape | None = None) -> pdus.Pdu:
        return scoped(*self._plain(found, datagram), shape)

    def _plain(self, found: Header, datagram: bytes) -> tuple[bytes, int, int]:
        """Where the scoped PDU stands in the clear: bytes, start, end; padding may follow it."""
        if not found.flags & PRIV:
            return datagram, found.data_at, len(datagram)
        if self._privacy is None or not found.flags & AUTH:
            raise ForeignError("unprotected")
        data, _ = octets(datagram, found.data_at, len(datagram))
        try:
            plain = self._privacy.decrypt(data, found.salt, found.boots, found.time_s)
        except ValueError as error:
            raise BerError("no ciphertext") from error
        return plain, 0, len(plain)

    def _reported(self, found: Header, pdu: pdus.Pdu, genuine: bool, now_ms: int) -> Exception:
        """What an agent's complaint means, and what is learned of it."""
        name = next(
            (REPORTS.get(one.oid[-2]) for one in pdu.varbinds if one.oid.startswith(STATS)), None
        )
        if name is None:
            return ForeignError("report")
        if name == UNKNOWN_ENGINE and not self.engine_id:
            self._meet(found, now_ms)
        elif name == NOT_IN_TIME and genuine:
            self.resets += (found.boots, found.time_s) < (self.boots, self._time_s)
            self.boots, self._time_s, self._at_ms = found.boots, found.time_s, now_ms
        return ReportedError(name)

    def _meet(self, found: Header, now_ms: int) -> None:
        """Learn who the agent is. Its boots and time are a guess until it authenticates."""
        self.become(found.engine_id)
        self.resets += self._met not in {b"", self.engine_id}
        self._met = self.engine_id
        self.boots, self._time_s, self._at_ms = found.boots, found.time_s, now_ms

    def become(self, engine_id: bytes) -> None:
        """Make the keys for an agent; ForeignError if no agent can have this id."""
        if not 1 <= len(engine_id) <= ENGINE_ID_MAX:
            raise ForeignError("engine")
        self.engine_id = engine_id
        auth, privacy = self._login.auth, self._login.privacy
        if auth is None:
            return
        self._key = localized(auth.protocol, auth.password.reveal(), self.engine_id)
        if privacy is not None:
            key = localized(auth.protocol, privacy.password.reveal(), self.engine_id)
            salt = self._chance.getrandbits(64)
            self._privacy = self._ciphers.Privacy(privacy.protocol, auth.protocol, key, salt)

    def _keep_time(self, found: Header, now_ms: int) -> None:
        """Follow the agent's clock; ForeignError for an answer from the past."""
        now_s = self._time_now_s(now_ms)
        if (found.boots, found.time_s) < (self.boots, now_s - WINDOW_S):
            raise ForeignError("replayed")
        if (found.boots, found.time_s) > (self.boots, self._time_s):
            self.boots, self._time_s, self._at_ms = found.boots, found.time_s, now_ms

    def _time_now_s(self, now_ms: int) -> int:
        return min(self._time_s + (now_ms - self._at_ms) // 1000, (1 << 31) - 1)
