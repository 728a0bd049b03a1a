"""A watched meter, and what its alarms tell as one line each."""

from __future__ import annotations

from typing import Any

from meterd.metering.alarm import Turned
from meterd.metering.calendar import Calendar, parse_iso
from meterd.metering.thresholds import Thresholds, ThresholdsState
from meterd.specs import ThresholdSpec

BERLIN = Calendar("Europe/Berlin")
NOON = parse_iso("2026-01-10T12:00:00Z")
SECOND = 1000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE


def watched(state: ThresholdsState | None = None, resumed_ms: int = 0, **spec: Any) -> Thresholds:
    return Thresholds(ThresholdSpec(**spec), BERLIN, state or ThresholdsState(), resumed_ms)


def told(turned: list[Turned]) -> list[str]:
    """`+load!` raised and critical, `-load` cleared, with the second after noon."""
    return [
        f"{'+' if one.kind == 'alarm_raised' else '-'}{one.alarm}"
        f"{'!' if one.severity == 'critical' else ''}@{(one.at_ms - NOON) / SECOND:g}"
        for one in turned
    ]


LOAD: dict[str, Any] = {"rated_kw": 100.0, "warning_percent": 80.0, "critical_percent": 95.0}
