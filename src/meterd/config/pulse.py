"""From connections and meters to the pulse inputs that are counted."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from meterd.config.compile_meter import unit_of
from meterd.config.connections import Pulse
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import PULSE_RATES, UNREAD
from meterd.config.registers import transformers
from meterd.units import UNITS, Unit, to_amount


class PulsePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One input whose pulses are counted.

    line: of the chip, None for one that the kernel counts itself, in the file `path`.
    amount: base units that a pulse is worth. start: what the counter showed before its first
    pulse, base units. rate: the gauge that the spacing of pulses tells, "" for none, and
    `per_s`: its canonical units in one base unit a second.
    """

    quantity: str
    line: int | None = None
    path: str = ""
    amount: Fraction
    start: int = 0
    rate: str = ""
    per_s: Fraction = Fraction(0)
    debounce_ms: int = 0
    edge: str = "falling"
    bias: str = "as_is"


class PulseDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One meter that sends pulses."""

    meter: str
    points: tuple[PulsePoint, ...]
    every_ms: int = 10_000


class PulseLink(msgspec.Struct, frozen=True, kw_only=True):
    """A chip of this host, and the meters on its lines."""

    name: str
    chip: str = "/dev/gpiochip0"
    devices: tuple[PulseDevice, ...] = ()

    @property
    def protocol(self) -> str:
        """The word that the file has as `protocol:`, and its reader's name."""
        return "pulse"


def pulse_links(config: Config) -> tuple[PulseLink, ...]:
    """Every pulse connection that has a meter to read, in the file's order.

    Only for a configuration without errors.
    """
    found = [
        PulseLink(name=name, chip=link.chip, devices=_devices(config, name))
        for name, link in config.connections.items()
        if isinstance(link, Pulse)
    ]
    return tuple(link for link in found if link.devices)


def _devices(config: Config, name: str) -> tuple[PulseDevice, ...]:
    return tuple(
        PulseDevice(
            meter=meter.name,
            points=tuple(_point(meter, quantity) for quantity in meter.points),
            every_ms=meter.every,
        )
        for meter in config.meters
        if meter.connection == name and meter.status not in UNREAD
    )


def _point(meter: MeterConfig, quantity: str) -> PulsePoint:
    point, name = meter.points[quantity], unit_of(meter, quantity)
    unit, by = UNITS[name], transformers(meter, quantity, name)
    assert point.pulses_per_unit is not None, quantity
    worth = Fraction(point.scale or 1) * by / Fraction(point.pulses_per_unit)
    offset = Unit(unit.name, unit.dimension, unit.factor * by)
    rate, per_s = PULSE_RATES.get(quantity, ("", Fraction(0)))
    line = point.line if point.line is not None else line_of(meter.address)
    return PulsePoint(
        quantity=quantity,
        line=None if point.path else line,
        path=point.path or "",
        amount=worth * unit.factor,
        start=to_amount(point.offset or Decimal(0), offset),
        rate="" if point.path else rate,
        per_s=per_s,
        debounce_ms=point.debounce or 0,
        edge=point.edge or "falling",
        bias=point.bias or "as_is",
    )


def line_of(address: int | str | None) -> int | None:
    """A meter's address as the number of a line, None if it is none."""
    text = str(address)
    return int(text) if text.isascii() and text.isdecimal() else None
