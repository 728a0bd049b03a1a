"""Where a stranger's datagrams and messages come in: Modbus, SNMP, BACnet and MQTT.

Each target is told apart from the truth by its own oracle: what is taken must be well formed
by a check that shares nothing with the code it checks.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from tests.damage import damaged
from tests.fuzz.corpus import MESSAGES
from tests.fuzz.harness import HANG_S, Ask, Place, Target
from tests.fuzz.oracles import expect_rtu, expect_sound, expect_tcp
from tests.readers.bacnet_ip.canned import datagram
from tests.readers.bacnet_ip.test_services_fuzz import DECODERS, SOUND, TAGS
from tests.readers.bacnet_ip.test_stack import bench
from tests.readers.bacnet_ip.test_stack_fuzz import SOUND as TO_THE_STACK
from tests.readers.modbus.devices import point
from tests.readers.snmp import fuzz as snmp
from tests.web.house import SITE
from tests.web.people import NOW_MS

from meterd.readers.amounts import Readout, Scaled, empty
from meterd.readers.bacnet_ip import bvll
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.modbus import frames, rtu_frames
from meterd.readers.modbus.frames import GarbledError
from meterd.readers.modbus.words import decoder, width
from meterd.shapes.entries import EntryError
from meterd.shapes.messages import Wanted, heard
from meterd.sinks.sparkplug_payload import PayloadError, commands

ROW_MODBUS, ROW_SNMP, ROW_BACNET, ROW_MQTT = "Modbus", "SNMP", "BACnet", "MQTT"
TYPES: Final = (
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bcd16",
    "bcd32",
)  # fmt: skip
POINTS: Final = tuple(
    point("energy_import" if n == 5 else f"own_{n}", 4 * n, kind, unit="kWh" if n == 5 else "")
    for n, kind in enumerate(TYPES)
)
WORDS: Final = max(p.address + width(p) for p in POINTS)
DECODE: Final = decoder(POINTS, 0)
TID: Final = 0x1501
TCP: Final = frames.request(17, "holding", 0, WORDS)
RTU: Final = rtu_frames.request(17, "holding", 0, WORDS)
NAMED: Final = frames.identify(17)
DATA: Final = bytes(range(2 * WORDS))
OBJECTS: Final = b"\x2b\x0e\x01\x01\x00\x00\x02\x00\x03ABB\x01\x02B2"
ANSWERS: Final = (
    TID.to_bytes(2, "big") + TCP.head + DATA,
    TID.to_bytes(2, "big") + b"\0\0\0\3\x11\x83\2",
    TID.to_bytes(2, "big") + (1 + len(OBJECTS)).to_bytes(4, "big") + b"\x11" + OBJECTS,
)
HEARD: Final = tuple(
    body + rtu_frames.crc(body) for body in (RTU.head + DATA, b"\x11\x83\x02", b"\x11" + OBJECTS)
)
COMMANDS: Final = (
    b"\x08\x80\xf0\xd0\xd4\xb33\x12\x1c\n\x14Node Control/Rebirth \x0bp\x01",
    b"\x12\x06\x10\x01\x20\x0bp\x01\x18\x05",
)


def tcp(data: bytes) -> None:
    """What a device, or whoever speaks for it, sends on a stream."""
    while size := frames.first_frame(data):
        frame, data = data[:size], data[size:]
        for asked in (TCP, NAMED):
            verdict = frames.judge(frame, TID, asked)
            if verdict == frames.ANSWER and asked is TCP:
                expect_tcp(frame, TID, TCP)
                _book(frame, frames.DATA_AT)
            elif verdict == frames.ANSWER:
                assert all(text.isprintable() for text in frames.texts(frame[7:]))


def rtu(data: bytes) -> None:
    """The same on a serial line, or through a gateway."""
    for asked in (RTU, rtu_frames.identify(17)):
        found = rtu_frames.search(data[-rtu_frames.BUFFER_MAX :], asked)
        if found.verdict:
            expect_rtu(found.reply, asked.unit)
        if found.verdict == frames.ANSWER and asked is RTU:
            assert len(found.reply) == RTU.size
            _book(found.reply, rtu_frames.DATA_AT)
        elif not found.verdict:
            rtu_frames.blame(data, asked)


def words(data: bytes) -> None:
    """Sound frames with anything in them."""
    _book(data[: 2 * WORDS].ljust(2 * WORDS, b"\xff"), 0)


def _book(data: bytes, at: int) -> None:
    out: Readout = empty()
    DECODE(data, at, out)
    Scaled(POINTS, ()).finish(out)
    expect_sound(out.registers, out.gauges)


def _binary(corpus: Sequence[bytes], chance: Random, inserts: Sequence[bytes] = ()) -> bytes:
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(2_000))
    return damaged(chance, chance.choice(corpus), inserts)


def _sealed(corpus: Sequence[bytes], chance: Random) -> bytes:
    """Every second one with a checksum, and a length, that are right."""
    data = _binary(corpus, chance, (b"\x11\x03", b"\x11\x83", HEARD[0][:3]))
    return data[:-2] + rtu_frames.crc(data[:-2]) if chance.random() < 0.5 else data


def _framed(corpus: Sequence[bytes], chance: Random) -> bytes:
    data = _binary(corpus, chance, (ANSWERS[0][:9], b"\0\0\0\3\x11\x83"))
    if chance.random() < 0.5 and len(data) > 8:
        return data[:2] + b"\0\0" + (min(len(data) - 6, 0xFFFF)).to_bytes(2, "big") + data[6:]
    return data


def _datagram(corpus: Sequence[bytes], chance: Random) -> bytes:
    data = _binary(corpus, chance)
    if chance.random() < 0.7 and len(data) >= 4:  # past the envelope's own length
        return data[:2] + (len(data) & 0xFFFF).to_bytes(2, "big") + data[4:]
    return data


def envelope(data: bytes) -> None:
    """A datagram of BACnet before anything is made of it."""
    carried = bvll.carried(data, ("127.0.0.1", 47_808))
    assert bvll.result_of(data) is None or carried is None
    if carried is not None:
        bvll.is_for_client(carried.npdu)


@asynccontextmanager
async def stack(_folder: Path) -> AsyncIterator[Ask]:
    """The stack with open questions, of which no stranger answers any."""
    async with bench(timeout_ms=50) as one:
        here = (one.device.place.partition(":")[0], int(one.device.place.partition(":")[2]))
        elsewhere = (here[0], here[1] ^ 1)

        async def receive(data: bytes) -> str:
            carried = bvll.carried(data, elsewhere)
            try:
                if carried is not None:
                    one.stack._receive(carried)
            except Exception as error:  # noqa: BLE001 - whatever gets out is what is looked for
                return f"{type(error).__name__}: {error}"
            return ""

        yield receive
        assert await one.ask() == 1.5


SPECS: Final = {spec.name: spec for spec in SITE.meters}
WANTED: Final = (
    Wanted("main", "energy_import", ("ENERGY", "Total")),
    Wanted("rack-12", "energy_import", ()),
)


def message(data: bytes) -> None:
    """What a broker brings."""
    for told in heard(WANTED, data, SPECS, NOW_MS):
        expect_sound(told.registers, told.gauges)


def _snmp(name: str, target: snmp.Target) -> Target:
    def change(_corpus: Sequence[bytes], chance: Random) -> bytes:
        return snmp.mutant(target.good, chance)

    corpus = (target.good, *snmp.hostile(Random(1)))
    work = partial(snmp.outcome, target)
    return Target(f"snmp {name}", ROW_SNMP, corpus, work, (), 300, change, HANG_S)


def _modbus(name: str, corpus: Sequence[bytes], work: Callable[[bytes], None]) -> Target:
    change = {"tcp": _framed, "rtu": _sealed}.get(name, _binary)
    refusals = (GarbledError,)
    return Target(f"modbus {name}", ROW_MODBUS, corpus, work, refusals, 3_000, change, HANG_S)


def _bacnet(name: str, decode: Callable[[bytes], object]) -> Target:
    change = partial(_binary, inserts=TAGS)
    return Target(f"bacnet {name}", ROW_BACNET, SOUND, decode, (GarbageError,), 500, change, HANG_S)


gc.freeze()  # what is loaded is not looked through in the middle of a case
TARGETS: Final = (
    _modbus("tcp", ANSWERS, tcp),
    _modbus("rtu", HEARD, rtu),
    _modbus("words", (DATA,), words),
    *(_snmp(name, target) for name, target in snmp.targets().items()),
    *(_bacnet(name, decode) for name, decode in DECODERS.items()),
    Target("bacnet envelope", ROW_BACNET, [datagram(one) for one in SOUND], envelope, (), 500,
           _datagram, HANG_S),
    Target("mqtt message", ROW_MQTT, MESSAGES, message, (EntryError,), 4_000, long_s=HANG_S),
    Target("mqtt command", ROW_MQTT, COMMANDS, commands, (PayloadError,), 1_000, _binary, HANG_S),
)  # fmt: skip
STACK: Final = Place(
    "bacnet stack", ROW_BACNET, TO_THE_STACK, stack, 300, _datagram, renewed=20_000
)
