"""Tariffs: our own form, an OpenEI URDB record with what it lacks, or a series of prices.

office: {currency: EUR, fixed: {per_month: "45.00"}, energy: [{name: base, rate: "0.21"}]}
us-utility: {urdb: tariffs/utility.json, tier_allocation: chronological}
spot: {currency: EUR, price_series: prices.csv}
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from meterd.config.values import (
    Content,
    Currency,
    Duration,
    Factor,
    NotNegative,
    Percent,
    Positive,
)

_SPANS = r"^ *[0-9]{1,2}(-[0-9]{1,2})?( *, *[0-9]{1,2}(-[0-9]{1,2})?)* *$"
_DAY = "(mon|tue|wed|thu|fri|sat|sun|holiday)"
Spans = Annotated[
    str,
    Meta(pattern=_SPANS, extra={"remedy": "Write numbers and ranges, as in 6-9 or 10-14,20-22."}),
]
Days = Annotated[
    str,
    Meta(
        pattern=f"^ *{_DAY}(-{_DAY})?( *, *{_DAY}(-{_DAY})?)* *$",
        extra={"remedy": "Write days, as in mon-fri or sat,sun,holiday."},
    ),
]


class TariffError(ValueError):
    """A tariff that cannot be compiled. key: at which of its keys it stands."""

    def __init__(self, key: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.key = key
        self.remedy = remedy


class FixedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of money per billing period, per day or per year. One of the three."""

    per_month: Decimal | None = None
    per_day: Decimal | None = None
    per_year: Decimal | None = None


class MinimumConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The least that a period comes to before taxes, or a year. Both may be said."""

    per_month: Decimal | None = None
    per_day: Decimal | None = None
    per_year: Decimal | None = None


class WhenConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a rate holds. months inclusive, hours half-open; both may wrap (10-5, 22-6)."""

    months: int | Spans | None = None
    days: Days | None = None
    hours: int | Spans | None = None


class TierConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block of energy at one rate. up_to: kWh of the period, none for the last."""

    rate: Decimal
    up_to: Positive | None = None


class EnergyRateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price of energy; the first that matches wins."""

    name: str | None = None
    rate: Decimal | None = None
    tiers: tuple[TierConfig, ...] = ()
    when: WhenConfig | None = None


class RatchetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A demand that earlier peaks do not let sink."""

    percent: Percent | None = None
    percent_by_month: tuple[Percent, ...] = ()
    months: Annotated[int, Meta(ge=1, le=120)] | None = None
    minimum_kw: NotNegative | None = None
    prior_peaks_kw: tuple[NotNegative, ...] = ()


class DemandRateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price of the highest demand in its hours. quantity: default the bill's.

    per: of that of the billing period, or of each day.
    """

    rate: Decimal
    name: str | None = None
    window: Duration | None = None
    step: Duration | None = None
    quantity: Literal["kw", "kva", "kvar"] | None = None
    per: Literal["month", "day"] = "month"
    when: WhenConfig | None = None
    ratchet: RatchetConfig | None = None


class DemandWindowConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The demand window that a URDB record lacks."""

    window: Duration | None = None
    step: Duration | None = None
    quantity: Literal["kw", "kva"] | None = None


class HolidaysConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public holidays of a country or a part of it."""

    country: str
    subdivision: str | None = None


class PowerFactorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a low power factor does.

    scale_demand: kW x below / PF where the period's mean is below. excess_reactive: `rate`
    per kvarh in excess of `ratio` per kWh, by default that of the power factor `below`.
    """

    rule: Literal["scale_demand", "excess_reactive"]
    below: Factor | None = None
    rate: Decimal | None = None
    ratio: NotNegative | None = None


class ExportConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What exported energy is paid. net: within what it is set off against imported energy."""

    rate: Decimal | None = None
    net: Literal["none", "hour", "period"] | None = None


class TaxConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tax or levy: a percentage of all lines that are none, or money per kWh."""

    name: str
    percent: Decimal | None = None
    per_kwh: Decimal | None = None


class TariffConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a tariff. urdb, price_series: files; keys beside `urdb` win over it.

    price_step: no price of the series holds longer. fuel_adjustment: per kWh, one number or
    twelve, January first. valid_from: its first local day.
    """

    currency: Currency | None = None
    rounding: Literal["half_up", "half_even", "half_down", "up", "down"] = "half_up"
    fixed: FixedConfig | None = None
    minimum: MinimumConfig | None = None
    energy: tuple[EnergyRateConfig, ...] = ()
    demand: tuple[DemandRateConfig, ...] | DemandWindowConfig = ()
    export: ExportConfig | None = None
    holidays: tuple[date, ...] | HolidaysConfig = ()
    tier_allocation: Literal["prorata", "chronological"] | None = None
    power_factor: PowerFactorConfig | None = None
    ratchet: RatchetConfig | None = None
    taxes: tuple[TaxConfig, ...] = ()
    fuel_adjustment: Decimal | tuple[Decimal, ...] | None = None
    urdb: Content | None = None
    price_series: Content | None = None
    price_step: Duration | None = None
    valid_from: date | None = None


Tariff = TariffConfig | tuple[TariffConfig, ...]
