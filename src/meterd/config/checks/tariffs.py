"""Tariffs: one form each, and figures that can be meant."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from meterd.config.findings import Path
from meterd.config.models import Config
from meterd.config.report import Report
from meterd.config.tariffs import EnergyRateConfig, RatchetConfig, TariffConfig

MONTHS: Final = 12


def check_tariffs(config: Config, report: Report) -> None:
    """Every version of every tariff that was read without mistakes."""
    for name, tariff in config.tariffs.items():
        path: Path = ("tariffs", name)
        if report.broken(*path):
            continue
        if isinstance(tariff, TariffConfig):
            _check(report, path, tariff)
            continue
        for index, version in enumerate(tariff):
            _check(report, (*path, index), version)
            if index and version.valid_from is None:
                remedy = "A later version says from when it holds."
                report.error((*path, index, "valid_from"), "the key is missing", remedy)


def _check(report: Report, path: Path, tariff: TariffConfig) -> None:
    if tariff.urdb is not None and tariff.price_series is not None:
        message = "urdb and price_series are two kinds of tariff"
        report.error((*path, "price_series"), message, "Keep one of the two.")
    if not (tariff.urdb or tariff.price_series or tariff.energy or tariff.demand or tariff.fixed):
        report.error(path, "the tariff prices nothing", "Write energy:, demand: or fixed:.")
    for key in ("fixed", "minimum"):
        amount = getattr(tariff, key)
        if amount is not None and (amount.per_month is None) == (amount.per_day is None):
            report.error((*path, key), "one amount is needed", "Write per_month or per_day.")
    for index, rate in enumerate(tariff.energy):
        _check_rate(report, (*path, "energy", index), rate)
    ratchets = {(*path, "ratchet"): tariff.ratchet}
    if isinstance(tariff.demand, tuple):
        for index, charge in enumerate(tariff.demand):
            ratchets[(*path, "demand", index, "ratchet")] = charge.ratchet
    for where, ratchet in ratchets.items():
        if ratchet is not None:
            _check_ratchet(report, where, ratchet)


def _check_rate(report: Report, path: Path, rate: EnergyRateConfig) -> None:
    if (rate.rate is None) == (not rate.tiers):
        report.error(path, "one price is needed", "Write rate: or tiers:.")
    bounds = [tier.up_to for tier in rate.tiers]
    if any(bound is None for bound in bounds[:-1]):
        report.error((*path, "tiers"), "up_to is missing", "Only the last tier has no end.")
    ends = [bound for bound in bounds if bound is not None]
    if any(low >= high for low, high in pairwise(ends)):
        report.error((*path, "tiers"), "the tiers do not rise", "Sort them by up_to.")


def _check_ratchet(report: Report, path: Path, ratchet: RatchetConfig) -> None:
    if ratchet.percent is None and not ratchet.percent_by_month:
        remedy = "Write percent: or percent_by_month:."
        report.error((*path, "percent"), "the key is missing", remedy)
    for key in ("percent_by_month", "prior_peaks_kw"):
        if len(getattr(ratchet, key)) not in {0, MONTHS}:
            report.error((*path, key), "twelve numbers are needed", "One for each month.")
