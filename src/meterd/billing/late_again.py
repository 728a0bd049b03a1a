"""The rates of an adjustment, worked out again from the samples that came late.

They are judged and priced once more by the terms that were sealed with their period
(`late.py`), and held against the adjustment's row. What a price series would have to tell is
taken from the row, for its file goes on; of exported energy there are no samples, so that its
rate must be one that the terms pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import structs

from meterd.billing.closing import Sealed
from meterd.billing.late import LateData
from meterd.billing.period import Period, PeriodState
from meterd.billing.pricing import Usage, rate_text
from meterd.billing.state import BillState, ClosedPeriod
from meterd.billing.tariffs.hours import NO_PRICES
from meterd.billing.tariffs.price import marginal_rates
from meterd.billing.world import World
from meterd.events import Adjusted, Sample
from meterd.metering.calendar import Calendar
from meterd.specs import BillSpec

Rates = dict[str, int]
"""Price per kWh -> joules."""


class Books(NamedTuple):
    """A closed period as what comes late for it is judged: its span and rates, its terms."""

    known: ClosedPeriod
    terms: BillSpec
    zone: str


def books_of(body: Sealed, span: tuple[int, int]) -> Books:
    """Those of a sealed period [start, end)."""
    known = ClosedPeriod(*span, 0, 0)
    if body.metered is not None:
        known.rates = marginal_rates(body.terms, Usage(*span, {}, metered=body.metered))
    return Books(known, body.terms, body.time_zone)


def unlike(
    rows: Iterable[Adjusted], samples: Sequence[Sample], books: Books, world: World
) -> tuple[Rates, Rates] | None:
    """The rates that adjustments have, and those that they should have; None where they agree.

    rows, samples: of what one later period has carried of the closed one.
    """
    used, paid = _told(rows)
    found, unpriced_j = _again(samples, books, world)
    more = {rate: used.get(rate, 0) - found.get(rate, 0) for rate in {**used, **found}}
    bad = any(joules < 0 for joules in more.values()) or sum(more.values()) > unpriced_j
    exports = {version.export for version in books.terms.tariff} - {None}
    known = {rate_text(one.rate) for one in exports if one is not None and one.rate is not None}
    if bad or paid.keys() - known:
        return used | paid, found
    return None


def _told(rows: Iterable[Adjusted]) -> tuple[Rates, Rates]:
    """(of imported energy, of exported energy, which is no energy of the bill's)."""
    used: Rates = {}
    paid: Rates = {}
    for row in rows:
        sums = used if row.amount else paid
        for rate, joules in row.rates.items():
            sums[rate] = sums.get(rate, 0) + joules
    return used, paid


def _again(samples: Iterable[Sample], books: Books, world: World) -> tuple[Rates, int]:
    """(price per kWh -> joules, joules that only a price series could price)."""
    known, terms = books.known, books.terms
    there = structs.replace(world, calendar=Calendar(books.zone), prices=NO_PRICES)
    state = BillState(closed=[known], terms={known.terms: terms})
    late = LateData(terms.name, state, there)
    bare = structs.replace(terms, tariff=())
    carrier = Period(PeriodState(known.end_ms, known.end_ms + 1, 0), bare, there.calendar)
    for sample in samples:
        late.take(sample.interval, carrier, known.end_ms, [])
    found: Rates = {}
    for rates in state.late_rates.values():
        for rate, joules in rates.items():
            found[rate] = found.get(rate, 0) + joules
    return found, sum(state.late.values()) - sum(found.values())
