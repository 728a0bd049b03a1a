"""What a bill resumes from after a restart, as one serialisable value."""

from __future__ import annotations

from typing import Final

import msgspec

from meterd.billing.period import PeriodState
from meterd.billing.sources import Key
from meterd.billing.tariffs.metered import Past
from meterd.specs import BillSpec

CLOSED_KEPT: Final = 36
"""Closed periods that late data still finds; older energy is unbilled, and an event."""


PAST_KEPT: Final = 121
"""Closed periods that a ratchet can look back on: ten years, the most it may be told to."""


class ClosedPeriod(msgspec.Struct, array_like=True):
    """What is remembered of a closed period: its energy with adjustments, its terms' number.

    rates: (version, zone) of its tariff -> what one more kWh costs.
    """

    start_ms: int
    end_ms: int
    energy_j: int
    terms: int
    rates: dict[tuple[int, int], str] = {}


class BillState(msgspec.Struct):
    """One bill.

    periods: not closed yet, oldest first, without a hole. terms: number -> the terms that
    periods refer to. late: (closed period's start or -1, source) -> joules not yet carried.
    late_rates: the same key -> joules of it by price per kWh, as its tariff says.
    reached: source -> its data is whole up to there. sha256: of the last closed period.
    past: what tariffs look back on, of closed periods that had one, oldest first.
    """

    periods: list[PeriodState] = []
    closed: list[ClosedPeriod] = []
    terms: dict[int, BillSpec] = {}
    late: dict[tuple[int, Key], int] = {}
    reached: dict[Key, int] = {}
    sha256: str = ""
    late_rates: dict[tuple[int, Key], dict[str, int]] = {}
    past: list[Past] = []

    def look_back(self, past: Past) -> None:
        """Keep what tariffs look back on, and forget the oldest."""
        self.past.append(past)
        del self.past[:-PAST_KEPT]

    def number(self, terms: BillSpec) -> int:
        """The number under which terms are kept; the same terms have the same."""
        known = (number for number, others in self.terms.items() if others == terms)
        number = next(known, max(self.terms, default=0) + 1)
        self.terms[number] = terms
        return number

    def closed_at(self, at_ms: int) -> ClosedPeriod | None:
        """The remembered closed period that holds the instant."""
        found = (kept for kept in self.closed if kept.start_ms <= at_ms < kept.end_ms)
        return next(found, None)

    def remember(self, period: ClosedPeriod) -> None:
        """Keep a closed period, and forget the oldest and the terms nobody refers to."""
        self.closed.append(period)
        del self.closed[:-CLOSED_KEPT]
        used = {kept.terms for kept in self.closed} | {kept.terms for kept in self.periods}
        self.terms = {number: terms for number, terms in self.terms.items() if number in used}


def encode(state: BillState) -> bytes:
    """The state as the store keeps it."""
    return msgspec.msgpack.encode(state)


def decode(body: bytes) -> BillState:
    """A state that `encode` wrote."""
    return msgspec.msgpack.decode(body, type=BillState)
