"""A bill of one period as a document: every figure with where it comes from.

One struct; each format (text, page, table, PDF, Green Button, JSON) is a way to write it.
Amounts are exact decimal strings; what is not known is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from meterd.billing.uncertainty import Part, Uncertainty, uncertainty
from meterd.events import MEASURED, Adjusted
from meterd.metering.calendar import iso, parse_iso
from meterd.shapes.lists import event
from meterd.shapes.periods import began
from meterd.shapes.statement.books import Facts, MeterFacts
from meterd.shapes.statement.registers import EdgeReading, edges
from meterd.shapes.statement.words import in_words
from meterd.units import kwh

CHANGES_MAX: Final = 20
"""Events of one register that are printed; how many more there were is said."""


class Device(msgspec.Struct, frozen=True):
    """What is known of a meter as an instrument."""

    name: str | None
    serial: str | None
    accuracy_class: str | None
    ct_ratio: str | None
    pt_ratio: str | None
    certificate: str | None
    last_calibration: str | None
    next_calibration: str | None
    verification: str | None
    last_verification: str | None


class SourcePart(msgspec.Struct, frozen=True):
    """What one source gave the bill.

    gap_kwh: of it, spread over a gap. questionable_kwh: of it, a lower bound. samples,
    discarded: how many it took and refused; sha256 is of them all. changes: what moved the
    register beside use; more_changes there were beyond those printed.
    """

    meter: str
    method: str
    phase: str | None
    energy_kwh: str
    gap_kwh: str
    questionable_kwh: str
    samples: int
    discarded: int
    sha256: str
    start: EdgeReading | None
    end: EdgeReading | None
    device: Device
    changes: list[dict[str, Any]]
    more_changes: int


class Seal(msgspec.Struct, frozen=True):
    """Where a closed period stands in its bill's chain; position counts from 1."""

    sha256: str
    previous_sha256: str
    position: int
    closed: str
    check: str


class Statement(msgspec.Struct, frozen=True):
    """The document. provisional: the period is not closed, and its figures will change.

    corrections: what came to light after it was closed; later periods carry it.
    """

    bill: str
    site: str
    period: str
    start: str
    end: str
    start_local: str
    end_local: str
    time_zone: str
    tz_version: str | None
    status: str
    provisional: bool
    as_of: str
    type: str
    unit: str
    used: str | None
    allowance: str | None
    overage: str | None
    percent: str | None
    energy_kwh: str
    unbilled_kwh: str
    average_kw: str | None
    coverage: str | None
    projection: str | None
    peak: str | None
    peak_start: str | None
    peak_end: str | None
    peak_local: str | None
    accuracy: str | None
    shares: dict[str, str]
    uncertainty: Uncertainty | None
    cost: dict[str, Any] | None
    sources: list[SourcePart]
    adjustments: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    terms: list[str]
    seal: Seal | None


def statement(facts: Facts) -> Statement:
    """The document of a period."""
    period, bill = facts.period, facts.bill
    start_ms, end_ms = facts.span_ms
    return Statement(
        bill=bill["name"], site=facts.site.name, period=began(period, facts.calendar),
        start=period["start"], end=period["end"],
        start_local=local(facts, start_ms), end_local=local(facts, end_ms),
        time_zone=facts.calendar.zone, tz_version=facts.tz_version,
        status=period["status"], provisional=facts.closed is None, as_of=iso(facts.as_of_ms),
        type=bill["type"], unit=bill["unit"],
        used=period["used"], allowance=period["allowance"], overage=period["overage"],
        percent=period["percent"], energy_kwh=period["energy_kwh"],
        unbilled_kwh=period["unbilled_kwh"], average_kw=period["average"],
        coverage=period["coverage"], projection=period["projection"],
        peak=period["peak"], peak_start=period["peak_start"], peak_end=period["peak_end"],
        peak_local=_peak_local(facts),
        accuracy=period["accuracy"], shares=period["shares"],
        uncertainty=_uncertainty(facts), cost=period["cost"],
        sources=[_part(facts, row) for row in facts.inputs],
        adjustments=period["adjustments"],
        corrections=[_correction(one) for one in facts.corrections],
        terms=in_words(facts.terms, bill["unit"]), seal=_seal(facts),
    )  # fmt: skip


def local(facts: Facts, at_ms: int) -> str:
    """An instant as the site's clocks show it, with the offset: 2026-01-01 00:00 +01:00."""
    text = facts.calendar.local(at_ms).isoformat(" ", "minutes")
    return f"{text[:16]} {text[16:]}"


def _peak_local(facts: Facts) -> str | None:
    start, end = facts.period["peak_start"], facts.period["peak_end"]
    if start is None:
        return None
    return f"{local(facts, parse_iso(start))} to {local(facts, parse_iso(end))}"


def _part(facts: Facts, row: dict[str, Any]) -> SourcePart:
    meter = facts.meters[row["meter"]]
    counted = row["method"] == MEASURED and not row["phase"]
    start, end = edges(meter, facts.span_ms, facts.as_of_ms) if counted else (None, None)
    changes = meter.events if counted else ()
    return SourcePart(
        meter=row["meter"],
        method=row["method"],
        phase=row["phase"] or None,
        energy_kwh=kwh(row["energy_j"]),
        gap_kwh=kwh(row["gap_j"]),
        questionable_kwh=kwh(row["questionable_j"]),
        samples=row["samples"],
        discarded=row["discarded"],
        sha256=row["sha256"],
        start=start,
        end=end,
        device=_device(meter),
        changes=[event(one) for one in changes[:CHANGES_MAX]],
        more_changes=max(0, len(changes) - CHANGES_MAX),
    )


def _device(meter: MeterFacts) -> Device:
    general = {} if meter.spec is None else meter.spec.general
    read = {} if meter.state is None else meter.state.texts
    accuracy = general.get("accuracyClass")
    verified = general.get("verificationResult")
    return Device(
        name=general.get("meterName"),
        serial=read.get("serial_number") or general.get("serialNumber"),
        accuracy_class=None if accuracy is None else accuracy["label"],
        ct_ratio=general.get("ctRatio"),
        pt_ratio=general.get("ptRatio"),
        certificate=general.get("calibrationCertificate"),
        last_calibration=general.get("lastCalibrationDate"),
        next_calibration=general.get("nextCalibrationDate"),
        verification=None if verified is None else verified["label"],
        last_verification=general.get("lastVerificationDate"),
    )


def _uncertainty(facts: Facts) -> Uncertainty | None:
    energy_j = sum(row["energy_j"] for row in facts.inputs)
    return uncertainty(list(_parts(facts)), energy_j) if energy_j else None


def _parts(facts: Facts) -> Iterator[Part]:
    """What counters measured, meter by meter: only they have a class."""
    for row in facts.inputs:
        link = facts.meters[row["meter"]].link
        if row["method"] == MEASURED and link is not None:
            classes = link.accuracy_class, link.transformers
            yield Part(row["energy_j"], *classes, count_j=link.count_j)


def _correction(one: Adjusted) -> dict[str, Any]:
    return {
        "time": iso(one.at_ms),
        "meter": one.meter,
        "reason": one.reason,
        "kwh": kwh(one.amount),
        "before": kwh(one.before),
        "after": kwh(one.after),
        "carried_by": iso(one.open_period_start_ms),
    }


def _seal(facts: Facts) -> Seal | None:
    row = facts.closed
    if row is None:
        return None
    period = began(facts.period, facts.calendar)
    return Seal(
        row.sha256,
        row.previous_sha256,
        facts.position,
        iso(row.closed_ms),
        "Run `meterd audit`: it computes the chain of all closed periods again and must find 0 "
        f"broken. `meterd statement {facts.bill['name']} --period {period}` must then print "
        "this SHA-256.",
    )
