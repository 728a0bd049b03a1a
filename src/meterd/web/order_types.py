"""What orders and changes take and answer, as types: see `answer_types`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from meterd.shapes.meters import ENTITY
from meterd.web.answer_types import Instant, Open, Told


class Ordered(Told, frozen=True, kw_only=True):
    """An order about a record, as it was taken."""

    configuration: str
    order: str
    time: Instant
    actor: str


class Current(Told, frozen=True, kw_only=True):
    """A value and its unit."""

    value: float
    unit: str


class Candidate(Told, frozen=True, kw_only=True):
    """What may become a source of a bill, and what it shows now."""

    meter: str
    kind: str
    phase: str | None
    method: str
    current: Current | None
    reading: str
    time: Instant | None
    availability: str
    bills: list[str]


class Attached(Told, frozen=True, kw_only=True):
    """A source of a bill, and where it comes from."""

    meter: str
    kind: str
    phase: str | None
    enabled: bool
    origin: str


class BillMade(Told, frozen=True, kw_only=True):
    """A bill that was made, or would be; readings: what each source shows now."""

    name: str
    dry_run: bool
    bill: Open
    readings: list[Open]


class BillChanged(Told, frozen=True, kw_only=True):
    """The terms of a bill as they are to be from the next period on."""

    name: str
    dry_run: bool
    bill: Open


class BillEnded(Told, frozen=True, kw_only=True):
    """A bill that has a history, and goes on no more."""

    name: str
    ended: bool


class SourceAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A source that was added, or would be, with what it shows now."""

    bill: str
    dry_run: bool


class SourcesOf(Told, frozen=True, kw_only=True):
    """The sources of a bill after a change."""

    bill: str
    sources: list[Attached]


class Replaced(Told, frozen=True, kw_only=True):
    """What a replacement has booked."""

    meter: str
    time: Instant
    actor: str
    registers: list[Open]


class ToAcknowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """alarm: "load" or "load/critical"; without it all of the meter's. note: what to say of it."""

    alarm: str = ""
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Turned(Told, frozen=True, kw_only=True):
    """An alarm, and since when its condition is there."""

    alarm: str
    severity: str
    since: Instant


class Seen(Told, frozen=True, kw_only=True):
    """The alarms that nobody had acknowledged before."""

    meter: str
    time: Instant
    actor: str
    alarms: list[Turned]


class Reloaded(Told, frozen=True, kw_only=True):
    """The file is in force."""

    reloaded: bool


class Named(msgspec.Struct, frozen=True):
    """Of one meter."""

    meter: str = ""


class Rehearsed(msgspec.Struct, frozen=True):
    """dry_run: answer as if, and change nothing."""

    dry_run: bool = False


class Which(msgspec.Struct, frozen=True):
    """Which source of a meter that has several."""

    kind: str = ""
    phase: str = ""


class Switched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a source is billed."""

    enabled: bool


class ObjectAsked(msgspec.Struct, frozen=True):
    """entity: POWERMETER, or DEFINITION for that of them all."""

    entity: str = ENTITY
