"""What is saved, and what the world is shown, as of a commit.

The same habits as in `events.py`: epoch milliseconds UTC, amounts in base units, frozen.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Saved(msgspec.Struct, frozen=True, gc=False):
    """The state one owner resumes from, as it is after the outputs it is committed with."""

    kind: str
    key: str
    body: bytes


class MeterView(msgspec.Struct, frozen=True, gc=False):
    """A meter as sinks show it.

    at_ms: when its last reading was taken, None before the first. quality: of that reading.
    fields: seed 000's Readings and Consumption by the seed's names (None or left out where
    not known). quantities: every gauge read, canonical name -> canonical unit.
    totals: register -> lifetime amount in base units (it never falls).
    unbilled: register -> base units. decimals for JSON are made at the edge.
    alarms: "alarm/severity" of everything it is watched for -> the numbers of one that
    stands, else None. cost_today: of a meter with a tariff, what the day's energy has added.
    """

    meter: str
    online: bool
    at_ms: int | None
    quality: str
    fields: dict[str, Any]
    quantities: dict[str, float]
    totals: dict[str, int]
    unbilled: dict[str, int]
    alarms: dict[str, dict[str, Any] | None] = {}
    cost_today: Decimal | None = None


class BillView(msgspec.Struct, frozen=True, gc=False):
    """A bill as `meterd bills --json` prints it; its closed periods are in the store."""

    bill: str
    body: dict[str, Any]


class BalanceView(msgspec.Struct, frozen=True, gc=False):
    """A meter against the sum of those below it, over the same intervals. Joules.

    parent_j, children_j: over every interval that was compared, since ever; so many were,
    and so many were not (skipped). last: the newest, (start_ms, end_ms, parent_j,
    children_j). tolerance_percent: of the parent's, beyond which it is an alarm.
    """

    meter: str
    children: tuple[str, ...]
    tolerance_percent: float
    parent_j: int
    children_j: int
    compared: int
    skipped: int
    last: tuple[int, int, int, int] | None


class PueFigure(msgspec.Struct, frozen=True):
    """PUE of one window. ratio: None where it is not shown, and `reason` says why.

    facility_coverage, it_coverage: fractions of [start_ms, end_ms).
    """

    category: int
    window: str
    start_ms: int
    end_ms: int
    facility_j: int
    it_j: int
    facility_coverage: float
    it_coverage: float
    ratio: float | None
    reason: str = ""


class SiteView(msgspec.Struct, frozen=True, gc=False):
    """What is known of the site as a whole."""

    pue: tuple[PueFigure, ...] = ()
    balances: tuple[BalanceView, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """What changed since the last commit, ready to be written down and then told.

    site: None where nothing did.
    """

    saved: list[Saved]
    meters: list[MeterView]
    bills: list[BillView]
    site: SiteView | None = None
