"""Bills: sources that exist and can give what is asked of them."""

from __future__ import annotations

from meterd.config.bills import BillConfig, SourceConfig
from meterd.config.checks.site import check_demand
from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig

NEEDS = {
    "energy": "the counter energy_import",
    "power": "active_power",
    "volt_ampere": "voltage and current",
    "best": "energy_import, active_power, or voltage and current",
}
"""What a meter must read for a source of this kind (seed 003's hierarchy)."""


def check_bills(survey: Survey) -> None:
    """Every bill and its sources."""
    bills = survey.config.bills
    survey.check_unique("bills", (bill.name for bill in bills))
    for index, bill in enumerate(bills):
        path: Path = ("bills", index)
        check_demand(survey.config, survey.report, (*path, "demand"), bill.demand)
        if bill.tariff is not None and bill.tariff not in survey.tariff_names:
            remedy = survey.report.guess(bill.tariff, survey.tariff_names, "List it in tariffs:.")
            survey.report.error((*path, "tariff"), f'no tariff "{bill.tariff}"', remedy)
        _check_sources(survey, path, bill)


def _check_sources(survey: Survey, path: Path, bill: BillConfig) -> None:
    report = survey.report
    seen: dict[tuple[str, str, str | None], int] = {}
    for index, source in enumerate(bill.sources):
        where: Path = (*path, "sources", index)
        if survey.stands_in(source.meter, *where, "meter"):
            continue
        if source.meter not in survey.meter_names:
            remedy = report.guess(source.meter, survey.meter_names)
            report.error((*where, "meter"), f'no meter "{source.meter}"', remedy)
        meter = survey.sound_meter(source.meter)
        kind = kind_of(source, meter) if meter else source.kind
        if meter is not None and kind is None:
            _tell(survey, where, source)
        key = (source.meter, kind or source.kind, source.phase)
        if seen.setdefault(key, index) != index:
            line, _column = report.position((*path, "sources", seen[key]))
            place = f", in line {line}" if line else ""  # what the API is sent has no lines
            message = f"{source.meter} is this bill's source already{place}"
            report.error(where, message, "Keep one of the two, or tell them apart by phase:.")


def _tell(survey: Survey, where: Path, source: SourceConfig) -> None:
    if source.kind == "energy" and source.phase is not None:
        message = "an energy counter has no phases"
        survey.report.error((*where, "phase"), message, "Drop it, or write kind: power.")
        return
    phase = f" of {source.phase}" if source.phase else ""
    message = f"{source.meter} does not read {NEEDS[source.kind]}{phase}"
    survey.report.error((*where, "kind"), message, "Choose another kind, or add the points.")


def kind_of(source: SourceConfig, meter: MeterConfig) -> str | None:
    """The kind of a source, `best` resolved; None if the meter cannot give it.

    The order is seed 003's: measured, then integrated, then estimated.
    """
    read, phase = meter.quantities, source.phase
    tail = f"_{phase}" if phase else ""
    can = {
        "energy": phase is None and "energy_import" in read,
        "power": f"active_power{tail}" in read,
        "volt_ampere": (
            meter.has_volt_ampere
            if phase is None
            else f"voltage{tail}" in read and f"current{tail}" in read
        ),
    }
    if source.kind == "best":
        return next((kind for kind, possible in can.items() if possible), None)
    return source.kind if can[source.kind] else None
