"""A period computed again from its samples: as it was billed, or on other terms.

What is stored of a period is fed to a fresh one by the way it once came, so that an audit
and a what-if have no arithmetic of their own. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from meterd.billing.period import Adjustment, Period, PeriodState, Stint
from meterd.billing.pricing import rate_text
from meterd.billing.sources import ACTIVE, METHOD_OF_KIND, Key, key_of, key_of_interval, wanted
from meterd.billing.tariffs.metered import Past
from meterd.billing.world import World
from meterd.events import MEASURED, Adjusted, Interval, Sample
from meterd.specs import BillSpec

_EVER_MS: Final = 1 << 62
_MEASURED: Final = (
    "name", "type", "billing_day", "allowance", "demand", "max_source_kw", "grace_ms",
    "sampling_ms",
)  # fmt: skip
"""What of a bill's terms says what was used; the rest says what it costs."""


class Evidence(msgspec.Struct, frozen=True):
    """What is stored of a period [start_ms, end_ms).

    samples: its own, each source's in time order. stints: its parts with other sources, the last
    one too. beside: intervals of reactive and exported energy that demand or tariff may need.
    unbilled: joules. adjustments: what it carries, by the closed period's start.
    """

    start_ms: int
    end_ms: int
    samples: Sequence[Sample]
    stints: Sequence[Stint] = ()
    beside: Sequence[Interval] = ()
    unbilled: int = 0
    adjustments: Mapping[int, Adjustment] = {}


class Entered(NamedTuple):
    """What of a source was entered: what began at `since_ms` and ended by `until_ms`."""

    since_ms: int
    until_ms: int


def recomputed(
    evidence: Evidence, terms: BillSpec, world: World, past: tuple[Past, ...] = ()
) -> Period:
    """The period that these samples make on these terms. past: of the periods before it.

    A sample of what is no source of the period counts too: it is there, and must not be.
    """
    state = PeriodState(evidence.start_ms, evidence.end_ms, 0)
    for keys, rows in _parts(evidence, terms):
        period = Period(state, _sampling(terms, keys), world.calendar, world.prices)
        for row in rows:
            _enter(period, row)
    state.stints = list(evidence.stints)
    state.unbilled = evidence.unbilled
    state.adjustments = dict(evidence.adjustments)
    whole = Period(state, terms, world.calendar, world.prices)
    whole.past = past
    return whole


def _parts(
    evidence: Evidence, terms: BillSpec
) -> list[tuple[Mapping[Key, Entered], list[Interval]]]:
    """The stints, each with the rows that came in it."""
    stints = _stints(evidence, terms)
    parts: list[list[Interval]] = [[] for _ in stints]
    rows = chain((sample.interval for sample in evidence.samples), _beside(evidence))
    for row in sorted(rows, key=attrgetter("start_ms")):
        key = key_of_interval(row)
        there = (
            n
            for n, entered in enumerate(stints)
            if key in entered
            and row.start_ms >= entered[key].since_ms
            and row.end_ms <= entered[key].until_ms
        )
        place = next(there, None)
        if place is not None:
            parts[place].append(row)
        elif row.quantity == ACTIVE:
            parts[-1].append(row)
    return list(zip(stints, parts, strict=True))


def _stints(evidence: Evidence, terms: BillSpec) -> list[dict[Key, Entered]]:
    """What was entered in each stint; with what the terms need and nobody kept."""
    found = [_entered(stint) for stint in evidence.stints]
    found = found or [dict.fromkeys(wanted(terms), Entered(0, _EVER_MS))]
    for key in _never_kept(evidence, terms):
        for entered in found:
            active = [entered[k].until_ms for k in entered if (k[0], k[1]) == (key[0], ACTIVE)]
            if active:
                entered[key] = Entered(0, max(active))
    return found


def _entered(stint: Stint) -> dict[Key, Entered]:
    """Samples are all that was entered; of other energy nothing before it is said to begin."""
    since, kept = dict(stint.since or ()), stint.since is not None
    return {
        key: Entered(since.get(key, _EVER_MS) if kept and key[1] != ACTIVE else 0, until_ms)
        for key, until_ms in stint.reached
    }


def _never_kept(evidence: Evidence, terms: BillSpec) -> list[Key]:
    """Reactive and exported energy that only a what-if asks for."""
    kept = {key for stint in evidence.stints for key, _until_ms in stint.reached}
    everyone = tuple(msgspec.structs.replace(source, enabled=True) for source in terms.sources)
    needed = wanted(msgspec.structs.replace(terms, sources=everyone))
    return [key for key in needed if key[1] != ACTIVE and key not in kept] if kept else []


def _beside(evidence: Evidence) -> Iterable[Interval]:
    """What was not kept for the bill counts while its meter was sampled."""
    kept = {key for stint in evidence.stints for key, _until_ms in stint.reached}
    sampled = {(s.interval.meter, s.interval.start_ms) for s in evidence.samples}
    return (
        row
        for row in evidence.beside
        if key_of_interval(row) in kept or (row.meter, row.start_ms) in sampled
    )


def _sampling(terms: BillSpec, keys: Mapping[Key, Entered]) -> BillSpec:
    """The terms with just these sources, in their order: another order begins windows anew."""
    order = {key: place for place, key in enumerate(keys)}
    sources = sorted(
        (source for source in terms.sources if key_of(source) in order),
        key=lambda source: order[key_of(source)],
    )
    return msgspec.structs.replace(
        terms,
        sources=tuple(
            msgspec.structs.replace(
                source,
                enabled=True,
                also=tuple(q for q in source.also if (source.meter, q, MEASURED, "") in keys),
            )
            for source in sources
        ),
    )


def _enter(period: Period, row: Interval) -> None:
    key = key_of_interval(row)
    if row.quantity == ACTIVE:
        period.admit(key)
        period.book(key, row)
    elif key in period.keys:
        period.support(row)


def priced_as(terms: BillSpec, other: BillSpec) -> BillSpec:
    """A period's own terms with the prices of others: what it used stays what it used.

    A source that the others have not keeps its rate.
    """
    others = {key_of(source): source for source in other.sources}
    own = {name: getattr(terms, name) for name in _MEASURED}
    sources = tuple(
        msgspec.structs.replace(source, rate_per_kwh=there.rate_per_kwh, also=there.also)
        for source in terms.sources
        for there in (others.get(key_of(source), source),)
    )
    return msgspec.structs.replace(other, **own, sources=sources)


def at_rate(terms: BillSpec, rate_per_kwh: Decimal) -> BillSpec:
    """The terms with one price for the energy of every source, and nothing else to pay."""
    sources = (msgspec.structs.replace(s, rate_per_kwh=rate_per_kwh) for s in terms.sources)
    return msgspec.structs.replace(terms, sources=tuple(sources), tariff=())


def carried(rows: Iterable[Adjusted], terms_of: Mapping[int, BillSpec]) -> dict[int, Adjustment]:
    """The adjustments of one period from their rows, oldest first.

    terms_of: start of a closed period -> its terms, which price what is adjusted; by a tariff
    it has the rates of its own hours, which the row tells.
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
    if terms.tariff:
        return dict(row.rates)
    for source in terms.sources:
        if (source.meter, METHOD_OF_KIND[source.kind]) == (row.meter, row.method):
            rate = source.rate_per_kwh
            return {} if rate is None else {rate_text(rate): row.amount}
    return {}
