"""The sources of a bill, and which intervals they are.

A source is (meter, kind, phase). What it uses are intervals of active energy of its kind's
method; a bill in kVA needs the reactive energy of its meters' counters as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from meterd.events import MEASURED, MIXED, Interval, Sample
from meterd.metering.demand import REACTIVE
from meterd.specs import BillSpec, SourceSpec

ACTIVE: Final = "energy_import"
Key = tuple[str, str, str, str]
"""(meter, quantity, method, phase) of a row of intervals."""
METHOD_OF_KIND: Final = {
    "energy": "measured",
    "power": "integrated",
    "volt_ampere": "estimated",
}
"""A source's kind and the method of the intervals it takes (seed 003's hierarchy)."""
_KINDS: Final = {method: kind for kind, method in METHOD_OF_KIND.items()}


def key_of(source: SourceSpec) -> Key:
    """The intervals a source bills."""
    return source.meter, ACTIVE, METHOD_OF_KIND[source.kind], source.phase


def key_of_interval(interval: Interval) -> Key:
    """The row an interval belongs to."""
    return interval.meter, interval.quantity, interval.method, interval.phase


def wanted(terms: BillSpec) -> tuple[Key, ...]:
    """The intervals of all enabled sources, and those that demand and tariff need, each once."""
    enabled = [source for source in terms.sources if source.enabled]
    keys = dict.fromkeys(key_of(source) for source in enabled)
    if terms.demand.quantity == "kva":
        keys.update(dict.fromkeys((source.meter, REACTIVE, "measured", "") for source in enabled))
    for source in enabled:
        keys.update(
            dict.fromkeys((source.meter, quantity, MEASURED, "") for quantity in source.also)
        )
    return tuple(keys)


def enabled_source(terms: BillSpec, key: Key) -> SourceSpec | None:
    """The enabled source that bills these intervals, or None."""
    sources = (source for source in terms.sources if source.enabled and key_of(source) == key)
    return next(sources, None)


def sampled(bill: str, period_start_ms: int, interval: Interval, *, discarded: bool) -> Sample:
    """An interval as the bill saw it; the period is the one that bills it."""
    return Sample(bill, _KINDS[interval.method], period_start_ms, interval, discarded)


def one_word(methods: Iterable[str]) -> str | None:
    """measured, integrated or estimated; mixed for more than one (seed 003); None for none."""
    distinct = set(methods)
    return MIXED if len(distinct) > 1 else next(iter(distinct), None)


def continued(terms: BillSpec, spec: BillSpec) -> BillSpec:
    """The open period's terms when the configuration has changed to `spec`.

    Who is sampled changes at once (seed 003: a source is added, disabled or removed while
    the bill runs); rates and everything else stay until the next period. A source that is
    gone stays as a disabled one, for what it has used.
    """
    known = {key_of(source): source for source in terms.sources}
    sources = [
        msgspec.structs.replace(
            source,
            rate_per_kwh=before.rate_per_kwh,
            also=tuple(sorted({*before.also, *source.also})),
        )
        for source in spec.sources
        for before in (known.pop(key_of(source), source),)
    ]
    gone = [msgspec.structs.replace(source, enabled=False) for source in known.values()]
    return msgspec.structs.replace(terms, sources=(*sources, *gone))
