"""The meter and bill families as text, classic and OpenMetrics. Pure.

The label text of a series is rendered once per meter; a scrape then only formats numbers.
Amounts are exact integers or decimals, gauges have twelve significant digits. What is not
known has no series; an offline meter has no gauges, and keeps its counters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NamedTuple

from meterd.sinks.prometheus_families import DERIVED, FAMILIES, GAUGES, JOULES, TOTALS, Family
from meterd.specs import MeterSpec
from meterd.units import UNITS, shown
from meterd.views import BillView, MeterView

Lines = defaultdict[str, list[str]]
"""Family -> its lines."""

_READ: Final = frozenset({"active", "offline", "fault"})
_INFO: Final = {
    "meter_name": "meterName",
    "meter_point": "meterPoint",
    "meter_type": "meterType",
    "feed_path": "feedPath",
    "building": "building",
    "floor": "floor",
    "room": "room",
    "rack": "rack",
    "manufacturer": "manufacturer",
    "model": "model",
    "protocol": "protocol",
}
"""Labels of meterd_meter_info, and seed 000's fields behind them."""

_GAUGES: Final = {gauge.quantity: gauge for gauge in GAUGES}


class Series(NamedTuple):
    """A series as far as it never changes. start: the line up to its value."""

    family: str
    start: str
    scale: float


def labelled(name: str, labels: Mapping[str, str]) -> str:
    """`name{label="value",...} `, escaped; empty labels are left out, as Prometheus would."""
    text = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items() if value)
    return f"{name}{{{text}}} "


def _word(fact: Any) -> str:
    """A fact of the configuration as a label; of an enumeration its own."""
    return str(fact["label"] if isinstance(fact, Mapping) else fact)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def header(family: Family, openmetrics: bool) -> str:
    """HELP, TYPE and UNIT: OpenMetrics names the family, the classic format the samples."""
    name, kind = family.name, family.kind
    if not openmetrics:
        name += {"counter": "_total", "info": "_info"}.get(kind, "")
        kind = "gauge" if kind == "info" else kind
    unit = f"# UNIT {name} {family.unit}\n" if openmetrics and family.unit else ""
    return f"# HELP {name} {family.help}\n# TYPE {name} {kind}\n{unit}"


class MeterText:
    """One configured meter's series, their label text rendered when first seen."""

    def __init__(self, site: str, spec: MeterSpec) -> None:
        self._spec = spec
        self._labels = {"meter": spec.name, "site": site}
        general = spec.general
        facts = {label: general.get(field) for label, field in _INFO.items()}
        known = {label: _word(fact) for label, fact in facts.items() if fact is not None}
        self._info = labelled("meterd_meter_info", self._labels | known) + "1"
        self._up = labelled("meterd_meter_up", self._labels)
        self._read_at = labelled("meterd_last_reading_timestamp_seconds", self._labels)
        self._age = labelled("meterd_reading_age_seconds", self._labels)
        self._alarms: dict[str, str] = {}
        self._gauges: dict[str, Series] = {}
        self._totals: dict[str, tuple[str, str, int]] = {}
        self._unbilled: dict[str, str] = {}
        self._derived = [
            (gauge, labelled(gauge.family, self._labels | gauge.labels)) for gauge in DERIVED
        ]

    def add(self, lines: Lines, view: MeterView | None, now_ms: int) -> None:
        """All that can be said of the meter now. view: None before the first reading."""
        lines["meterd_meter"].append(self._info)
        if self._spec.status in _READ:
            online = view is not None and view.online
            lines["meterd_meter_up"].append(self._up + ("1" if online else "0"))
        if view is None:
            return
        for alarm, numbers in view.alarms.items():
            start = self._alarms.get(alarm) or self._alarm(alarm)
            lines["meterd_alarm_active"].append(start + ("0" if numbers is None else "1"))
        if view.at_ms is None:
            return
        at, age = seconds(view.at_ms), seconds(max(0, now_ms - view.at_ms))
        lines["meterd_last_reading_timestamp_seconds"].append(self._read_at + at)
        lines["meterd_reading_age_seconds"].append(self._age + age)
        if view.online:
            self._add_gauges(lines, view)
        self._add_totals(lines, view)

    def _alarm(self, name: str) -> str:
        """The series of an alarm, "alarm/severity", up to its value."""
        alarm, _slash, severity = name.partition("/")
        own = {"alarm": alarm, "severity": severity}
        self._alarms[name] = labelled("meterd_alarm_active", self._labels | own)
        return self._alarms[name]

    def _add_gauges(self, lines: Lines, view: MeterView) -> None:
        series = self._gauges
        for quantity, value in view.quantities.items():
            family, start, scale = series.get(quantity) or self._gauge(quantity)
            if isfinite(value):
                lines[family].append(start + "%.12g" % (value * scale))  # faster
        for gauge, start in self._derived:
            derived = view.fields.get(gauge.field)
            if derived is not None and gauge.quantity not in view.quantities:
                lines[gauge.family].append(start + f"{float(derived) * gauge.scale:.12g}")

    def _gauge(self, quantity: str) -> Series:
        """The series of a quantity; of one with a name of the site's own too."""
        gauge = _GAUGES.get(quantity)
        if gauge is None:
            own = {"quantity": quantity, "unit": self._spec.units.get(quantity, "")}
            name = "meterd_quantity"
            made = Series(name, labelled(name, self._labels | own), 1.0)
        else:
            start = labelled(gauge.family, self._labels | gauge.labels)
            made = Series(gauge.family, start, gauge.scale)
        self._gauges[quantity] = made
        return made

    def _add_totals(self, lines: Lines, view: MeterView) -> None:
        for register, amount in view.totals.items():
            family, start, per = self._totals.get(register) or self._total(register)
            value = exact(amount, per) if per else shown(amount, self._unit(register))
            lines[family].append(start + value)
            if register in JOULES:
                left = view.unbilled.get(register, 0)
                lines["meterd_unbilled_joules"].append(f"{self._unbilled[register]}{left}")

    def _total(self, register: str) -> tuple[str, str, int]:
        """(family, line up to the value, base units in one, 0 for a register of the site's own)"""
        labels = {"quantity": register}
        unbilled = labelled("meterd_unbilled_joules_total", self._labels | labels)
        self._unbilled[register] = unbilled
        total = TOTALS.get(register)
        if total is None:
            own = labels | {"unit": self._unit(register)}
            made = ("meterd_register", labelled("meterd_register_total", self._labels | own), 0)
        else:
            start = labelled(f"{total.family}_total", self._labels | total.labels)
            made = (total.family, start, total.per)
        self._totals[register] = made
        return made

    def _unit(self, register: str) -> str:
        """The declared unit of a register of the site's own."""
        units = {spec.quantity: spec.unit for spec in self._spec.registers}
        unit = units.get(register, "")
        return unit if unit in UNITS else "1"


def add_bill(lines: Lines, site: str, view: BillView) -> None:
    """The figures of a bill's newest period."""
    periods: list[dict[str, Any]] = view.body.get("periods") or []
    if not periods:
        return
    period = periods[-1]
    labels = {"bill": view.bill, "site": site}
    own = labels | {"unit": str(view.body["unit"]).lower()}
    for figure in ("used", "allowance", "projection"):
        name = f"meterd_bill_{figure}"
        if period.get(figure) is not None:
            lines[name].append(f"{labelled(name, own)}{period[figure]}")
    if period.get("peak") is not None:
        name = "meterd_bill_peak_watts"
        watts = format((Decimal(period["peak"]) * 1000).normalize(), "f")
        lines[name].append(labelled(name, labels) + watts)
    cost = period.get("cost")
    if cost is not None:
        name = "meterd_bill_cost"
        priced = labels | {"currency": cost["currency"]}
        lines[name].append(f"{labelled(name, priced)}{cost['total']}")


def text(
    lines: Mapping[str, list[str]], openmetrics: bool, families: Iterable[Family] = FAMILIES
) -> str:
    """The families in their order, each after its header; those without a series left out."""
    parts = []
    for family in families:
        found = lines.get(family.name)
        if found:
            parts.append(header(family, openmetrics) + "\n".join(found))
    return "\n".join([*parts, ""])


def exact(amount: int, per: int) -> str:
    """amount / per as a decimal without trailing zeros. per: a power of ten."""
    whole, rest = divmod(amount, per)
    return f"{whole}.{rest:0{len(str(per)) - 1}d}".rstrip("0") if rest else str(whole)


def seconds(ms: int) -> str:
    """Milliseconds as seconds."""
    return f"{ms // 1000}.{ms % 1000:03d}"
