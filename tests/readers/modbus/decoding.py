"""What bytes on the wire mean, for the tests of words and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meterd.config.points import ModbusPoint
from meterd.readers.amounts import Readout, Scaled, empty
from meterd.readers.modbus.words import decoder


def read(
    points: Sequence[ModbusPoint], wire: str | bytes, registers: Sequence[str] = ()
) -> Readout:
    """What the bytes from the lowest address on mean."""
    data = bytes.fromhex(wire) if isinstance(wire, str) else wire
    out = empty()
    decoder(points, min(p.address for p in points), registers)(b"head" + data, 4, out)
    Scaled(points, registers).finish(out)
    return out


def value(one: ModbusPoint, wire: str | bytes) -> object:
    """The value of a single point, or None where it is absent."""
    out = read([one], wire)
    places: list[Mapping[str, object]] = [out.registers, out.gauges, out.texts]
    found = [place[one.quantity] for place in places if one.quantity in place]
    return found[0] if found else None


def on_the_wire(raw: bytes, word_order: str, byte_order: str) -> bytes:
    """Big-endian bytes as a device of these orders sends them."""
    words = [raw[at : at + 2] for at in range(0, len(raw), 2)]
    if word_order == "little":
        words.reverse()
    if byte_order == "little":
        words = [word[::-1] for word in words]
    return b"".join(words)
