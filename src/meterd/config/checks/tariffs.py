"""Tariffs: one form each, figures that can be meant, files that can be read."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from meterd.config.checks.site import check_demand
from meterd.config.compile_demand_rate import window_config
from meterd.config.compile_tariff import checked_series, compiled
from meterd.config.findings import Path
from meterd.config.models import Config
from meterd.config.report import Report
from meterd.config.schedule import holes
from meterd.config.tariffs import (
    DemandWindowConfig,
    EnergyRateConfig,
    PowerFactorConfig,
    RatchetConfig,
    TariffConfig,
    TariffError,
)
from meterd.config.values import duration_text
from meterd.specs import DemandSpec
from meterd.tariff import ALWAYS, TariffSpec

MONTHS: Final = 12
HOUR_MS: Final = 3_600_000


def check_tariffs(config: Config, report: Report) -> None:
    """Every version of every tariff that was read without mistakes."""
    for name, tariff in config.tariffs.items():
        path: Path = ("tariffs", name)
        if report.broken(*path):
            continue
        if isinstance(tariff, TariffConfig):
            _check(config, report, path, tariff)
            continue
        if not tariff:
            report.error(path, "the tariff has no version", "Write its keys, or a list of them.")
        made = []
        for index, version in enumerate(tariff):
            made.append(_check(config, report, (*path, index), version))
            if index and version.valid_from is None:
                remedy = "A later version says from when it holds."
                report.error((*path, index, "valid_from"), "the key is missing", remedy)
        for index, (before, after) in enumerate(pairwise(made), 1):
            if before is not None and after is not None:
                _check_order(report, (*path, index), before, after)


def _check_order(report: Report, path: Path, before: TariffSpec, after: TariffSpec) -> None:
    """Versions follow each other, and can be one bill."""
    first, then = before.valid_from, after.valid_from
    if first is not None and then is not None and then <= first:
        message = f"it is not later than the version before, which holds from {first}"
        report.error((*path, "valid_from"), message, "Sort them; each ends where the next begins.")
    if before.currency != after.currency:
        message = f"another currency than {before.currency}"
        report.error((*path, "currency"), message, "A bill has one; make it another tariff.")
    if before.prices_energy != after.prices_energy:
        message = "one version prices energy and the other does not"
        report.error((*path, "energy"), message, "Price it in both, or in none.")


def _check(config: Config, report: Report, path: Path, tariff: TariffConfig) -> TariffSpec | None:
    """Tell what is wrong with a version; it compiled, where nothing is."""
    before = len(report.findings)
    _check_forms(report, path, tariff)
    for key in ("fixed", "minimum"):
        amount = getattr(tariff, key)
        if amount is not None:
            said = [amount.per_month, amount.per_day].count(None) < 2 or amount.per_year is not None
            both = amount.per_month is not None and amount.per_day is not None
            if both or not said:
                report.error((*path, key), "one amount is needed", "Write per_month or per_day.")
    for index, rate in enumerate(tariff.energy):
        _check_rate(report, (*path, "energy", index), rate)
    _check_small(report, path, tariff)
    _check_demands(config, report, path, tariff)
    if len(report.findings) > before:
        return None
    return _compiled(config, report, path, tariff)


def _check_forms(report: Report, path: Path, tariff: TariffConfig) -> None:
    """One form each."""
    if tariff.urdb is not None and tariff.price_series is not None:
        message = "urdb and price_series are two kinds of tariff"
        report.error((*path, "price_series"), message, "Keep one of the two.")
    elif tariff.energy and tariff.price_series is not None:
        message = "energy and price_series are two prices of energy"
        report.error((*path, "price_series"), message, "Keep one of the two.")
    if tariff.price_step is not None and not (tariff.price_step and tariff.price_series):
        message = "no price can hold so long"
        report.error((*path, "price_step"), message, "Write it beside price_series:, above 0.")
    rates = not isinstance(tariff.demand, DemandWindowConfig) and tariff.demand
    if not (tariff.urdb or tariff.price_series or tariff.energy or rates or tariff.fixed):
        report.error(path, "the tariff prices nothing", "Write energy:, demand: or fixed:.")


def _check_rate(report: Report, path: Path, rate: EnergyRateConfig) -> None:
    if (rate.rate is None) == (not rate.tiers):
        report.error(path, "one price is needed", "Write rate: or tiers:.")
    bounds = [tier.up_to for tier in rate.tiers]
    if any(bound is None for bound in bounds[:-1]):
        report.error((*path, "tiers"), "up_to is missing", "Only the last tier has no end.")
    if bounds and bounds[-1] is not None:
        message = f"nothing is said of energy above {bounds[-1]} kWh"
        report.error((*path, "tiers"), message, "Add a last tier without up_to.")
    ends = [bound for bound in bounds if bound is not None]
    if any(low >= high for low, high in pairwise(ends)):
        report.error((*path, "tiers"), "the tiers do not rise", "Sort them by up_to.")


def _check_small(report: Report, path: Path, tariff: TariffConfig) -> None:
    """Taxes, fuel, export and power factor."""
    for index, tax in enumerate(tariff.taxes):
        if (tax.percent is None) == (tax.per_kwh is None):
            report.error((*path, "taxes", index), "one rate is needed", "Write percent or per_kwh.")
    fuel = tariff.fuel_adjustment
    if isinstance(fuel, tuple) and len(fuel) != MONTHS:
        where = (*path, "fuel_adjustment")
        report.error(where, "twelve numbers are needed", "One for each month, or a single one.")
    if tariff.export is not None and tariff.export.rate is None and tariff.urdb is None:
        remedy = "Write what a kWh is paid, 0 for nothing."
        report.error((*path, "export", "rate"), "the key is missing", remedy)
    if tariff.power_factor is not None:
        _check_power_factor(report, (*path, "power_factor"), tariff.power_factor)


def _check_power_factor(report: Report, path: Path, own: PowerFactorConfig) -> None:
    needed = {"below": own.below}
    if own.rule == "excess_reactive":
        needed = {"rate": own.rate}
        if own.ratio is None:
            needed["below"] = own.below
    for key, value in needed.items():
        if value is None:
            remedy = f"The rule {own.rule} needs it."
            report.error((*path, key), "the key is missing", remedy)
    if own.below is not None and not own.below:
        report.error((*path, "below"), "no power factor is below 0", "Write it as 0.90.")


def _check_demands(config: Config, report: Report, path: Path, tariff: TariffConfig) -> None:
    """Windows that intervals fill, and ratchets."""
    ratchets = {(*path, "ratchet"): tariff.ratchet}
    own = tariff.demand
    if isinstance(own, DemandWindowConfig):
        check_demand(config, report, (*path, "demand"), window_config(own))
    else:
        for index, charge in enumerate(own):
            where = (*path, "demand", index)
            check_demand(config, report, where, window_config(charge))
            ratchets[(*where, "ratchet")] = charge.ratchet
            if charge.ratchet is not None and charge.per == "day":
                message = "a demand of each day has no ratchet"
                report.error((*where, "ratchet"), message, "Drop it, or write per: month.")
    for where, ratchet in ratchets.items():
        if ratchet is not None:
            _check_ratchet(report, where, ratchet)


def _check_ratchet(report: Report, path: Path, ratchet: RatchetConfig) -> None:
    if ratchet.percent is None and not ratchet.percent_by_month and ratchet.minimum_kw is None:
        remedy = "Write percent: or percent_by_month:."
        report.error((*path, "percent"), "the key is missing", remedy)
    for key in ("percent_by_month", "prior_peaks_kw"):
        if len(getattr(ratchet, key)) not in {0, MONTHS}:
            report.error((*path, key), "twelve numbers are needed", "One for each month.")


def _compiled(
    config: Config, report: Report, path: Path, tariff: TariffConfig
) -> TariffSpec | None:
    try:
        checked_series(tariff)
        spec = compiled(tariff, "", config.site.currency, DemandSpec())
    except TariffError as error:
        report.error((*path, error.key), str(error), error.remedy)
        return None
    tables = [spec.schedule, *(rate.schedule for rate in spec.demand)]
    if HOUR_MS % config.sampling and any(table != ALWAYS for table in tables):
        message = f"intervals of {duration_text(config.sampling)} do not fill an hour"
        report.error(path, message, "Change sampling: to one that does, as 5m.")
    if spec.energy and holes(spec.schedule):
        message = "there are hours in which no rate holds"
        report.warn((*path, "energy"), message, "What is used in them makes the cost unknown.")
    return spec
