"""Hostile datagrams for everything that reads SNMP, seeded; `make fuzz ONLY=snmp` for many."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tests.readers.snmp.park import device, link, points
from tests.readers.snmp.test_snmp_engine import INFORM, engine, meet, sender
from tests.readers.snmp.test_snmp_usm import BODY, met, reply

from meterd.clock import SystemClock
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError, oid, oid_text, tlv
from meterd.readers.snmp.engine import Informed
from meterd.readers.snmp.messages import Community, ForeignError, ReportedError
from meterd.readers.snmp.traps import Listener
from meterd.readers.snmp.values import raw_number, raw_text

DATAGRAM_MAX: Final = 65_507
DECLARED: Final = (BerError, ForeignError, ReportedError)
OBJECTS: Final = tuple(oid(f"1.3.6.1.4.1.9999.1.{n}.0") for n in range(4))
HEAD: Final = b"\x02\x01\x01\x04\x06public"

Read = Callable[[bytes], object]


class Target(NamedTuple):
    """Something that reads datagrams, and one it would take. signed: it takes no other."""

    good: bytes
    read: Read
    signed: bool = False


def targets() -> dict[str, Target]:
    """Whatever a datagram can reach, by name."""
    shape = pdus.shape_of(OBJECTS)
    values = [pdus.Varbind(one, 0x42, b"\3\x82\x70") for one in OBJECTS]
    body = pdus.pdu(pdus.RESPONSE, 1 << 25, pdus.saying(values))
    old, new, usm = Community("1", "public"), Community("2c", "public"), met()
    plain, signed = new.seal(body, 0), reply(usm.seal(BODY, 0))
    ours, agent = engine(), sender()
    meet(agent, ours)
    around = Surroundings(SystemClock(), lambda _: None, random.Random(1))
    asked = link(device(*points()))
    heard = Listener(asked, {}, around, LinkStats("fuzz"))

    def worth(data: bytes) -> None:
        for one in new.open(data, 0).varbinds:
            raw_number(one.tag, one.content)
            raw_text(one.tag, one.content)
            oid_text(one.oid)

    return {
        "version 1": Target(old.seal(body, 0), lambda data: old.open(data, 0, shape)),
        "version 2c": Target(plain, lambda data: new.open(data, 0, shape)),
        "values": Target(plain, worth),
        "version 3": Target(signed, lambda data: usm.open(data, 0), signed=True),
        "traps": Target(new.seal(pdus.pdu(pdus.TRAP, 5, b"\x30\0"), 0), heard.understood),
        "traps of version 3": Target(signed, usm.hear),
        "informs": Target(
            agent.seal(INFORM, 60_000), lambda data: _told(ours.inform(data, 60_000)), signed=True
        ),
    }


def _told(informed: Informed) -> Informed:
    """A report is no harm; only a sound inform counts as taken."""
    if not informed.told:
        raise ForeignError("reported")
    return informed


def mutants(good: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Datagrams that are nearly sound, and some that never were."""
    chance = random.Random(seed)
    yield from hostile(chance)
    for _ in range(count):
        yield mutant(good, chance)


def mutant(good: bytes, chance: random.Random) -> bytes:
    """One that is nearly sound."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        _change(chance, data)
    return bytes(data[:DATAGRAM_MAX])


def _change(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data)) if data else 0
    kind = chance.randrange(8)
    if kind == 0 and data:
        data[at] = chance.randrange(256)
    elif kind == 1:
        del data[at : at + chance.randint(1, 20)]
    elif kind == 2:
        data[at:at] = chance.randbytes(chance.randint(1, 20))
    elif kind == 3:
        del data[at:]
    elif kind == 4 and data:  # a length that is huge, or has no end
        data[at : at + 1] = chance.choice(
            (b"\x80", b"\x84\xff\xff\xff\xff", b"\xff", b"\x88" + b"\xff" * 8)
        )
    elif kind == 5:  # a piece again, or a piece in itself
        piece = bytes(data[at : at + chance.randint(1, 60)])
        data[at:at] = piece * chance.choice((1, 2, 40))
    elif kind == 6:
        data[at:at] = tlv(
            chance.choice((0x02, 0x04, 0x06, 0x30, 0x46)),
            chance.randbytes(chance.choice((0, 9, 300))),
        )
    elif data:
        data[at] ^= 1 << chance.randrange(8)


def hostile(chance: random.Random) -> Iterator[bytes]:
    """The largest and the deepest."""
    nested = b""
    for _ in range(3_000):
        nested = tlv(0x30, nested)
    many = tlv(0x30, tlv(0x30, b"\x06\x01\x2b\x05\x00") * 7_000)
    numbers = b"\x02\x01\x05" * 3
    long_oid = tlv(0x30, tlv(0x30, tlv(0x06, b"\x81" * 60_000) + b"\x05\x00"))
    long_number = tlv(0x30, tlv(0x30, b"\x06\x01\x2b" + tlv(0x02, b"\x7f" * 60_000)))
    yield from (b"", b"\x30", b"\x30\x80" * 30_000, b"\x30\x84\xff\xff\xff\xff" + bytes(60_000))
    yield from (nested, tlv(0x30, HEAD + tlv(0xA2, nested)), chance.randbytes(DATAGRAM_MAX))
    for inside in (many, long_oid, long_number, tlv(0x30, b"") * 20_000):
        yield tlv(0x30, HEAD + tlv(0xA2, numbers + inside))


def outcome(target: Target, data: bytes) -> str:
    """What became of a datagram; anything but the declared errors gets out."""
    try:
        target.read(data)
    except DECLARED as error:
        return type(error).__name__
    assert not target.signed or data == target.good, "a change in what is signed was taken"
    return "taken"
