"""Meter types and meter records: counters that exist, units that convert, cutovers that come."""

from __future__ import annotations

from typing import Final

from meterd.config.checks.expressions import check_expression
from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.records import RecordConfig
from meterd.config.report import Report
from meterd.metering.expression import Expression
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
        _check_usage(survey, path, record)
        _check_watched(survey, path, record)


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
    _check_rate(survey, path, record)
    bad_cost = report.broken(*path, "cost_per_unit")
    if source == "static" and record.cost_per_unit is None and not bad_cost:
        remedy = "cost_source: static takes the price from there."
        report.error((*path, "cost_per_unit"), "the key is missing", remedy)
    kind = survey.config.meter_types.get(name or "")
    unknown = name is not None and (kind is None or report.broken("meter_types", name))
    if source == "from_meter_type" and not unknown and (kind is None or kind.cost_per_unit is None):
        remedy = "Give the meter type cost_per_unit, or write cost_source: static."
        report.error((*path, "cost_source"), "the meter type has no cost", remedy)


def _check_rate(survey: Survey, path: Path, record: RecordConfig) -> None:
    """An expression for the cost, if and only if the cost comes from one."""
    report, where = survey.report, (*path, "cost_expression")
    if record.cost_expression is None:
        if record.cost_source == "expression" and not report.broken(*where):
            remedy = "cost_source: expression takes the price from there."
            report.error(where, "the key is missing", remedy)
    elif record.cost_source in {"static", "from_meter_type"}:
        message = f"the price is {record.cost_source}"
        report.error(where, message, "Drop it, or write cost_source: expression.", key=True)
    else:
        check_expression(survey, where, record.cost_expression, Expression.rate)


def _check_usage(survey: Survey, path: Path, record: RecordConfig) -> None:
    """A sum of registers, which the meter type's unit can show."""
    kind = survey.config.meter_types.get(record.meter_type or "")
    wanted = kind.usage_unit if kind else ""
    report, where = survey.report, (*path, "usage")
    if survey.stands_in(record.usage, *where):
        return

    def use(usage: Expression) -> object:
        return usage.linear(), usage.factor_to(wanted)

    usage = check_expression(survey, where, record.usage, use)
    terms = usage.linear() if usage else ()
    if record.overflow_value is not None and any(
        len(terms) > 1 or term.coefficient != 1 for term in terms
    ):
        message = "only a single counter overflows, and this usage is calculated"
        remedy = "Write modulus: on the points of the counters that wrap."
        report.error((*path, "overflow_value"), message, remedy)


def _check_watched(survey: Survey, path: Path, record: RecordConfig) -> None:
    """What cuts a record on change."""
    if record.cutover.on_change is None:
        return
    where = (*path, "cutover", "on_change")
    watched = check_expression(survey, where, record.cutover.on_change, lambda _: None)
    if watched is not None and not watched.references:
        survey.report.error(where, "this never changes", "Name a quantity of a meter.")
