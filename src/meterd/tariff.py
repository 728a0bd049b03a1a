"""A tariff as the core reads it: the configuration's own form, a URDB record and a series
of prices are all compiled to this, every default filled in.

Rates are Decimal per kWh, kvarh or unit of demand. All of it is stored with each closed period.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

NOTHING: Final = -1
"""The zone of an hour in which no rate holds."""
HOLIDAY: Final = 7
"""A holiday's place in a week that begins with Monday, 0."""
DEMAND_UNITS: Final = {"kw": "kW", "kva": "kVA", "kvar": "kvar"}
"""A demand's quantity and how it is printed."""


class Schedule(msgspec.Struct, frozen=True, array_like=True):
    """Which zone an hour of the local wall clock belongs to.

    days: every distinct day, the zone of each of its 24 hours. months: month -> Monday to
    Sunday and a holiday -> which of the days.
    """

    days: tuple[tuple[int, ...], ...]
    months: tuple[tuple[int, ...], ...]

    def zone(self, month: int, weekday: int, hour: int) -> int:
        """month: 1..12. weekday: 0 for Monday, HOLIDAY for a holiday. hour: 0..23."""
        return self.days[self.months[month - 1][weekday]][hour]

    @property
    def any_time(self) -> bool:
        """Whether every month is in zone 0 at all hours or at none."""
        weeks = [{zone for day in week for zone in self.days[day]} for week in self.months]
        return all(week == {0} or 0 not in week for week in weeks)


ALWAYS: Final = Schedule(((0,) * 24,), ((0,) * 8,) * 12)


class Tier(msgspec.Struct, frozen=True):
    """A block at one rate. up_to: where it ends, counted from 0; None for the last.

    unit: of up_to: kWh, "kWh daily" (times the days), kWh/kW (times the billing demand),
    "kWh/kW daily" (times both); of demand kW or kVA. sell: what exported energy is paid.
    """

    rate: Decimal
    up_to: Decimal | None = None
    unit: str = "kWh"
    sell: Decimal | None = None


class EnergyRate(msgspec.Struct, frozen=True):
    """A price of energy; it holds where the tariff's schedule has its number."""

    name: str
    tiers: tuple[Tier, ...]


class Ratchet(msgspec.Struct, frozen=True):
    """What earlier peaks do to the billed demand: it is no less than a part of them.

    percents: of a peak, by the calendar month it was set in, January first. months: how many
    are looked back on. minimum_kw: never less than that. prior_kw: peaks of the twelve
    calendar months before the bill's first period, or ().
    """

    percents: tuple[Decimal, ...]
    months: int
    minimum_kw: Decimal = Decimal(0)
    prior_kw: tuple[Decimal, ...] = ()


class DemandRate(msgspec.Struct, frozen=True):
    """A price of the highest demand there was in its hours (zone 0 of its schedule).

    quantity: kw, kva or kvar. daily: of that of each day, and they are added up.
    """

    name: str
    tiers: tuple[Tier, ...]
    window_ms: int
    step_ms: int
    quantity: str = "kw"
    schedule: Schedule = ALWAYS
    ratchet: Ratchet | None = None
    daily: bool = False

    @property
    def unit(self) -> str:
        """What it is measured in."""
        return DEMAND_UNITS[self.quantity]


class Amount(msgspec.Struct, frozen=True):
    """Money per "month" (a billing period), "day" or "year"."""

    amount: Decimal
    per: str = "month"


class PowerFactor(msgspec.Struct, frozen=True):
    """What a low power factor does: "scale_demand", or "excess_reactive" at `rate` per kvarh.

    ratio: kvarh per kWh that are free of charge.
    """

    rule: str
    below: Decimal = Decimal(1)
    rate: Decimal = Decimal(0)
    ratio: Decimal = Decimal(0)


class Export(msgspec.Struct, frozen=True):
    """What exported energy is paid. rate: None where the tiers say it (`sell`).

    net: import and export offset each other within an "hour", the "period", or not ("none").
    """

    rate: Decimal | None = None
    net: str = "none"


class Tax(msgspec.Struct, frozen=True):
    """A tax or levy: a percentage of what stands above it, or money per kWh."""

    name: str
    percent: Decimal | None = None
    per_kwh: Decimal | None = None


class TariffSpec(msgspec.Struct, frozen=True):
    """One version of a tariff.

    valid_from: its first local day, None for ever. schedule: zone -> place in `energy`.
    series: the name of the price series that prices energy instead, "" for none.
    chronological: tiers are filled in the order of time, not in proportion.
    holidays: priced as the schedule says. fuel: per kWh by calendar month, or ().
    """

    name: str
    currency: str
    rounding: str = "half_up"
    valid_from: date | None = None
    schedule: Schedule = ALWAYS
    energy: tuple[EnergyRate, ...] = ()
    series: str = ""
    demand: tuple[DemandRate, ...] = ()
    chronological: bool = False
    holidays: tuple[date, ...] = ()
    fixed: tuple[Amount, ...] = ()
    minimum: tuple[Amount, ...] = ()
    power_factor: PowerFactor | None = None
    export: Export | None = None
    fuel: tuple[Decimal, ...] = ()
    taxes: tuple[Tax, ...] = ()

    @property
    def prices_energy(self) -> bool:
        """Whether it says what energy costs; else the sources' own rates do."""
        return bool(self.energy or self.series)


class PriceSeries(msgspec.Struct, frozen=True):
    """Prices per kWh over time. The price of times_ms[n] holds until the next, the last until
    `end_ms`; None: what it was is not known. step_ms: no price holds longer than that, 0 for
    until the next.
    """

    times_ms: tuple[int, ...]
    rates: tuple[Decimal | None, ...]
    end_ms: int
    step_ms: int = 0
