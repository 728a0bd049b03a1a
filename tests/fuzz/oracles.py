"""What is sound, said without the code that is tried."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from meterd.readers.modbus.frames import Request


def expect_sound(registers: Mapping[str, object], gauges: Mapping[str, float]) -> None:
    """Nothing is booked from garbage: amounts are whole numbers, and values are numbers."""
    assert all(type(amount) is int and abs(amount) < 1 << 63 for amount in registers.values())
    assert all(map(isfinite, gauges.values())), "no value is a NaN, or without end"


def expect_tcp(frame: bytes, tid: int, asked: Request) -> None:
    """A frame that was taken for the answer is one, as the guide draws it."""
    body = 2 * asked.count
    assert int.from_bytes(frame[:2], "big") == tid, "another transaction"
    assert frame[2:4] == b"\0\0", "another protocol"
    assert int.from_bytes(frame[4:6], "big") == len(frame) - 6 == 3 + body, "another length"
    assert frame[6:9] == bytes((asked.unit, asked.function, body)), "another question"


def expect_rtu(reply: bytes, unit: int) -> None:
    """A reply that was found is whole, by its checksum, bit by bit."""
    crc = 0xFFFF
    for byte in reply[:-2]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    assert reply[-2:] == crc.to_bytes(2, "little"), "a checksum that does not hold"
    assert reply[0] == unit, "another unit"
