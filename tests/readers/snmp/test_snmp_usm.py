"""Version 3: which answers count. An agent is played that may do anything with its reply."""

from __future__ import annotations

import random
from typing import Any

import pytest

from meterd.config.connections import SnmpAuth, SnmpPrivacy
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpLogin
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import OCTETS, SEQUENCE, BerError, integer, oid, tlv
from meterd.readers.snmp.header import header
from meterd.readers.snmp.keys import digest, localized
from meterd.readers.snmp.messages import ForeignError, ReportedError
from meterd.readers.snmp.pdu import Varbind
from meterd.readers.snmp.privacy import Privacy
from meterd.readers.snmp.usm import AUTH, PRIV, Usm

ENGINE, PASSWORD = b"\x80\x00\x00\x01agent", "authentic-pass"
NOBODY = SnmpLogin(version="3", user="meter")
SIGNED = SnmpLogin(version="3", user="meter", auth=SnmpAuth("sha256", Secret(PASSWORD)))
SECRET = SnmpLogin(
    version="3", user="meter", auth=SnmpAuth("sha256", Secret(PASSWORD)),
    privacy=SnmpPrivacy("aes128", Secret(PASSWORD)),
)  # fmt: skip
BODY = pdus.pdu(pdus.RESPONSE, 7, pdus.saying(()))


def report(number: int) -> bytes:
    counted = Varbind(oid(f"1.3.6.1.6.3.15.1.1.{number}.0"), 0x41, b"\x01")
    return pdus.pdu(pdus.REPORT, 0, pdus.saying((counted,)))


def reply(request: bytes, body: bytes = BODY, **but: Any) -> bytes:
    """The agent's message; `but` says what is unlike a good one's."""
    flags = but.get("flags", AUTH)
    key = localized("sha256", but.get("password", PASSWORD), ENGINE)
    boots, time_s = but.get("boots", 3), but.get("time_s", 1000)
    scoped, salt = tlv(SEQUENCE, tlv(OCTETS, ENGINE) + tlv(OCTETS, b"") + body), b""
    if flags & PRIV:
        scoped, salt = Privacy("aes128", "sha256", key, 1).encrypt(scoped, boots, time_s)
        scoped = tlv(OCTETS, but.get("data", scoped))
    size = 24 if flags & AUTH else 0
    security = tlv(OCTETS, but.get("engine", ENGINE)) + integer(boots) + integer(time_s)
    security += (
        tlv(OCTETS, but.get("user", b"meter")) + tlv(OCTETS, bytes(size)) + tlv(OCTETS, salt)
    )
    number = header(request).message_id + but.get("number", 0)
    head = integer(number) + integer(65_507) + tlv(OCTETS, bytes((flags,)))
    head += integer(but.get("model", 3))
    version = integer(but.get("version", 3))
    wrapped = tlv(OCTETS, tlv(SEQUENCE, security))
    message = tlv(SEQUENCE, version + tlv(SEQUENCE, head) + wrapped + scoped)
    end = len(message) - len(scoped) - len(tlv(OCTETS, salt))
    signed: bytes = digest("sha256", key, message)[:size]
    return message[: end - size] + signed + message[end:] + bytes(but.get("after", b""))


def met(login: SnmpLogin = SIGNED) -> Usm:
    """Our side, when it knows the agent."""
    usm = Usm(login, random.Random(3))
    with pytest.raises(ReportedError, match="unknownEngineIDs"):
        usm.open(reply(usm.probe(1), report(4), flags=0), 0)
    assert (usm.engine_id, usm.boots) == (ENGINE, 3)
    return usm


@pytest.mark.parametrize(("login", "flags"), [(NOBODY, 0), (SIGNED, AUTH), (SECRET, AUTH | PRIV)])
def test_a_good_answer_is_taken(login: SnmpLogin, flags: int) -> None:
    usm = met(login)
    assert usm.open(reply(usm.seal(BODY, 0), flags=flags), 0).request_id == 7


FOREIGN: dict[str, tuple[dict[str, Any], str]] = {
    "to another message": ({"number": 1}, "late"),
    "without a digest": ({"flags": 0}, "unprotected"),
    "with another's digest": ({"password": "another-pass"}, "digest"),
    "of another user": ({"user": b"other"}, "user"),
    "of another agent": ({"engine": b"other"}, "user"),
    "of another model": ({"model": 2}, "model"),
    "of another version": ({"version": 1}, "version"),
    "from the past": ({"time_s": 800}, "replayed"),
    "from before its restart": ({"boots": 2}, "replayed"),
}


@pytest.mark.parametrize(("but", "reason"), FOREIGN.values(), ids=FOREIGN.keys())
def test_an_answer_that_does_not_count(but: dict[str, Any], reason: str) -> None:
    usm = met()
    with pytest.raises(ForeignError, match=reason):
        usm.open(reply(usm.seal(BODY, 0), **but), 0)


def test_a_changed_byte_breaks_the_digest() -> None:
    usm = met()
    good = bytearray(reply(usm.seal(BODY, 0)))
    good[-3] ^= 1
    with pytest.raises(ForeignError, match="digest"):
        usm.open(bytes(good), 0)


def test_an_answer_in_clear_does_not_count_where_secrecy_was_asked_for() -> None:
    usm = met(SECRET)
    with pytest.raises(ForeignError, match="unprotected"):
        usm.open(reply(usm.seal(BODY, 0)), 0)
    with pytest.raises(BerError):
        usm.open(reply(usm.seal(BODY, 0), flags=AUTH | PRIV, data=b"\1\2\3"), 0)
    signed = met(SIGNED)
    with pytest.raises(ForeignError, match="unprotected"):
        signed.open(reply(signed.seal(BODY, 0), flags=AUTH | PRIV), 0)


def test_bytes_that_are_no_message() -> None:
    usm = met()
    for data in (b"", b"\x30\x03\x02\x01\x03", reply(usm.seal(BODY, 0), after=b"\0")):
        with pytest.raises(BerError):
            usm.open(data, 0)
    with pytest.raises(BerError, match="before all time"):
        usm.open(reply(usm.seal(BODY, 0), time_s=-1), 0)


def test_d2_the_agents_time_goes_on_with_our_clock() -> None:
    usm = met()
    assert header(usm.seal(BODY, 400_000)).time_s == 1400
    usm.open(reply(usm.seal(BODY, 400_000), time_s=1390), 400_000)
    assert header(usm.seal(BODY, 500_000)).time_s == 1490, "it is followed"


def test_d1_only_a_signed_complaint_sets_the_time_and_one_that_fell_is_a_reset() -> None:
    usm = met()
    with pytest.raises(ReportedError, match="notInTimeWindows"):
        usm.open(reply(usm.seal(BODY, 0), report(2), flags=0, boots=1, time_s=5), 0)
    assert (usm.boots, usm.resets) == (3, 0)
    with pytest.raises(ReportedError, match="notInTimeWindows"):
        usm.open(reply(usm.seal(BODY, 0), report(2), boots=1, time_s=5), 0)
    assert (usm.boots, usm.resets) == (1, 1)
    usm.open(reply(usm.seal(BODY, 0), boots=1, time_s=6), 0)


def test_a_complaint_that_is_not_known_is_passed_over() -> None:
    usm = met()
    with pytest.raises(ForeignError, match="report"):
        usm.open(reply(usm.seal(BODY, 0), report(9)), 0)
    with pytest.raises(ReportedError, match="unknownUserNames"):
        usm.open(reply(usm.seal(BODY, 0), report(3), flags=0), 0)


def test_an_agent_must_have_a_name() -> None:
    usm = Usm(SIGNED, random.Random(3))
    with pytest.raises(ForeignError, match="engine"):
        usm.open(reply(usm.probe(1), report(4), flags=0, engine=b""), 0)


def test_a_trap_is_heard_if_it_is_signed() -> None:
    usm = met()
    trap = pdus.pdu(pdus.TRAP, 7, pdus.saying(()))
    assert usm.hear(reply(usm.seal(BODY, 0), trap)).type == pdus.TRAP
    for but, reason in (({"flags": 0}, "user"), ({"password": "another-pass"}, "digest")):
        with pytest.raises(ForeignError, match=reason):
            usm.hear(reply(usm.seal(BODY, 0), trap, **but))
    with pytest.raises(ForeignError, match="pdu_type"):
        usm.hear(reply(usm.seal(BODY, 0)))


def test_des_takes_whole_blocks_only() -> None:
    des = Privacy("des", "md5", localized("md5", PASSWORD, ENGINE), 5)
    data, salt = des.encrypt(b"twelve bytes", 1, 2)
    assert des.decrypt(data, salt, 1, 2) == b"twelve bytes\0\0\0\0"
    for broken, with_salt in ((data[:-1], salt), (data, salt[:-1])):
        with pytest.raises(ValueError, match="length"):
            des.decrypt(broken, with_salt, 1, 2)
