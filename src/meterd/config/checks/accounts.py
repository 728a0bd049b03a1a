"""Meters that cost by a tariff: one that there is, in their currency, of energy they have."""

from __future__ import annotations

from meterd.config.bills import SourceConfig
from meterd.config.checks.bills import NEEDS, kind_of
from meterd.config.checks.survey import Survey
from meterd.config.compile_tariff import currency_of, versions
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig


def check_accounts(survey: Survey) -> None:
    """Every meter that names a tariff."""
    for index, meter in enumerate(survey.config.meters):
        path: Path = ("meters", index, "tariff")
        if meter.tariff is None:
            continue
        if meter.tariff not in survey.tariff_names:
            remedy = survey.report.guess(meter.tariff, survey.tariff_names, "List it in tariffs:.")
            survey.report.error(path, f'no tariff "{meter.tariff}"', remedy)
            continue
        sound = survey.sound_meter(meter.name)
        if sound is not None and kind_of(SourceConfig(meter.name), sound) is None:
            message = f"{meter.name} does not read {NEEDS['best']}"
            survey.report.error(path, message, "There is no energy to price: add the points.")
        _check_currency(survey, path, meter)


def _check_currency(survey: Survey, path: Path, meter: MeterConfig) -> None:
    """A meter's costs are in one currency, whatever they went by before."""
    own = meter.currency or survey.config.site.currency
    for version in versions(survey.config, meter.tariff or ""):
        other = currency_of(version, own)
        if other != own:
            message = f"the tariff is in {other}, and the meter's costs are in {own}"
            survey.report.error(path, message, f"Write currency: {other} on the meter.")
            return
