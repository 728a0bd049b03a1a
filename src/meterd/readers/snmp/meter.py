"""A meter in an SNMP agent: which objects it needs, and the reading they make. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from meterd.config.snmp import SnmpDevice, SnmpPoint
from meterd.events import Reading
from meterd.readers.amounts import REGISTER, Readout, Scaled, empty
from meterd.readers.line import ReadFailed
from meterd.readers.snmp import ber
from meterd.readers.snmp.cycle import Cycle
from meterd.readers.snmp.pdu import ABSENT
from meterd.readers.snmp.rows import RowKey, row_key
from meterd.readers.snmp.values import Convert, converter
from meterd.units import REGISTERS

PLACES_MAX: Final = 4096
"""Compiled points that are kept for the next meter of the same profile."""


class Place(NamedTuple):
    """An object (of a row: its column), and where its value goes in a readout."""

    oid: bytes
    quantity: str
    place: int
    convert: Convert


@lru_cache(PLACES_MAX)
def _place(point: SnmpPoint, register: bool) -> Place:
    """The same for all meters of a profile, which spares memory and its caches."""
    return Place(ber.oid(point.oid), point.quantity, *converter(point, register))


class Meter:
    """One device, compiled."""

    def __init__(self, device: SnmpDevice, registers: Collection[str]) -> None:
        """registers: quantities kept as amounts besides the canonical counters."""
        self.name = device.meter
        counters = REGISTERS.keys() | set(registers)
        self.places: list[Place] = []
        self.rows: dict[RowKey, list[Place]] = {}
        for point in device.points:
            place = _place(point, point.quantity in counters)
            if point.row is None:
                self.places.append(place)
            else:
                self.rows.setdefault(row_key(point.row), []).append(place)
        self._quantities = tuple(point.quantity for point in device.points)
        self._scaled = Scaled(device.points, registers)

    def reading(
        self, read: Cycle, places: Iterable[Place], tags: dict[bytes, int], boot: str
    ) -> Reading:
        """The reading of a cycle; ReadFailed if nothing has a value.

        tags: the type that each counter was first seen with. A counter that comes with
        another is absent: its width, and so where it wraps, is not the one it had.
        """
        out = _worth(read, places, tags)
        self._scaled.finish(out)
        missing = self._missing(out)
        if len(missing) == len(self._quantities):
            raise ReadFailed("refused", f"{self.name}: the agent has none of its objects")
        serial, uptime_s = out.texts.pop("serial_number", None), out.gauges.pop("uptime", None)
        if uptime_s is None and read.ticks is not None and "uptime" not in self._quantities:
            uptime_s = read.ticks / 100
        return Reading(
            meter=self.name,
            at_ms=read.at_ms,
            registers=out.registers,
            gauges=out.gauges,
            missing=missing,
            serial=serial,
            uptime_s=uptime_s,
            boot=boot,
            mono_ms=read.mono_ms,
            texts=out.texts,
        )

    def _missing(self, out: Readout) -> tuple[str, ...]:
        known: Mapping[str, object] = {**out.registers, **out.gauges, **out.texts}
        if len(known) == len(self._quantities):
            return ()
        return tuple(quantity for quantity in self._quantities if quantity not in known)


def _worth(read: Cycle, places: Iterable[Place], tags: dict[bytes, int]) -> Readout:
    """What the values of a cycle are worth, each in its place."""
    out, values = empty(), read.values
    for oid, quantity, place, convert in places:
        value = values.get(oid)
        if value is None:
            continue
        _, tag, content = value
        if tag in ABSENT or (place == REGISTER and tags.setdefault(oid, tag) != tag):
            continue
        worth = convert(tag, content)
        if worth is not None:
            out[place][quantity] = worth  # type: ignore[assignment]  # the place fits
    return out
