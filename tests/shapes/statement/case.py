"""A closed January of a tenant with two meters in Berlin, and the same while it was open."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.billing.site import BERLIN, DAY, FEBRUARY, FIVE, JANUARY, KWH

from meterd.billing.slots import Slot
from meterd.events import Adjusted, Event, Interval, PeriodClosed
from meterd.metering.calendar import iso
from meterd.metering.interval import TrackState
from meterd.metering.meter_state import MeterState
from meterd.metering.register import Mark, RegisterState
from meterd.shapes.statement.books import Facts, MeterFacts
from meterd.specs import ChainMeter, MeterSpec, SiteSpec

TRACK = "energy_import/measured/"
HOSTILE = '<script>alert("x")</script>'
PERIOD: dict[str, Any] = {
    "start": iso(JANUARY), "end": iso(FEBRUARY), "status": "closed", "used": "120.5",
    "energy_kwh": "120.5", "allowance": "100", "overage": "20.5", "percent": "120.5",
    "peak": "6.25", "peak_start": "2026-01-10T10:00:00Z", "peak_end": "2026-01-10T10:15:00Z",
    "average": "0.162", "accuracy": "mixed", "coverage": "0.9975",
    "shares": {"measured": "0.9", "integrated": "0.1", "estimated": "0", "gap": "0.02",
               "questionable": "0.001"},
    "unbilled_kwh": "1.5", "projection": None,
    "cost": {"currency": "EUR", "total": "34.60", "lines": [
        {"name": HOSTILE, "quantity": "120.5", "unit": "kWh", "rate": "0.2871", "amount": "34.60"}
    ]},
    "adjustments": [{"period": "2025-11-30T23:00:00Z", "time": "2026-01-03T00:00:00Z",
                     "reason": "late_data", "kwh": "0.5", "before": "10", "after": "10.5"}],
}  # fmt: skip
TERMS: dict[str, Any] = {
    "name": "tenant", "type": "energy", "billing_day": 1, "allowance": "100", "currency": "EUR",
    "sources": [{"meter": "main", "kind": "energy", "phase": "", "enabled": True,
                 "rate_per_kwh": "0.2871"}],
    "demand": {"window_ms": 900_000, "step_ms": 900_000, "quantity": "kw"},
    "max_source_kw": None, "grace_ms": DAY, "sampling_ms": FIVE,
}  # fmt: skip
SEALED = PeriodClosed("tenant", JANUARY, FEBRUARY, FEBRUARY + DAY, b"{}", "5ea1" * 16, "")
GENERAL: dict[str, Any] = {
    "meterName": "Main & more", "serialNumber": "M-1", "accuracyClass": {"id": 2, "label": "0.5S"},
    "ctRatio": "400:5", "calibrationCertificate": "C-9", "lastCalibrationDate": "2025-05-01",
    "verificationResult": {"id": 1, "label": "Pass"}, "lastVerificationDate": "2025-05-02",
}  # fmt: skip
MAIN = MeterSpec("main", general=GENERAL)
LINK = ChainMeter("main", accuracy_class="0.5S", count_j=KWH // 100, transformers=("0.5",))


def row(meter: str = "main", method: str = "measured", energy_j: int = 108 * KWH) -> dict[str, Any]:
    """What one source gave, as a closed period keeps it."""
    return {
        "meter": meter, "method": method, "phase": "", "energy_j": energy_j, "gap_j": 2 * KWH,
        "questionable_j": 0, "covered_ms": DAY, "samples": 8928, "discarded": 2, "sha256": "ab",
    }  # fmt: skip


def state(**register: Any) -> MeterState:
    """Main as it stands: first read at 1,000 kWh, 200 booked since, the last one not closed."""
    facts = {"first": 1000 * KWH, "booked": 200 * KWH, "dial": 1200 * KWH, **register}
    kept = RegisterState(prev=Mark(facts["dial"], FEBRUARY + DAY), **facts)
    return MeterState(registers={"energy_import": kept}, tracks={TRACK: TrackState(amount=KWH)})


def interval(start_ms: int, **more: Any) -> Interval:
    return Interval("main", "energy_import", "measured", "", start_ms, start_ms + FIVE, 1, **more)


def changed(kind: str = "rollover", **numbers: Any) -> Event:
    return Event("0" * 26, JANUARY + DAY, kind, "main", "energy_import", numbers)


def meter(**more: Any) -> MeterFacts:
    """Main, of which 110 kWh were booked in the period and 11 since."""
    known = {
        "spec": MAIN, "link": LINK, "state": state(),
        "since_start": 119 * KWH, "since_end": 11 * KWH,
        "at_start": [interval(JANUARY)], "at_end": [interval(FEBRUARY)], **more,
    }  # fmt: skip
    return MeterFacts("main", **known)


def slots(count: int = 3) -> list[Slot]:
    return [Slot(JANUARY + n * FIVE, JANUARY + (n + 1) * FIVE, KWH, 1, FIVE) for n in range(count)]


def facts(**more: Any) -> Facts:
    """The closed month."""
    bill = {"name": "tenant", "type": "energy", "unit": "kWh", "periods": [PERIOD]}
    late = Adjusted(
        "0" * 26, "tenant", JANUARY, FEBRUARY, FEBRUARY + 2 * DAY, "late_data", "main", "measured",
        KWH, 120 * KWH, 121 * KWH,
    )  # fmt: skip
    known: dict[str, Any] = {
        "site": SiteSpec("hq", "Europe/Berlin"), "calendar": BERLIN, "bill": bill,
        "period": PERIOD, "span_ms": (JANUARY, FEBRUARY), "as_of_ms": FEBRUARY, "terms": TERMS,
        "inputs": [row(), row("sub", "integrated", 12 * KWH + KWH // 2)],
        "meters": {"main": meter(), "sub": MeterFacts("sub")}, "closed": SEALED, "position": 1,
        "tz_version": "2026a", "corrections": [late], "slots": slots(), **more,
    }  # fmt: skip
    return Facts(**known)


def provisional(**period: Any) -> Facts:
    """The month while it runs."""
    running = {**PERIOD, "status": "open", "projection": "300", "adjustments": [], **period}
    return msgspec.structs.replace(
        facts(period=running, as_of_ms=JANUARY + DAY, corrections=[], tz_version=None),
        closed=None,
    )
