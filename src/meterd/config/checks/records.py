"""Meter types and meter records: counters that exist, units that convert, cutovers that come."""

from __future__ import annotations

from typing import Final

from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.records import RecordConfig
from meterd.config.report import Report
from meterd.config.usage import Usage, parse_usage
from meterd.records import schedule
from meterd.units import UNITS

MIN_RECORD_MS: Final = 30_000
"""The shortest a record may be cut (contract, section 1)."""


def check_records(survey: Survey) -> None:
    """Meter types and every meter configuration."""
    config, report = survey.config, survey.report
    for name, kind in config.meter_types.items():
        where: Path = ("meter_types", name, "usage_unit")
        if kind.usage_unit not in UNITS and not survey.stands_in(kind.usage_unit, *where):
            remedy = report.guess(kind.usage_unit, list(UNITS), "Write kWh, m3, L or the like.")
            report.error(where, f'no unit "{kind.usage_unit}"', remedy)
    survey.check_unique("records", (record.name for record in config.records))
    for index, record in enumerate(config.records):
        path: Path = ("records", index)
        _check_cut(report, path, record)
        _check_cost(survey, path, record)
        usage = parse_usage(record.usage, survey.meter_names)
        if usage is not None:
            _check_usage(survey, path, record, usage)


def _check_cut(report: Report, path: Path, record: RecordConfig) -> None:
    longest = record.max_record_duration
    if longest is not None and longest < MIN_RECORD_MS:
        where: Path = (*path, "max_record_duration")
        report.error(where, "the longest record is too short", "It must be 30s or more.")
    if record.cutover.schedule is not None:
        try:
            schedule.parse(record.cutover.schedule)
        except ValueError as error:
            where = (*path, "cutover", "schedule")
            report.error(where, str(error), "Write five fields, as in 0 6,14,22 * * *.")


def _check_cost(survey: Survey, path: Path, record: RecordConfig) -> None:
    report, name = survey.report, record.meter_type
    if name is not None and name not in survey.meter_type_names:
        remedy = report.guess(name, survey.meter_type_names, "List it under meter_types:.")
        report.error((*path, "meter_type"), f'no meter type "{name}"', remedy)
        return
    source = record.cost_source
    bad_cost = report.broken(*path, "cost_per_unit")
    if source == "static" and record.cost_per_unit is None and not bad_cost:
        remedy = "cost_source: static takes the price from there."
        report.error((*path, "cost_per_unit"), "the key is missing", remedy)
    kind = survey.config.meter_types.get(name or "")
    unknown = name is not None and (kind is None or report.broken("meter_types", name))
    if source == "from_meter_type" and not unknown and (kind is None or kind.cost_per_unit is None):
        remedy = "Give the meter type cost_per_unit, or write cost_source: static."
        report.error((*path, "cost_source"), "the meter type has no cost", remedy)


def _check_usage(survey: Survey, path: Path, record: RecordConfig, usage: Usage) -> None:
    report, where = survey.report, (*path, "usage")
    if usage.meter not in survey.meter_names:
        remedy = report.guess(usage.meter, survey.meter_names)
        report.error(where, f'no meter "{usage.meter}"', remedy)
    meter = survey.sound_meter(usage.meter)
    if meter is None:
        return
    counters = meter.counters
    if usage.quantity not in counters:
        message = f'{meter.name} has no counter "{usage.quantity}"'
        report.error(where, message, report.guess(usage.quantity, list(counters)))
        return
    kind = survey.config.meter_types.get(record.meter_type or "")
    shown, counted = UNITS.get(kind.usage_unit) if kind else None, counters[usage.quantity]
    if shown is not None and shown.dimension != UNITS[counted].dimension:
        message = f"{usage.quantity} cannot be shown in {shown.name}"
        report.error(where, message, "Choose another counter or meter type.")
