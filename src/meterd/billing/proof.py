"""A closed period held against its samples: what of its body they do not bear out.

Its tariff is given what the samples and the stored intervals make again, the prices stored
with it, and the peaks that its bill's earlier periods make again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from meterd.billing.anomalies import over_ceiling
from meterd.billing.closing import Sealed, inputs
from meterd.billing.figures import CLOSED, figures, usage
from meterd.billing.recompute import Evidence, recomputed
from meterd.billing.state import PAST_KEPT
from meterd.billing.tariffs.again import stored_prices, told
from meterd.billing.tariffs.metered import Past
from meterd.billing.tariffs.price import past_of
from meterd.billing.world import World
from meterd.metering.calendar import Calendar

_UNSEALED: Final = frozenset({"unbilled_kwh"})
"""Figures that no sample tells: a counter's unbilled energy is in its own books."""

Difference = tuple[str, Any, Any]
"""(figure, as it was stored, as it is computed)."""


def differences(
    sealed: Sealed, evidence: Evidence, world: World, past: list[Past]
) -> list[Difference]:
    """What of a closed period's body its samples do not bear out; [] when all holds.

    past: of the bill's closed periods before it; if it has a tariff, its own is added.
    """
    terms = sealed.terms
    calendar, prices = Calendar(sealed.time_zone), world.prices
    if sealed.metered is not None:
        prices = stored_prices(sealed.metered, terms.tariff, evidence.end_ms)
    there = msgspec.structs.replace(world, calendar=calendar, prices=prices)
    period = recomputed(evidence, terms, there, tuple(past[-PAST_KEPT:]))
    now = msgspec.to_builtins(figures(period, there, CLOSED, evidence.end_ms))
    if period.tally is not None:
        past.append(past_of(terms, usage(period, calendar)))
    ceiling_kw = terms.max_source_kw
    marked = [s for s in evidence.samples if s.discarded != over_ceiling(s.interval, ceiling_kw)]
    return [
        *((name, a, b) for name, a, b in unlike(sealed.figures, now) if name in _known(sealed)),
        *([("samples marked against their ceiling", len(marked), 0)] if marked else []),
        *unlike(by_source(sealed.inputs), by_source(inputs(period.state.totals))),
        *unlike(told(sealed.metered, terms.tariff), told(period.metered(), terms.tariff)),
    ]


def _known(sealed: Sealed) -> set[str]:
    """The figures that were sealed: a later release may know more of them."""
    return sealed.figures.keys() - _UNSEALED


def unlike(stored: Mapping[str, Any], computed: Mapping[str, Any]) -> list[Difference]:
    """Figures of two rows that are not the same, or that one of them has alone."""
    return [
        (name, stored.get(name), computed.get(name))
        for name in {**stored, **computed}
        if stored.get(name) != computed.get(name)
    ]


def by_source(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The rows of `closing.inputs`, by what a person calls their source."""
    return {
        " ".join(("input", *filter(None, (row.get(n) for n in ("meter", "method", "phase"))))): row
        for row in rows
    }
