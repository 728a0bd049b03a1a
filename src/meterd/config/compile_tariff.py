"""From a tariff of the file to what the pure core prices by: three forms, one result.

A URDB record is laid under the tariff's own keys, which win over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from meterd.config.bills import BillConfig
from meterd.config.compile_demand_rate import demand_rates
from meterd.config.demand import demand_spec
from meterd.config.holiday_dates import NoHolidaysError, holiday_dates
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.price_series import SeriesError, parse_series
from meterd.config.schedule import WhenError, schedule
from meterd.config.tariffs import (
    FixedConfig,
    HolidaysConfig,
    MinimumConfig,
    PowerFactorConfig,
    TariffConfig,
    TariffError,
    TierConfig,
)
from meterd.config.urdb import Record, parse_record
from meterd.config.urdb_fields import UrdbError
from meterd.metering.demand import REACTIVE
from meterd.specs import DemandSpec
from meterd.tariff import (
    Amount,
    EnergyRate,
    Export,
    PowerFactor,
    PriceSeries,
    TariffSpec,
    Tax,
    Tier,
)
from meterd.units import EXACT

EXPORT: Final = "energy_export"
DOLLAR: Final = "USD"
"""The currency of a URDB record that nothing is said about."""
_PER: Final = {"per_month": "month", "per_day": "day", "per_year": "year"}


def versions(config: Config, name: str) -> tuple[TariffConfig, ...]:
    """The versions of a tariff, as they are written."""
    tariff = config.tariffs[name]
    return (tariff,) if isinstance(tariff, TariffConfig) else tariff


def tariff_specs(config: Config, who: BillConfig | MeterConfig) -> tuple[TariffSpec, ...]:
    """The versions of a bill's or a meter's tariff, () without one."""
    if who.tariff is None:
        return ()
    currency = who.currency or config.site.currency
    window = demand_spec(who.demand, config.site.demand, config.sampling)
    return tuple(
        compiled(version, series_name(who.tariff, place), currency, window)
        for place, version in enumerate(versions(config, who.tariff))
    )


def price_series(config: Config) -> dict[str, PriceSeries]:
    """The price series that the bills' and the meters' tariffs go by."""
    of_bills = {bill.tariff for bill in config.bills if bill.tariff is not None}
    named = of_bills | {meter.tariff for meter in config.meters if meter.tariff is not None}
    return {
        series_name(name, place): parse_series(version.price_series, version.price_step or 0)
        for name in sorted(named)
        for place, version in enumerate(versions(config, name))
        if version.price_series is not None
    }


def series_name(tariff: str, place: int) -> str:
    """The name of a version, and of its price series."""
    return f"{tariff}.{place}" if place else tariff


def compiled(tariff: TariffConfig, name: str, currency: str, window: DemandSpec) -> TariffSpec:
    """One version. currency, window: of the bill, where the tariff says nothing.

    Raises TariffError.
    """
    record = _record(tariff)
    try:
        hours = schedule([rate.when for rate in tariff.energy])
    except WhenError as error:
        raise TariffError("energy", str(error), "Write months 1-12 and hours 0-24.") from error
    return TariffSpec(
        name=name,
        currency=currency_of(tariff, currency),
        rounding=tariff.rounding,
        valid_from=tariff.valid_from,
        schedule=hours if tariff.energy else record.schedule,
        energy=_energy(tariff) or record.energy,
        series=name if tariff.price_series is not None else "",
        demand=demand_rates(tariff, record, window),
        chronological=tariff.tier_allocation == "chronological",
        holidays=_holidays(tariff),
        fixed=_amounts(tariff.fixed) or record.fixed,
        minimum=_amounts(tariff.minimum) or record.minimum,
        power_factor=_power_factor(tariff.power_factor),
        export=_export(tariff, record),
        fuel=_fuel(tariff.fuel_adjustment) or record.fuel,
        taxes=tuple(Tax(tax.name, tax.percent, tax.per_kwh) for tax in tariff.taxes),
    )


def currency_of(tariff: TariffConfig, otherwise: str) -> str:
    """What a version is in. otherwise: the currency of who has it."""
    return tariff.currency or (otherwise if tariff.urdb is None else DOLLAR)


def also(tariff: Iterable[TariffSpec]) -> frozenset[str]:
    """The counters that a tariff needs besides the sources' own."""
    found = set()
    for version in tariff:
        if version.export is not None:
            found.add(EXPORT)
        if version.power_factor or any(rate.quantity != "kw" for rate in version.demand):
            found.add(REACTIVE)
    return frozenset(found)


def checked_series(tariff: TariffConfig) -> None:
    """Raise TariffError for a price series that cannot be read."""
    if tariff.price_series is not None:
        try:
            parse_series(tariff.price_series, tariff.price_step or 0)
        except SeriesError as error:
            remedy = "Write time,rate; times with an offset, as 2026-01-31T12:00:00Z."
            raise TariffError("price_series", str(error), remedy) from error


def _record(tariff: TariffConfig) -> Record:
    if tariff.urdb is None:
        return Record()
    try:
        record = parse_record(tariff.urdb)
    except UrdbError as error:
        remedy = "Correct the record, or write the tariff in YAML."
        raise TariffError("urdb", str(error), remedy) from error
    if record.unpriced:
        remedy = "Take it out of the record, if it does not concern this bill."
        raise TariffError("urdb", record.unpriced, remedy)
    return record


def _energy(tariff: TariffConfig) -> tuple[EnergyRate, ...]:
    return tuple(
        EnergyRate(rate.name or f"energy {n}" if several else rate.name or "energy", tiers)
        for several in (len(tariff.energy) > 1,)
        for n, rate in enumerate(tariff.energy, 1)
        for tiers in (_tiers(rate.rate, rate.tiers),)
    )


def _tiers(rate: Decimal | None, tiers: Sequence[TierConfig]) -> tuple[Tier, ...]:
    if rate is not None:
        return (Tier(rate),)
    return tuple(Tier(tier.rate, tier.up_to) for tier in tiers)


def _holidays(tariff: TariffConfig) -> tuple[date, ...]:
    own = tariff.holidays
    if not isinstance(own, HolidaysConfig):
        return tuple(sorted(own))
    try:
        return holiday_dates(own.country, own.subdivision)
    except NoHolidaysError as error:
        remedy = "Write ISO 3166 codes, as in DE and BE, or list the dates."
        raise TariffError("holidays", str(error), remedy) from error


def _amounts(own: FixedConfig | MinimumConfig | None) -> tuple[Amount, ...]:
    return tuple(
        Amount(amount, per)
        for key, per in _PER.items()
        for amount in (getattr(own, key, None),)
        if amount is not None
    )


def _power_factor(own: PowerFactorConfig | None) -> PowerFactor | None:
    """Without a ratio it is tan(acos(below))."""
    if own is None:
        return None
    below = own.below or Decimal(1)
    tangent = EXACT.divide((1 - below * below).sqrt(EXACT), below)
    ratio = tangent if own.ratio is None else own.ratio
    return PowerFactor(own.rule, below, own.rate or Decimal(0), ratio)


def _export(tariff: TariffConfig, record: Record) -> Export | None:
    own = tariff.export
    if own is None:
        return record.export
    under = record.export or Export()
    return Export(under.rate if own.rate is None else own.rate, own.net or under.net)


def _fuel(own: Decimal | tuple[Decimal, ...] | None) -> tuple[Decimal, ...]:
    if own is None:
        return ()
    return own if isinstance(own, tuple) else (own,) * 12
