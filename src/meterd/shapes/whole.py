"""What is known beyond a single meter: alarms that stand, PUE, and energy unaccounted for."""

from __future__ import annotations

from typing import Any

from meterd.metering.calendar import iso
from meterd.units import kwh
from meterd.views import BalanceView, MeterView, PueFigure, SiteView


def alarms(view: MeterView | None) -> list[dict[str, Any]]:
    """The alarms of a meter that stand: alarm, severity, and their numbers."""
    found = view.alarms.items() if view is not None else ()
    return [_alarm(name, numbers) for name, numbers in found if numbers is not None]


def _alarm(name: str, numbers: dict[str, Any]) -> dict[str, Any]:
    alarm, _slash, severity = name.partition("/")
    return {"alarm": alarm, "severity": severity, **numbers}


def alarm_rows(views: dict[str, MeterView]) -> list[dict[str, Any]]:
    """Every alarm that stands, of all these meters."""
    return [{"meter": name, **row} for name, view in views.items() for row in alarms(view)]


def whole(view: SiteView) -> dict[str, Any]:
    """The site as a whole: `pue` by category and window, `unaccounted` by parent meter."""
    return {
        "pue": [_figure(figure) for figure in view.pue],
        "unaccounted": [_balance(balance) for balance in view.balances],
    }


def _figure(figure: PueFigure) -> dict[str, Any]:
    return {
        "category": figure.category,
        "window": figure.window,
        "start": iso(figure.start_ms),
        "end": iso(figure.end_ms),
        "ratio": figure.ratio,
        "reason": figure.reason or None,
        "facility_kwh": kwh(figure.facility_j),
        "it_kwh": kwh(figure.it_j),
        "facility_coverage": round(figure.facility_coverage, 6),
        "it_coverage": round(figure.it_coverage, 6),
    }


def _balance(view: BalanceView) -> dict[str, Any]:
    return {
        "meter": view.meter,
        "children": list(view.children),
        "tolerance_percent": view.tolerance_percent,
        "intervals": view.compared,
        "skipped": view.skipped,
        **_sides(view.parent_j, view.children_j),
        "last": _last(view.last),
    }


def _last(last: tuple[int, int, int, int] | None) -> dict[str, Any] | None:
    if last is None:
        return None
    start_ms, end_ms, parent_j, children_j = last
    return {"start": iso(start_ms), "end": iso(end_ms), **_sides(parent_j, children_j)}


def _sides(parent_j: int, children_j: int) -> dict[str, str]:
    return {
        "parent_kwh": kwh(parent_j),
        "children_kwh": kwh(children_j),
        "unaccounted_kwh": kwh(parent_j - children_j),
    }
