"""A period computed again from its samples: as it was billed, or on other terms.

What is stored of a period is fed to a fresh one by the way it once came, so that an audit
and a what-if have no arithmetic of their own. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

import msgspec

from meterd.billing.anomalies import over_ceiling
from meterd.billing.closing import Sealed, inputs
from meterd.billing.figures import CLOSED, figures
from meterd.billing.period import Adjustment, Period, PeriodState, Stint
from meterd.billing.pricing import rate_text
from meterd.billing.sources import METHOD_OF_KIND, Key, key_of, key_of_interval, wanted
from meterd.billing.world import World
from meterd.events import Adjusted, Interval, Sample
from meterd.metering.calendar import Calendar
from meterd.metering.demand import REACTIVE
from meterd.specs import BillSpec

_EVER_MS: Final = 1 << 62
_UNSEALED: Final = frozenset({"unbilled_kwh"})
"""Figures that no sample tells: a counter's unbilled energy is in its own books."""
_MEASURED: Final = (
    "name", "type", "billing_day", "allowance", "demand", "max_source_kw", "grace_ms",
    "sampling_ms",
)  # fmt: skip
"""What of a bill's terms says what was used; the rest says what it costs."""

Difference = tuple[str, Any, Any]
"""(figure, as it was stored, as it is computed)."""


class Evidence(msgspec.Struct, frozen=True):
    """What is stored of a period [start_ms, end_ms).

    samples: its own, each source's in time order. stints: parts with other sources, the last
    one included once it is closed. reactive: intervals of reactive energy, where the demand is
    in kVA. unbilled: joules. adjustments: what it carries, by the closed period's start.
    """

    start_ms: int
    end_ms: int
    samples: Sequence[Sample]
    stints: Sequence[Stint] = ()
    reactive: Sequence[Interval] = ()
    closed: bool = False
    unbilled: int = 0
    adjustments: Mapping[int, Adjustment] = {}


def recomputed(evidence: Evidence, terms: BillSpec, calendar: Calendar) -> Period:
    """The period that these samples make on these terms.

    A sample of what is no source of the period counts too: it is there, and must not be.
    """
    state = PeriodState(evidence.start_ms, evidence.end_ms, 0)
    for keys, rows in _parts(evidence, terms):
        state.demand.pending.clear()
        state.demand.recent.clear()
        period = Period(state, _sampling(terms, keys), calendar)
        for row in rows:
            _enter(period, row)
    state.unbilled = evidence.unbilled
    state.adjustments = dict(evidence.adjustments)
    return Period(state, terms, calendar)


def _parts(evidence: Evidence, terms: BillSpec) -> list[tuple[Mapping[Key, int], list[Interval]]]:
    """The stints, each with the rows that came in it."""
    stints: list[Mapping[Key, int]] = [dict(stint.reached) for stint in evidence.stints]
    if not (evidence.closed and stints):
        stints.append(dict.fromkeys(wanted(terms), _EVER_MS))
    parts: list[list[Interval]] = [[] for _ in stints]
    for row in chain((sample.interval for sample in evidence.samples), evidence.reactive):
        key = key_of_interval(row)
        there = (n for n, reached in enumerate(stints) if row.end_ms <= reached.get(key, 0))
        place = next(there, None)
        if place is not None:
            parts[place].append(row)
        elif row.quantity != REACTIVE:
            parts[-1].append(row)
    return list(zip(stints, parts, strict=True))


def _sampling(terms: BillSpec, keys: Mapping[Key, int]) -> BillSpec:
    """The terms with just these sources enabled."""
    sources = tuple(
        msgspec.structs.replace(source, enabled=key_of(source) in keys) for source in terms.sources
    )
    return msgspec.structs.replace(terms, sources=sources)


def _enter(period: Period, row: Interval) -> None:
    key = key_of_interval(row)
    if row.quantity == REACTIVE:
        period.demand.add(row)
    else:
        period.admit(key)
        period.book(key, row)


def priced_as(terms: BillSpec, other: BillSpec) -> BillSpec:
    """A period's own terms with the prices of others: what it used stays what it used.

    A source that the others have not keeps its rate.
    """
    rates = {key_of(source): source.rate_per_kwh for source in other.sources}
    own = {name: getattr(terms, name) for name in _MEASURED}
    sources = tuple(
        msgspec.structs.replace(source, rate_per_kwh=rates.get(key_of(source), source.rate_per_kwh))
        for source in terms.sources
    )
    return msgspec.structs.replace(other, **own, sources=sources)


def at_rate(terms: BillSpec, rate_per_kwh: Decimal) -> BillSpec:
    """The terms with one price for the energy of every source."""
    sources = (msgspec.structs.replace(s, rate_per_kwh=rate_per_kwh) for s in terms.sources)
    return msgspec.structs.replace(terms, sources=tuple(sources))


def carried(rows: Iterable[Adjusted], terms_of: Mapping[int, BillSpec]) -> dict[int, Adjustment]:
    """The adjustments of one period from their rows, oldest first.

    terms_of: start of a closed period -> its terms, which price what is adjusted.
    """
    found: dict[int, Adjustment] = {}
    for row in rows:
        terms = terms_of.get(row.period_start_ms)
        rates = {} if terms is None else _rates(row, terms)
        entry = Adjustment(
            row.period_start_ms, row.at_ms, row.amount, row.before, row.after, rates, row.reason
        )
        found.setdefault(row.period_start_ms, entry).join(entry)
    return found


def _rates(row: Adjusted, terms: BillSpec) -> dict[str, int]:
    for source in terms.sources:
        if (source.meter, METHOD_OF_KIND[source.kind]) == (row.meter, row.method):
            rate = source.rate_per_kwh
            return {} if rate is None else {rate_text(rate): row.amount}
    return {}


def differences(sealed: Sealed, evidence: Evidence, world: World) -> list[Difference]:
    """What of a closed period's body its samples do not bear out; [] when all holds."""
    there = msgspec.structs.replace(world, calendar=Calendar(sealed.time_zone))
    period = recomputed(evidence, sealed.terms, there.calendar)
    now = msgspec.to_builtins(figures(period, there, CLOSED, period.state.end_ms))
    found = [
        (name, sealed.figures[name], value)
        for name, value in now.items()
        if name in sealed.figures.keys() - _UNSEALED and sealed.figures[name] != value
    ]
    ceiling_kw = sealed.terms.max_source_kw
    marked = [s for s in evidence.samples if s.discarded != over_ceiling(s.interval, ceiling_kw)]
    found += [("samples marked against their ceiling", len(marked), 0)] if marked else []
    return found + _other_inputs(sealed.inputs, inputs(period))


def _other_inputs(
    stored: Iterable[Mapping[str, Any]], computed: Iterable[Mapping[str, Any]]
) -> list[Difference]:
    before, after = _by_source(stored), _by_source(computed)
    return [
        (f"input {' '.join(filter(None, source))}", before.get(source), after.get(source))
        for source in {**before, **after}
        if before.get(source) != after.get(source)
    ]


def _by_source(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], Mapping[str, Any]]:
    return {
        tuple(str(row.get(name, "")) for name in ("meter", "method", "phase")): row for row in rows
    }
