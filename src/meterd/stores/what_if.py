"""A bill's periods as the store has them, to be priced on other terms.

What a tariff looks back on, for a ratchet or a year's minimum, is worked out on the other
terms too: as if they had held all along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from meterd.billing.closing import sealed
from meterd.billing.figures import CLOSED, CLOSING, OPEN, figures, usage
from meterd.billing.recompute import Evidence, recomputed
from meterd.billing.tariffs.metered import Past
from meterd.billing.tariffs.price import past_of
from meterd.billing.world import World
from meterd.events import PeriodClosed
from meterd.metering.calendar import Calendar
from meterd.pipeline import Pipeline
from meterd.specs import BillSpec
from meterd.stores.evidence import beside, of_closed, of_running
from meterd.stores.pages import walk
from meterd.stores.queries import Reader
from meterd.tariff import TariffSpec

OtherTerms = Callable[[BillSpec], BillSpec]
"""A period's own terms -> those it is priced on instead."""
_YEAR: Final = 12


class Case(msgspec.Struct, frozen=True):
    """A period, and what is stored of it. cost: as it was billed, or stands now."""

    status: str
    evidence: Evidence
    terms: BillSpec
    world: World
    now_ms: int
    cost: dict[str, Any] | None


class Cases:
    """The periods of one bill, oldest first; those that are not closed come last."""

    def __init__(self, reader: Reader, pipeline: Pipeline, name: str) -> None:
        """pipeline: restored from the same store's states."""
        self._reader = reader
        self._pipeline = pipeline
        self._bill = pipeline.bills[name]
        self._calendar = pipeline.world.calendar
        self.closed = list(walk(lambda page: reader.periods(name, page)))
        self.starts = [
            *(row.start_ms for row in self.closed),
            *(state.start_ms for state in self._bill.state.periods),
        ]

    def days(self) -> list[str]:
        """The local day on which each began."""
        return [self._calendar.date_of(start_ms).isoformat() for start_ms in self.starts]

    def case(self, place: int) -> Case:
        """One of them, with all that is stored of it."""
        if place < len(self.closed):
            return self._of_closed(self.closed[: place + 1])
        return self._of_running(place - len(self.closed))

    def cost(self, place: int, other: OtherTerms) -> dict[str, Any] | None:
        """What it costs on other terms."""
        case = self.case(place)
        terms = other(case.terms)
        past: list[Past] = []
        for earlier in map(self.case, self._looked_back_on(place, terms)):
            there = other(earlier.terms)
            period = recomputed(self._evidence(earlier, there), there, earlier.world, tuple(past))
            if period.tally is not None:
                past.append(past_of(there, usage(period, earlier.world.calendar)))
        period = recomputed(self._evidence(case, terms), terms, case.world, tuple(past))
        shown = msgspec.to_builtins(figures(period, case.world, case.status, case.now_ms))
        cost: dict[str, Any] | None = shown["cost"]
        return cost

    def _looked_back_on(self, place: int, terms: BillSpec) -> Iterator[int]:
        """The periods before it that its tariff asks for."""
        months = max(map(_months, terms.tariff), default=0)
        oldest = self._month(self.starts[place]) - months
        return (n for n in range(place) if months and self._month(self.starts[n]) >= oldest)

    def _month(self, at_ms: int) -> int:
        day = self._calendar.date_of(at_ms)
        return day.year * _YEAR + day.month

    def _evidence(self, case: Case, terms: BillSpec) -> Evidence:
        """With the reactive and exported energy that the terms ask for."""
        span = (case.evidence.start_ms, case.evidence.end_ms)
        rows = beside(self._reader, span, terms)
        return msgspec.structs.replace(case.evidence, beside=rows)

    def _of_closed(self, rows: list[PeriodClosed]) -> Case:
        *before, row = rows
        terms_of = {earlier.start_ms: sealed(earlier.body).terms for earlier in before}
        body = sealed(row.body)
        evidence = of_closed(self._reader, row, body, terms_of)
        there = msgspec.structs.replace(self._pipeline.world, calendar=Calendar(body.time_zone))
        return Case(CLOSED, evidence, body.terms, there, row.end_ms, body.figures["cost"])

    def _of_running(self, index: int) -> Case:
        now_ms = self._pipeline.state.now_ms
        state = self._bill.state.periods[index]
        terms = self._bill.state.terms[state.terms]
        status = OPEN if now_ms < state.end_ms else CLOSING
        evidence = of_running(self._reader, self._bill.spec.name, state, terms)
        period = self._bill.view(now_ms, lambda _source: ("", None))["periods"][index]
        return Case(status, evidence, terms, self._pipeline.world, now_ms, period["cost"])


def _months(version: TariffSpec) -> int:
    """How many months before a period count in its price."""
    ratchets = [rate.ratchet.months for rate in version.demand if rate.ratchet]
    yearly = [_YEAR for amount in version.minimum if amount.per == "year"]
    return max(ratchets + yearly, default=0)
