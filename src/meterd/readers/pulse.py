"""Pulse outputs on GPIO lines of this host, and inputs that the kernel counts itself.

    connections:
      gpio: {protocol: pulse, chip: /dev/gpiochip0}
    meters:
      - name: water_1
        connection: gpio
        points: {volume: {line: 17, pulses_per_unit: 100, debounce: 20ms, bias: pull_up}}
      - name: solar
        connection: gpio
        points:
          energy_import: {path: /sys/bus/counter/devices/counter0/count0/count,
                          pulses_per_unit: 1000}

A line has no count of its own, so its counter goes on from what is committed of it. Pulses
that come while nobody listens are gone: that time is declared a loss window. A counter of
the kernel's stands there until it is read, and begins anew when the host boots.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from meterd.config.pulse import PulseDevice, PulseLink, PulsePoint
from meterd.events import Reading
from meterd.orders import LossDeclared
from meterd.readers import kernel_counter
from meterd.readers.edges import RECORD, Lines, Spacing
from meterd.readers.line import LinkStats, PlannedRequest, ReadFailed, Registers, Surroundings
from meterd.readers.polling import Poller

READ_BYTES: Final = 64 * RECORD.size
"""Taken at once; what is left wakes us again."""

Request = Callable[[str, Iterable[PulsePoint]], Any]
"""Requests a chip's lines: `gpio_chip.request`."""


def _by_gpiod(chip: str, points: Iterable[PulsePoint]) -> Any:
    """The lines of a chip; gpiod is there only for who has one."""
    try:
        return import_module("meterd.readers.gpio_chip").request(chip, points)
    except ImportError as error:
        text = "GPIO needs gpiod: pip install 'meterd[gpio]'"
        raise ReadFailed("no_gpiod", text, link_down=True) from error
    except (OSError, ValueError) as error:
        text = f"{chip}: {getattr(error, 'strerror', None) or error}"
        raise ReadFailed("open", text, link_down=True) from error


class PulseLine:
    """The line of one `PulseLink` (see `line.Line`): a chip's lines, open all the time."""

    def __init__(
        self,
        link: PulseLink,
        around: Surroundings,
        stats: LinkStats,
        request: Request = _by_gpiod,
    ) -> None:
        self._link = link
        self._around = around
        self._stats = stats
        self._request = request
        self._points = [point for d in link.devices for point in d.points if point.line is not None]
        self._requested: Any = None
        self._lost = ""
        self._lines = Lines(())
        self._heard_ms = dict.fromkeys((point.line for point in self._points), 0)
        self._starts: dict[tuple[str, str], int] = {}
        self._spacings: dict[tuple[str, str], Spacing] = {}
        self._kernel = {d.meter: kernel_counter.Counters(d, around) for d in link.devices}

    # -- the chip ---------------------------------------------------------------------

    async def open(self) -> None:
        """Listen, then go on from what is committed; ReadFailed with `link_down`."""
        if self._requested is not None or not self._points:
            return
        self._requested = self._request(self._link.chip, self._points)
        self._lines = Lines(point.line for point in self._points if point.line is not None)
        self._starts, self._spacings = {}, {}
        os.set_blocking(self._requested.fd, False)
        asyncio.get_running_loop().add_reader(self._requested.fd, self._hear)
        self._stats.opened += 1
        opened_ms = self._around.clock.now_ms()
        try:
            for device in self._link.devices:
                await self._resume(device, opened_ms)
        except BaseException as error:
            self._let_go()
            if isinstance(error, asyncio.QueueFull):
                raise ReadFailed("queue_full", "the queue is full", link_down=True) from None
            raise

    async def _resume(self, device: PulseDevice, opened_ms: int) -> None:
        """Where each counter of a meter goes on, and that it was not followed until now."""
        followed = [point for point in device.points if point.line is not None]
        if not followed:
            return
        known = await self._around.counters(device.meter)
        self._starts |= {
            (device.meter, point.quantity): known.get(point.quantity, point.start)
            for point in followed
        }
        quantities = tuple(point.quantity for point in followed if point.quantity in known)
        if quantities:
            why = "nobody listened to the line"
            self._around.lose(LossDeclared(device.meter, opened_ms, quantities, why))
        reading = self._counted(device)
        assert reading is not None, device.meter
        self._around.emit(reading)

    def _hear(self) -> None:
        """The kernel has records for us."""
        counts = {number: edges.count for number, edges in self._lines.by_number.items()}
        try:
            data = os.read(self._requested.fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lost = error.strerror or str(error)
        else:
            self._lost = "" if data else "it has closed the lines"
            self._lines.take(data)
        if self._lost:
            asyncio.get_running_loop().remove_reader(self._requested.fd)
        now_ms = self._around.clock.mono_ms()
        for number, edges in self._lines.by_number.items():
            if edges.count != counts[number]:
                self._heard_ms[number] = now_ms

    def close(self) -> None:
        """Say what was counted last, and give the lines back."""
        if self._requested is not None:
            for device in self._link.devices:
                reading = self._counted(device)
                if reading is not None:
                    try:
                        self._around.emit(reading)
                    except asyncio.QueueFull:
                        self._stats.dropped += 1
            self._let_go()

    def _let_go(self) -> None:
        asyncio.get_running_loop().remove_reader(self._requested.fd)
        self._requested.release()
        self._requested, self._lost = None, ""

    # -- a meter ----------------------------------------------------------------------

    async def read(self, device: PulseDevice) -> Reading:
        """One reading of one meter; ReadFailed if there is none."""
        if self._lost:
            text = f"{self._link.chip}: {self._lost}"
            self.close()
            raise ReadFailed("line_lost", text, link_down=True)
        if self._points:
            await self.open()
        counted = self._counted(device)
        return await self._kernel[device.meter].read(counted)

    def _counted(self, device: PulseDevice) -> Reading | None:
        """What a meter's lines have counted; None where it has none, or they were not resumed."""
        registers: dict[str, int] = {}
        gauges: dict[str, float] = {}
        clock = self._around.clock
        for point in device.points:
            start = self._starts.get((device.meter, point.quantity))
            if point.line is None or start is None:
                continue
            registers[point.quantity] = start + int(
                self._lines.by_number[point.line].count * point.amount
            )
            rate = self._rate(device.meter, point)
            if rate is not None:
                gauges[point.rate] = rate
        if not registers:
            return None
        return Reading(
            meter=device.meter,
            at_ms=clock.now_ms(),
            registers=registers,
            gauges=gauges,
            boot=clock.boot,
            mono_ms=clock.mono_ms(),
        )

    def _rate(self, meter: str, point: PulsePoint) -> float | None:
        """The power, or the flow, that the spacing of a line's pulses tells."""
        if not point.rate or point.line is None:
            return None
        spacing = self._spacings.setdefault((meter, point.quantity), Spacing())
        silent_ms = self._around.clock.mono_ms() - self._heard_ms[point.line]
        per_s = spacing.per_s(self._lines.by_number[point.line], silent_ms)
        return None if per_s is None else float(per_s * point.amount * point.per_s)


async def run(
    link: PulseLink, _registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Count for ever; ends by cancellation, with the last count told."""
    line = PulseLine(link, around, stats)
    with suppress(ReadFailed):  # then the poll loop finds it out, says so and tries again
        await line.open()
    await Poller(line, link.devices, around, stats).run()


async def read_once(
    link: PulseLink, device: PulseDevice, _registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of the kernel's counters; a line has no count that could be asked for."""
    if any(point.line is not None for point in device.points):
        text = f"{link.chip}: a line has no count; `meterd meters` shows what the daemon counted"
        raise ReadFailed("no_count", text)
    return await kernel_counter.Counters(device, around).read(None)


def plan_cycle(_link: PulseLink) -> list[PlannedRequest]:
    """Nothing is asked over a wire."""
    return []
