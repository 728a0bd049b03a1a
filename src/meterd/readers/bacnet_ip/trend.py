"""What a device logged while nobody read it: rows of its trend logs, as readings of their time.

After a start or an outage the rows newer than the meter's last reading are told before the
new reading, in order; the law judges them like any other. A row's time is the device's own
clock, set right by what it shows now, so a log across a change to or from summer time is an
hour off on one side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from meterd.config.bacnet import BacnetDevice, BacnetPoint
from meterd.config.bacnet_names import object_name
from meterd.events import Reading
from meterd.readers.bacnet_ip import logs, services
from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.directory import ANY_INSTANCE
from meterd.readers.bacnet_ip.logs import Row
from meterd.readers.bacnet_ip.meaning import DEVICE, FAULTS
from meterd.readers.bacnet_ip.presets import Convert
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.line import ReadFailed, Surroundings
from meterd.units import REGISTERS

log = structlog.get_logger()

OUTAGE_MS: Final = 60_000
"""A time without readings that is looked up in the log: this, or two polls if they are more."""
PAGE_ROWS: Final = 40
PAGES_MAX: Final = 250
"""Of one log: ten thousand rows, a hundred days of quarters of an hour."""
_LOCAL_DATE, _LOCAL_TIME = 56, 57
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


async def _any() -> int:
    return ANY_INSTANCE


class Past:
    """The trend logs of one device, and up to when they are known."""

    def __init__(
        self,
        device: BacnetDevice,
        registers: frozenset[str],
        around: Surroundings,
        instance: Callable[[], Awaitable[int]] = _any,
    ) -> None:
        """instance: the device's own, whose clock timed the rows."""
        self._device = device
        self._instance = instance
        self._registers = registers | REGISTERS.keys()
        self._around = around
        self._points = [point for point in device.points if point.trend is not None]
        self._known_ms: int | None = None

    async def fill(self, reading: Reading, ask: Ask, convert: Convert) -> None:
        """Tell what was logged between the last reading and this one."""
        if not self._points:
            return
        since_ms = self._known_ms
        if since_ms is None:
            since_ms = self._around.last_ms(self._device.meter)
        self._known_ms = reading.at_ms
        if since_ms is None or reading.at_ms - since_ms <= max(
            OUTAGE_MS, 2 * self._device.every_ms
        ):
            return
        rows: dict[int, dict[str, int | float]] = {}
        try:
            began_ms = self._around.clock.mono_ms()
            shown_ms = await _device_clock_ms(ask, await self._instance())
            behind_ms = reading.at_ms + self._around.clock.mono_ms() - began_ms - shown_ms
            for point in self._points:
                for at_ms, raw in await _logged(point, ask, (since_ms, reading.at_ms), behind_ms):
                    value = convert(point.quantity, raw)
                    if value is not None:
                        rows.setdefault(at_ms, {})[point.quantity] = value
            self._tell(rows)
        except (RefusedError, ReadFailed, GarbageError, asyncio.QueueFull) as error:
            why = str(error) or "the queue is full"
            log.warning("A trend log is left out.", meter=self._device.meter, why=why)

    def _tell(self, rows: dict[int, dict[str, int | float]]) -> None:
        for at_ms, values in sorted(rows.items()):
            registers = {q: int(n) for q, n in values.items() if q in self._registers}
            gauges = {q: float(n) for q, n in values.items() if q not in registers}
            self._around.emit(Reading(self._device.meter, at_ms, registers, gauges))
        if rows:
            log.info("A trend log fills a gap.", meter=self._device.meter, rows=len(rows))


async def _device_clock_ms(ask: Ask, instance: int) -> int:
    """What the device's clock shows, as if it were UTC."""
    parts = []
    for number in (_LOCAL_DATE, _LOCAL_TIME):
        request = services.read_property((DEVICE, instance), number)
        parts.append(services.property_read(await ask(services.READ_PROPERTY, request)))
    date, time = parts
    if not (isinstance(date, bytes) and isinstance(time, bytes)):
        raise GarbageError("its clock shows no date and time")
    return clock_ms(date, time)


async def _logged(
    point: BacnetPoint, ask: Ask, span: tuple[int, int], behind_ms: int
) -> list[tuple[int, int | float]]:
    """The good rows of a point's log in a span: (time, raw number)."""
    assert point.trend is not None
    since = wire_clock(span[0] - behind_ms)
    found: list[tuple[int, int | float]] = []
    for _ in range(PAGES_MAX):
        request = logs.read_range(point.trend, since, PAGE_ROWS)
        page = logs.range_read(await ask(logs.READ_RANGE, request))
        if not page or (page[-1].date, page[-1].time) == since:
            return found
        found += [
            (at_ms, row.value)
            for row in page
            if row.value is not None
            and _is_good(row)
            and span[0] < (at_ms := clock_ms(row.date, row.time) + behind_ms) < span[1]
        ]
        since = (page[-1].date, page[-1].time)
    rows = PAGES_MAX * PAGE_ROWS
    raise GarbageError(f"{object_name(point.trend)} has more than {rows} rows since the last one")


def _is_good(row: Row) -> bool:
    return not any(row.flags[FAULTS])


def clock_ms(date: bytes, time: bytes) -> int:
    """BACnet's date and time as if it were UTC; GarbageError for what is not fully said."""
    try:
        year, month, day, _weekday = date
        hour, minute, second, hundredth = time
        at = datetime(1900 + year, month, day, hour, minute, second, hundredth * 10_000, UTC)
    except ValueError as error:
        raise GarbageError(f"{date.hex()} {time.hex()} is no time") from error
    return (at - _EPOCH) // _MS


def wire_clock(at_ms: int) -> tuple[bytes, bytes]:
    """A device's date and time, to the hundredth of a second before."""
    at = _EPOCH + at_ms * _MS
    date = bytes((at.year - 1900, at.month, at.day, at.isoweekday()))
    return date, bytes((at.hour, at.minute, at.second, at.microsecond // 10_000))
