"""What works and is probably not meant: the warnings of `check`.

Only for a configuration without errors; the counter lints are the configuration checks of
the law of counters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from meterd.config.bacnet_names import is_real
from meterd.config.checks.survey import Survey
from meterd.config.compile import site_spec
from meterd.config.compile_tariff import also
from meterd.config.connections import ModbusRtuTcp, ModbusTcp
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig
from meterd.config.points import UNREAD, PointConfig
from meterd.config.records import RecordConfig
from meterd.config.report import Report
from meterd.config.values import duration_text
from meterd.metering.demand import REACTIVE
from meterd.specs import BillSpec, MeterSpec, RecordSpec
from meterd.units import UNITS, shown, to_amount

HOUR_MS: Final = 3_600_000
PASSWORD_MIN: Final = 8
"""Characters of a password of SNMP version 3 (RFC 3414, section 11.2)."""
_PUBLIC: Final = "public"
"""SNMP's customary community, a secret to nobody."""
_DAILY: Final = re.compile(r"(^|_)(today|daily|day)(_|$)")
_WEAK: Final = frozenset({"float32", "int16", "int32"})
_NOT_POLLED: Final = frozenset({"manual", "push", "pulse"})
"""Protocols whose readings come when they come."""
TICK_MS: Final = 1_000
"""How often the daemon lets time pass."""


def lint(survey: Survey) -> None:
    """Every warning."""
    site = site_spec(survey.config)
    compiled = {spec.name: spec for spec in site.meters}
    for index, meter in enumerate(survey.config.meters):
        if meter.status not in UNREAD:
            _lint_counters(survey.report, ("meters", index), meter, compiled[meter.name])
    for index, record in enumerate(survey.config.records):
        spec, path = site.records[index], ("records", index)
        _lint_overflow(survey, path, (record, spec), compiled)
        _lint_pace(survey, path, record, spec)
    _lint_bills(survey)
    for index, bill in enumerate(site.bills):
        _lint_tariff(survey.report, ("bills", index, "tariff"), bill)
    for account in site.accounts:
        where = ("meters", survey.meters[account.name], "tariff")
        _lint_tariff(survey.report, where, account)
    _lint_links(survey)
    _lint_passwords(survey)
    _lint_secrets(survey)


def _lint_counters(report: Report, path: Path, meter: MeterConfig, compiled: MeterSpec) -> None:
    weak = sorted(q for q in meter.counters if q in meter.points and _is_weak(meter.points[q]))
    if weak:
        message = f"{', '.join(weak)}: float32 and signed registers lose counts or wrap early"
        report.warn((*path, "points"), message, "Use an unsigned or 64-bit one if there is one.")
    for register in compiled.registers if meter.points else ():
        where = (*path, "points", register.quantity)
        if _DAILY.search(register.quantity):
            message = f"{register.quantity} looks like a count that begins again every day"
            report.warn(where, message, "Read the counter that goes on, if there is one.")
        if register.per_hour is None:
            message = f"any rise of {register.quantity} is believed"
            report.warn(where, message, "Write max_per_hour:, in its unit.")
        elif register.modulus and register.per_hour * meter.every >= register.modulus * HOUR_MS:
            message = f"{register.quantity} could wrap unseen between two polls"
            report.warn(where, message, "Poll more often, or write a lower max_kw.")


def _is_weak(point: PointConfig) -> bool:
    return point.type in _WEAK or is_real(point.object)


def _lint_overflow(
    survey: Survey,
    path: Path,
    both: tuple[RecordConfig, RecordSpec],
    compiled: Mapping[str, MeterSpec],
) -> None:
    """A record's overflow value and its counter's declared modulus should be one count apart."""
    record, spec = both
    point = survey.config.meters[survey.meters[spec.meter]].points.get(spec.quantity)
    if record.overflow_value is None or point is None or point.modulus is None:
        return
    registers = {register.quantity: register for register in compiled[spec.meter].registers}
    register, unit = registers[spec.quantity], UNITS[spec.usage_unit]
    wanted = to_amount(record.overflow_value, unit) + register.count
    if register.modulus is not None and register.modulus != wanted:
        message = (
            f"with one count more it is {shown(wanted, unit.name)} {unit.name}, "
            f"but the point's modulus is {shown(register.modulus, unit.name)} {unit.name}"
        )
        where = (*path, "overflow_value")
        survey.report.warn(where, message, "The modulus is used; correct one of them.")


def _lint_pace(survey: Survey, path: Path, record: RecordConfig, spec: RecordSpec) -> None:
    """A record advances with the readings of its meters, and is written down with them."""
    asked_ms = record.max_time_between_executions
    names = [term.meter for term in spec.terms] or [spec.meter]
    meters = [survey.config.meters[survey.meters[name]] for name in names]
    meter = max(meters, key=lambda one: one.every)
    link = survey.link(meter)
    polled = link is not None and link.protocol not in _NOT_POLLED
    if polled and asked_ms is not None and meter.every > asked_ms:
        message = f"{meter.name} is read every {duration_text(meter.every)} only"
        remedy = f"Write every: {duration_text(asked_ms)} on the meter, or a longer time here."
        survey.report.warn((*path, "max_time_between_executions"), message, remedy)
    if record.max_flush_interval is not None and record.max_flush_interval < TICK_MS:
        message = "rows are written once a second at most"
        survey.report.warn((*path, "max_flush_interval"), message, "Write 1s or more.")


def _lint_bills(survey: Survey) -> None:
    config, report = survey.config, survey.report
    billed: dict[str, str] = {}
    for index, bill in enumerate(config.bills):
        path: Path = ("bills", index)
        if not any(source.enabled for source in bill.sources):
            report.warn(path, f"{bill.name} has no enabled source", "It will bill nothing.")
        here: set[str] = set()
        parts = {source.meter for source in bill.sources if source.enabled}
        for number, source in enumerate(bill.sources):
            where = (*path, "sources", number)
            first = billed.setdefault(source.meter, bill.name)
            if first != bill.name and source.meter not in here:
                message = f"{source.meter} is on the bill {first} too"
                report.warn(where, message, "Its energy is billed twice, if both are paid.")
            if source.meter in here and source.phase is None:
                message = f"{source.meter} is on this bill by another kind or phase too"
                report.warn(where, message, "Its energy is counted twice.")
            here.add(source.meter)
            for above in _above(survey, source.meter) & parts if source.enabled else ():
                message = f"{source.meter} is below {above}, which is on this bill too"
                report.warn(where, message, "Its energy is counted twice.")


def _lint_tariff(report: Report, path: Path, bill: BillSpec) -> None:
    """Counters that the tariff goes by and the sources do not have."""
    for quantity in sorted(also(bill.tariff)):
        without = [source.meter for source in bill.sources if quantity not in source.also]
        some = ", ".join(sorted(set(without)))
        if quantity == REACTIVE and without:
            message = f"the tariff goes by reactive energy, and no {quantity} is read of {some}"
            report.warn(path, message, "It is taken to be 0 there.")
        elif len(without) == len(bill.sources) and without:
            message = f"the tariff pays for exported energy, and no {quantity} is read of {some}"
            report.warn(path, message, "Add the point, if it can export.")


def _above(survey: Survey, name: str) -> set[str]:
    """The meters above a meter; loops are errors, so this ends."""
    found = set()
    parent = survey.config.meters[survey.meters[name]].parent
    while parent is not None:
        found.add(parent)
        parent = survey.config.meters[survey.meters[parent]].parent
    return found


def _lint_links(survey: Survey) -> None:
    first: dict[str, str] = {}
    for name, link in survey.config.connections.items():
        if isinstance(link, ModbusTcp | ModbusRtuTcp):
            place = f"{link.host}:{link.port}"
            other = first.setdefault(place, name)
            if other != name:
                message = f"{place} is the connection {other} too"
                remedy = "Put its meters on one connection, which asks one at a time."
                survey.report.warn(("connections", name), message, remedy)


def _lint_passwords(survey: Survey) -> None:
    for name, link in survey.config.connections.items():
        for key in ("auth", "privacy"):
            secret = getattr(link, key, None)
            if secret is not None and len(secret.password.reveal()) < PASSWORD_MIN:
                message = f"a password of SNMP with fewer than {PASSWORD_MIN} characters"
                path = ("connections", name, key, "password")
                survey.report.warn(path, message, "Most agents take no such one.")


def _lint_secrets(survey: Survey) -> None:
    for path in survey.report.literals:
        link = survey.config.connections.get(str(path[1])) if len(path) > 1 else None
        community = getattr(link, "community", None) if path[-1] == "community" else None
        if community is None or community.reveal() != _PUBLIC:
            remedy = 'Write "${env:NAME}", "${file:PATH}" or "${cred:NAME}".'
            survey.report.warn(path, "a secret stands in this file", remedy)
