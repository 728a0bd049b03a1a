"""Current loops of 4 to 20 mA: an IIO channel, or any file that holds a number.

    connections:
      loops: {protocol: analog}
    meters:
      - name: boiler
        connection: loops
        points:
          active_power: {path: /sys/bus/iio/devices/iio:device0/in_current0_raw,
                         input: [4, 20], output: [0, 500], unit: kW}

A loop that carries too little is broken, one that carries too much is short or its
transmitter reports a fault (NAMUR NE 43): its value is absent, never 0, and counted by reason.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import msgspec
import structlog

from meterd.config.analog import AnalogDevice, AnalogLink, AnalogPoint
from meterd.events import Reading
from meterd.readers.exact import Number, line
from meterd.readers.line import (
    LinkStats,
    PlannedRequest,
    ReadFailed,
    Registers,
    Surroundings,
    tally,
)
from meterd.readers.number_file import Aside, converted
from meterd.readers.polling import Poller

log = structlog.get_logger()

Values = dict[str, Number | ReadFailed]
"""Quantity -> its value, or why there is none."""


class AnalogLine:
    """The files of one `AnalogLink` (see `line.Line`)."""

    def __init__(self, link: AnalogLink, around: Surroundings, stats: LinkStats) -> None:
        self._around = around
        self._stats = stats
        self._aside = {device.meter: Aside(link.timeout_ms) for device in link.devices}
        self._wrong: dict[tuple[str, str], str] = {}

    async def open(self) -> None:
        """Nothing stays open."""

    async def read(self, device: AnalogDevice) -> Reading:
        """One reading of one meter; ReadFailed if none of its loops is well."""
        values = await self._aside[device.meter].do(partial(_values, device.points))
        failures = {q: value for q, value in values.items() if isinstance(value, ReadFailed)}
        for failure in failures.values():
            tally(self._stats.faults, failure.reason)
        if len(failures) == len(values):
            raise next(iter(failures.values()))
        self._tell(device, failures)
        good = {q: value for q, value in values.items() if not isinstance(value, ReadFailed)}
        kept = {point.quantity for point in device.points if point.register}
        clock = self._around.clock
        return Reading(
            meter=device.meter,
            at_ms=clock.now_ms(),
            registers={q: int(value) for q, value in good.items() if q in kept},
            gauges={q: float(value) for q, value in good.items() if q not in kept},
            missing=tuple(failures),
            boot=clock.boot,
            mono_ms=clock.mono_ms(),
        )

    def close(self) -> None:
        """Nothing stays open."""

    def _tell(self, device: AnalogDevice, failures: dict[str, ReadFailed]) -> None:
        """Say what is wrong with some of the inputs, once until it is something else."""
        for point in device.points:
            key, failure = (device.meter, point.quantity), failures.get(point.quantity)
            reason = "" if failure is None else failure.reason
            before, self._wrong[key] = self._wrong.get(key, ""), reason
            if reason == before:
                continue
            if failure is None:
                log.info("Analog input is well again.", meter=key[0], quantity=key[1])
            else:
                why = str(failure)
                log.warning("Analog input has no value.", meter=key[0], quantity=key[1], why=why)


def _values(points: tuple[AnalogPoint, ...]) -> Values:
    """Every point, read now."""
    found: Values = {}
    for point in points:
        try:
            found[point.quantity] = value(point)
        except ReadFailed as failure:
            found[point.quantity] = failure.with_traceback(None)
    return found


def value(point: AnalogPoint) -> Number:
    """A point's value now: base units of a counter, else canonical ones. Raises ReadFailed."""
    seen = converted(point.path)
    if point.low is not None and seen < point.low:
        raise ReadFailed("wire_break", f"{point.path}: {float(seen):g} is below the loop's range")
    if point.high is not None and seen > point.high:
        raise ReadFailed("over_range", f"{point.path}: {float(seen):g} is above the loop's range")
    whole = seen * point.times + point.plus
    kept = line(whole, whole * 0, point.register)(1)
    if kept is None:
        raise ReadFailed("no_number", f"{point.path}: {float(seen):g} is too large to keep")
    return kept


async def run(
    link: AnalogLink, _registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Read a link for ever; ends by cancellation."""
    await Poller(AnalogLine(link, around, stats), link.devices, around, stats).run()


async def read_once(
    link: AnalogLink, device: AnalogDevice, _registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one meter of the link; ReadFailed if there is none."""
    alone = msgspec.structs.replace(link, devices=(device,))
    return await AnalogLine(alone, around, LinkStats(link.name)).read(device)


def plan_cycle(_link: AnalogLink) -> list[PlannedRequest]:
    """Nothing is asked over a wire."""
    return []
