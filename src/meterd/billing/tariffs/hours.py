"""Which version, zone and price of a tariff an instant belongs to, by the local wall clock.

A place is a stretch of time in which all three stay the same, within one local day: the hour
that occurs twice belongs to its zone both times. Versions change at the start of their day.
Source: reference/billing.md section 4, "TOU bucket".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from meterd.metering.calendar import DAY_MS, Calendar
from meterd.tariff import HOLIDAY, NOTHING, PriceSeries, Schedule, TariffSpec

HOUR_MS: Final = 3_600_000
Prices = Mapping[str, PriceSeries]
NO_PRICES: Final[Prices] = {}


class Place(NamedTuple):
    """[start_ms, end_ms) of version `version` (NOTHING before the first), in `zone`."""

    start_ms: int
    end_ms: int
    version: int
    zone: int


class Part(NamedTuple):
    """A version's part of a period: [start_ms, end_ms), its whole days, its share of them."""

    start_ms: int
    end_ms: int
    version: int
    days: int
    share: Fraction


class Zones:
    """One schedule on one calendar. Cheap for the day last asked for."""

    def __init__(self, schedule: Schedule, holidays: frozenset[date], calendar: Calendar) -> None:
        self._schedule = schedule
        self._holidays = holidays
        self._calendar = calendar
        self._day = (0, 0)
        self._starts: list[int] = []
        self._found: list[int] = []

    def at(self, at_ms: int) -> tuple[int, int, int]:
        """(start, end, zone) of the stretch of one zone that holds the instant."""
        if not self._day[0] <= at_ms < self._day[1]:
            self._turn(at_ms)
        index = bisect_right(self._starts, at_ms) - 1
        last = index + 1 == len(self._starts)
        end_ms = self._day[1] if last else self._starts[index + 1]
        return self._starts[index], end_ms, self._found[index]

    def _turn(self, at_ms: int) -> None:
        """Walk the hours of a day, and run those of one zone together."""
        calendar = self._calendar
        self._day = start_ms, end_ms = calendar.day(at_ms)
        day = calendar.date_of(start_ms)
        weekday = HOLIDAY if day in self._holidays else day.weekday()
        of = self._schedule.days[self._schedule.months[day.month - 1][weekday]]
        self._starts, self._found = [], []
        for at, hour in _hours(start_ms, end_ms, calendar):
            if not self._found or of[hour] != self._found[-1]:
                self._starts.append(at)
                self._found.append(of[hour])


def _hours(start_ms: int, end_ms: int, calendar: Calendar) -> list[tuple[int, int]]:
    """(instant, hour of the wall clock) wherever the hour may change, of one local day."""
    first = calendar.local(start_ms)
    if end_ms - start_ms == DAY_MS and not (first.hour or first.minute):
        return [(start_ms + hour * HOUR_MS, hour) for hour in range(24)]
    found = []
    while start_ms < end_ms:
        local = calendar.local(start_ms)
        found.append((start_ms, local.hour))
        start_ms += HOUR_MS - (local.minute * 60 + local.second) * 1000
    return found


class Hours:
    """A tariff's versions over one span of time [start_ms, end_ms)."""

    def __init__(
        self,
        versions: tuple[TariffSpec, ...],
        span: tuple[int, int],
        calendar: Calendar,
        prices: Prices = NO_PRICES,
    ) -> None:
        self.versions = versions
        self.span = span
        self.calendar = calendar
        self._prices = prices
        self.parts = parts(versions, span, calendar)
        self._zones = {
            part.version: Zones(spec.schedule, frozenset(spec.holidays), calendar)
            for part in self.parts
            if part.version != NOTHING
            for spec in (versions[part.version],)
        }

    def part(self, at_ms: int) -> Part:
        """The part that holds the instant; the first or last of what lies outside."""
        found = (part for part in self.parts if at_ms < part.end_ms)
        return next(found, self.parts[-1])

    def place(self, at_ms: int, length_ms: int) -> Place:
        """The stretch that holds the instant. length_ms: of one whose price is not known."""
        part = self.part(at_ms)
        if part.version == NOTHING:
            return Place(part.start_ms, part.end_ms, NOTHING, NOTHING)
        spec = self.versions[part.version]
        if spec.series:
            start_ms, end_ms = self._priced(spec.series, at_ms) or (at_ms, at_ms + length_ms)
            zone = 0
        else:
            start_ms, end_ms, zone = self._zones[part.version].at(at_ms)
        if spec.export is not None and spec.export.net == "hour":
            hour_ms = self._hour_ms(at_ms)
            start_ms, end_ms = max(start_ms, hour_ms), min(end_ms, hour_ms + HOUR_MS)
        start_ms, end_ms = max(start_ms, part.start_ms), min(end_ms, part.end_ms)
        return Place(start_ms, end_ms, part.version, zone)

    def _hour_ms(self, at_ms: int) -> int:
        """Where the hour of the wall clock began."""
        local = self.calendar.local(at_ms)
        return at_ms - (local.minute * 60 + local.second) * 1000 - local.microsecond // 1000

    def _priced(self, series: str, at_ms: int) -> tuple[int, int] | None:
        found = _row(self._prices.get(series), at_ms)
        return None if found is None else (found[0], found[1])

    def price(self, version: int, at_ms: int) -> Decimal | None:
        """What a kWh costs at an instant by the version's price series; None if unknown."""
        found = _row(self._prices.get(self.versions[version].series), at_ms)
        return None if found is None else found[2]


def _row(series: PriceSeries | None, at_ms: int) -> tuple[int, int, Decimal | None] | None:
    """(from, until, price) of the row of a series that holds at an instant."""
    if series is None:
        return None
    index = bisect_right(series.times_ms, at_ms) - 1
    if index < 0:
        return None
    last = index + 1 == len(series.times_ms)
    start_ms = series.times_ms[index]
    end_ms = series.end_ms if last else series.times_ms[index + 1]
    if series.step_ms:
        end_ms = min(end_ms, start_ms + series.step_ms)
    return (start_ms, end_ms, series.rates[index]) if at_ms < end_ms else None


def parts(
    versions: tuple[TariffSpec, ...], span: tuple[int, int], calendar: Calendar
) -> tuple[Part, ...]:
    """The versions that hold in [start, end), oldest first; they tile it.

    Shares are of local days, so that what is charged by the month is split by days.
    """
    start_ms, end_ms = span
    starts = [
        start_ms if spec.valid_from is None else max(start_ms, calendar.day_start(spec.valid_from))
        for spec in versions
    ]
    edges = [(start_ms, NOTHING), *((at, n) for n, at in enumerate(starts)), (end_ms, NOTHING)]
    held = [
        (first, min(after, end_ms), version)
        for (first, version), (after, _next) in pairwise(edges)
        if first < min(after, end_ms)
    ]
    days = [days_of(calendar, first, last) for first, last, _version in held]
    whole = sum(days)
    return tuple(
        Part(first, last, version, count, Fraction(count, whole))
        for (first, last, version), count in zip(held, days, strict=True)
    )


def days_of(calendar: Calendar, start_ms: int, end_ms: int) -> int:
    """Local days that begin in [start, end)."""
    first, last = calendar.date_of(start_ms), calendar.date_of(end_ms - 1)
    return (last - first).days + 1
