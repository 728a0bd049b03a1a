"""Rows of the lists: intervals, samples, events, records, adjustments and bills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from meterd.billing.figures import Figures
from meterd.billing.listing import adjustment_row, sample_row
from meterd.events import Adjusted, Event, Interval, PeriodClosed, RecordRow, Sample
from meterd.metering.calendar import iso
from meterd.records.life import Status
from meterd.records.ulid import dashed
from meterd.shapes.meters import amount_shown

PERIOD_FIELDS: Final = tuple(field.name for field in msgspec.structs.fields(Figures))


def interval(item: Interval, unit: str | None) -> dict[str, Any]:
    """An interval of a meter. unit: of its quantity, as `unit_of` says; gap and questionable
    are parts of `amount`, missing_s the time that no accepted pair of readings covers."""
    gapped = item.gap_to_ms > 0
    return {
        "start": iso(item.start_ms),
        "end": iso(item.end_ms),
        "meter": item.meter,
        "quantity": item.quantity,
        "method": item.method,
        "phase": item.phase or None,
        "amount": amount_shown(item.amount, unit),
        "unit": unit,
        "gap": amount_shown(item.gap, unit),
        "questionable": amount_shown(item.questionable, unit),
        "quality": item.quality,
        "missing_s": item.missing_ms / 1000,
        "gap_start": iso(item.gap_from_ms) if gapped else None,
        "gap_end": iso(item.gap_to_ms) if gapped else None,
        "event": item.event or None,
    }


def sample(item: Sample) -> dict[str, Any]:
    """A sample of a bill, then which bill and source it is of, and whether it was refused."""
    return sample_row(item) | {
        "bill": item.bill,
        "kind": item.kind,
        "phase": item.interval.phase or None,
        "discarded": item.discarded,
    }


def event(item: Event) -> dict[str, Any]:
    """An event and its numbers, which never hide what every event has."""
    head = {
        "id": dashed(item.id),
        "time": iso(item.at_ms),
        "kind": item.kind,
        "meter": item.meter or None,
        "quantity": item.quantity or None,
    }
    return head | item.numbers | head


def record(columns: Mapping[str, Any], row: RecordRow, now_ms: int) -> dict[str, Any]:
    """Seed 001's columns as they are kept, then ours.

    now_ms: until when the duration of a record that has not ended is counted; one that has
    not begun (IDLE) has lasted no time.
    """
    fields = dict(columns)
    if row.end_ms is None and row.status != Status.IDLE:
        fields["total_duration_sec"] = max(0, now_ms - row.start_ms) / 1000
    return fields | {"configuration": row.configuration, "run": row.run, "cut_by": row.cut_by}


def adjustment(item: Adjusted) -> dict[str, Any]:
    """An adjustment: what came to light after its period was closed."""
    return adjustment_row(item) | {"id": dashed(item.id)}


def bill(body: Mapping[str, Any], closed: Iterable[PeriodClosed]) -> dict[str, Any]:
    """A bill with all its periods, oldest first.

    body: the live part (`BillView.body`), with the periods not closed yet. It may be older
    than `closed`: a period that is in both has been closed since.
    """
    periods = {period["start"]: period for period in map(closed_period, closed)}
    for period in body["periods"]:
        periods.setdefault(period["start"], period)
    return {**body, "periods": list(periods.values())}


def closed_period(row: PeriodClosed) -> dict[str, Any]:
    """The figures a period was closed with, in the order an open one shows them."""
    figures = msgspec.json.decode(row.body)["figures"]
    ordered = {name: figures[name] for name in PERIOD_FIELDS if name in figures}
    return ordered | {"closed": iso(row.closed_ms), "sha256": row.sha256}
