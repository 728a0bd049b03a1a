"""What the API answers, as types: `/openapi.json` is made from them, and tests hold answers
against them.

Exact numbers are decimal strings; the seeds' own objects carry numbers. What is not known is
null. Where a field's name is the site's own (a POWERMETER, an event's numbers) the object is open.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from meterd.billing.figures import Figures

Exact = Annotated[str, msgspec.Meta(extra_json_schema={"format": "exact-decimal"})]
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Open = dict[str, Any]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer whose fields are all named here."""


class ProblemDetails(Told, frozen=True, kw_only=True):
    """RFC 9457. errors: each wrong field. readings: those of a batch that were taken all the
    same."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField] = []
    readings: list[Outcome | None] = []


class WrongField(Told, frozen=True, kw_only=True):
    """A field that is wrong, and why."""

    field: str
    detail: str


class Interval(Told, frozen=True, kw_only=True):
    """An interval of a meter. gap, questionable: parts of the amount."""

    start: Instant
    end: Instant
    meter: str
    quantity: str
    method: str
    phase: str | None
    amount: Exact
    unit: str | None
    gap: Exact
    questionable: Exact
    quality: str
    missing_s: float
    gap_start: Instant | None
    gap_end: Instant | None
    event: str | None


class Sample(Told, frozen=True, kw_only=True):
    """A sample of a bill."""

    start: Instant
    end: Instant
    meter: str
    kwh: Exact
    kw: Exact
    method: str
    quality: str
    event: str | None
    bill: str
    kind: str
    phase: str | None
    discarded: bool


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A decision or a change. Its numbers stand beside these fields."""

    id: str
    time: Instant
    kind: str
    meter: str | None
    quantity: str | None


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that stands. Its numbers stand beside these fields."""

    meter: str
    alarm: str
    severity: str
    acknowledged: Instant | None
    acknowledged_by: str | None


class Record(Told, frozen=True, kw_only=True):
    """A meter record: seed 001's columns, then ours."""

    id: str
    enabled: bool
    created_date: Instant
    created_by: str
    modified_date: Instant | None
    modified_by: str | None
    notes: str | None
    spare1: str | None
    spare2: str | None
    spare3: str | None
    name: str
    description: str | None
    location_id: str | None
    equipment_id: str | None
    meter_type_id: str | None
    status: str
    start_date: Instant
    end_date: Instant | None
    total_duration_sec: float
    usage_value: float | None
    cost: float | None
    usage_unit_of_measure_id: str | None
    cost_unit_of_measure_id: str | None
    to_be_pruned: bool
    configuration: str
    run: int
    cut_by: str | None


class Period(Figures, frozen=True, kw_only=True):
    """A period of a bill. closed, sha256: of one that is closed. began: its first day."""

    began: str | msgspec.UnsetType = msgspec.UNSET
    closed: Instant | msgspec.UnsetType = msgspec.UNSET
    sha256: str | msgspec.UnsetType = msgspec.UNSET


class BillSource(Told, frozen=True, kw_only=True):
    """A source of a bill, and how it is. phase: of one phase alone."""

    meter: str
    kind: str
    enabled: bool
    phase: str | None = None
    health: str = ""
    last: Instant | None = None


class Bill(Told, frozen=True, kw_only=True):
    """A bill with its periods, oldest first."""

    name: str
    type: str
    unit: str
    accuracy: str | None
    sources: list[BillSource]
    periods: list[Period]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What a graph is drawn from; which fields follow is the view's."""

    bill: str
    view: str
    unit: str


class Site(Told, frozen=True, kw_only=True):
    """The site as it is configured, PUE, and energy unaccounted for."""

    name: str
    timezone: str
    currency: str
    sampling_s: float
    time: Instant
    meters: list[str]
    records: list[str]
    bills: list[str]
    pue: list[Open]
    unaccounted: list[Open]


class Status(Told, frozen=True, kw_only=True):
    """The daemon is well."""

    status: str


class Outcome(Told, frozen=True, kw_only=True):
    """What became of a reading."""

    meter: str
    time: Instant
    outcome: str
    refused: str | None
    events: list[str]
