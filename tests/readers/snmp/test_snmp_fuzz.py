"""Hostile datagrams: none kills, hangs or is believed (failures, 4.6)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest
from tests.readers.snmp.park import SILENCE_MS, objects, park
from tests.readers.snmp.test_snmp_usm import BODY, met, reply

from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError, oid, tlv
from meterd.readers.snmp.messages import Community, ForeignError, ReportedError
from meterd.sim.snmp_agent import Fault

HANG_NS = 50_000_000
CASES = 4_000
VARBIND = pdus.Varbind(oid("1.3.6.1.2.1.1.3.0"), 0x43, b"\5")
GOOD = Community("2c", "public").seal(
    pdus.pdu(pdus.RESPONSE, 1 << 25, pdus.saying([VARBIND] * 4)), 0
)


def mutants(good: bytes, seed: int) -> Iterator[bytes]:
    """Datagrams that are nearly sound, and some that never were."""
    chance = random.Random(seed)
    for _ in range(CASES):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data)) if data else 0
            kind = chance.randrange(5)
            if kind == 0 and data:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at : at + chance.randint(1, 20)]
            elif kind == 2:
                data[at:at] = chance.randbytes(chance.randint(1, 20))
            elif kind == 3:
                data = data[:at]
            elif data:
                data[at] ^= 1 << chance.randrange(8)
        yield bytes(data)
    yield from (
        b"\x30\x80" * 30_000,
        b"\x30\x84\xff\xff\xff\xff" + bytes(60_000),
        tlv(0x30, b"\x02\x01\x01\x04\x06public" + tlv(0xA2, tlv(0x30, b"") * 20_000)),
        tlv(0x30, b"\x02\x01\x01\x04\x06public" + tlv(0xA2, b"\x02\x01\x05" * 3 + tlv(
            0x30, tlv(0x30, b"\x06\x01\x2b\x05\x00") * 9_000))),
        chance.randbytes(65_507),
    )  # fmt: skip


def opened(open_: Callable[[bytes], object], data: bytes) -> None:
    began = time.process_time_ns()
    try:
        open_(data)
    except (BerError, ForeignError, ReportedError):
        return
    finally:
        assert time.process_time_ns() - began < HANG_NS, data[:40]


@pytest.mark.parametrize("seed", range(3))
def test_d13_no_datagram_kills_or_hangs_us(seed: int) -> None:
    sealing, shape = Community("2c", "public"), pdus.shape_of((oid("1.3.6.1.2.1.1.3.0"),) * 4)
    for data in mutants(GOOD, seed):
        opened(lambda data: sealing.open(data, 0, shape), data)
    usm = met()
    signed = reply(usm.seal(BODY, 0))
    for data in mutants(signed, seed):
        opened(lambda data: usm.open(data, 0), data)
        opened(usm.hear, data)


@pytest.mark.parametrize("seed", range(2))
async def test_a_hostile_agent_gives_nothing_or_the_truth(seed: int) -> None:
    chance = random.Random(seed)
    faults = [
        Fault(raw=data) for data in list(mutants(GOOD, seed))[:: CASES // 40]
    ] + [
        Fault(before=GOOD, twice=True), Fault(partial=2, reorder=True), Fault(request_id=-1),
        Fault(error=5, index=2), Fault(error=1), Fault(null=True), Fault(silent=True),
        Fault(type=0xA8),
    ]  # fmt: skip
    truth = {f"own_{n}": 100.0 + n for n in range(1, 5)}
    async with park(objects(), timeout_ms=SILENCE_MS // 3) as site:
        site.agent.misbehave = lambda _: chance.choice(faults) if chance.random() < 0.5 else None
        for _ in range(40):
            values = await site.read()
            assert isinstance(values, str) or values.items() <= truth.items()
        site.agent.misbehave = None
        await site.read()
        site.clock.now += 120_000
        assert await site.read() == truth
