"""A site to scrape, and what a scrape says, read by Prometheus's own parsers."""

from __future__ import annotations

from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as classic_families

from meterd.sinks.own_metrics import OwnMetrics
from meterd.sinks.prometheus import PrometheusSink
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec
from meterd.units import GAUGES, REGISTERS
from meterd.views import BillView, MeterView

NOON_MS = 1_767_268_800_000
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def view(meter: str = "main", **more: Any) -> MeterView:
    said: dict[str, Any] = {
        "meter": meter,
        "online": True,
        "at_ms": NOON_MS,
        "quality": "good",
        "fields": {},
        "quantities": {},
        "totals": {},
        "unbilled": {},
    }
    return MeterView(**(said | more))


def everything(meter: str = "main") -> MeterView:
    return view(
        meter,
        fields={"loadPercent": 62.5, "phaseImbalance": 3.25, "currentKva": 1.6, "powerFactor": 0.9},
        quantities=dict.fromkeys(GAUGES, 1.25) | {"humidity": 0.4},
        totals=dict.fromkeys(REGISTERS, 2**53 + 1) | {"night": 7200},
        unbilled={"energy_import": 17},
    )


def site(*names: str, **more: Any) -> SiteSpec:
    registers = (RegisterSpec("energy_import"), RegisterSpec("night", unit="Wh"))
    meters = tuple(
        MeterSpec(name, units={"humidity": "%"}, registers=registers, **more) for name in names
    )
    return SiteSpec("hq", "UTC", meters=meters, bills=(BillSpec("tenant"),))


def bill(**more: Any) -> BillView:
    period: dict[str, Any] = {
        "used": "123.456789012",
        "allowance": "5000",
        "projection": "4800.1",
        "peak": "61.5",
        "cost": {"currency": "EUR", "lines": [], "total": "37.04"},
    }
    closing = {"used": "9", "allowance": "9"}
    return BillView("tenant", {"unit": "kWh", "periods": [closing, period | more]})


def sink(spec: SiteSpec | None = None) -> PrometheusSink:
    return PrometheusSink(OwnMetrics("0.1.0"), spec or site("main"))


def scraped(one: PrometheusSink, *, now_ms: int = NOON_MS, openmetrics: bool = True) -> Values:
    body = one.exposition(now_ms, openmetrics).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in (open_families if openmetrics else classic_families)(body)
        for sample in family.samples
    }


def of(values: Values, name: str) -> dict[str, float]:
    """Label text without meter and site -> value."""
    found = {}
    for (sample, labels), value in values.items():
        if sample == name:
            rest = sorted((k, v) for k, v in labels if k not in {"meter", "site"})
            found[",".join(f"{k}={v}" for k, v in rest)] = value
    return found
