"""The figures of a period as `meterd bills --json` prints them (contract section 6).

Exact quantities are decimal strings of at most nine places, half up, without trailing
zeros; what is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import msgspec

from meterd.billing.kind import bill_type
from meterd.billing.period import Adjustment, Period
from meterd.billing.pricing import Cost, Usage
from meterd.billing.projection import projection
from meterd.billing.sources import one_word
from meterd.billing.world import World
from meterd.events import ESTIMATED, INTEGRATED, MEASURED
from meterd.metering.calendar import Calendar, iso
from meterd.units import decimal_text, kwh, plain

OPEN: Final = "open"
CLOSING: Final = "closing"
CLOSED: Final = "closed"


class Shares(msgspec.Struct, frozen=True):
    """Fractions of a period's energy; the first three add up to 1, or all are 0 without any."""

    measured: str = "0"
    integrated: str = "0"
    estimated: str = "0"
    gap: str = "0"
    questionable: str = "0"


class Figures(msgspec.Struct, frozen=True):
    """One period, in the contract's words. used, allowance, overage, projection: in the
    bill's unit. peak: kW, or kVA where the demand window says so. average: kW."""

    start: str
    end: str
    status: str
    used: str | None
    energy_kwh: str
    allowance: str | None
    overage: str | None
    percent: str | None
    peak: str | None
    peak_start: str | None
    peak_end: str | None
    average: str | None
    accuracy: str | None
    coverage: str | None
    shares: Shares
    unbilled_kwh: str
    projection: str | None
    cost: Cost | None
    adjustments: list[dict[str, Any]]


def figures(period: Period, world: World, status: str, now_ms: int) -> Figures:
    """A period as it stands at `now_ms`; `now_ms` is of no account once it is over."""
    state, terms = period.state, period.terms
    kind = bill_type(terms.type)
    energy_j = period.energy_j()
    peak = period.demand.state.peak
    used = kind.used(energy_j, peak)
    ahead = None if status == CLOSED else projection(kind, used, period.span(), now_ms)
    average, coverage = _means(period, _elapsed_ms(period, world.calendar, now_ms))
    overage, percent = against(used, terms.allowance)
    return Figures(
        start=iso(state.start_ms),
        end=iso(state.end_ms),
        status=status,
        used=shown(used),
        energy_kwh=kwh(energy_j),
        allowance=shown(None if terms.allowance is None else Fraction(terms.allowance)),
        overage=shown(overage),
        percent=shown(percent),
        peak=shown(peak.demand() if peak else None),
        peak_start=iso(peak.start_ms) if peak else None,
        peak_end=iso(peak.end_ms) if peak else None,
        average=shown(average),
        accuracy=_accuracy(period),
        coverage=shown(coverage),
        shares=_shares(period),
        unbilled_kwh=kwh(state.unbilled),
        projection=shown(ahead),
        cost=world.pricing(terms, usage(period, world.calendar)),
        adjustments=[_adjustment(entry) for entry in state.adjustments.values()],
    )


def shown(value: Fraction | None) -> str | None:
    """A number as JSON carries it, None where it is not known."""
    return None if value is None else decimal_text(value)


def against(
    used: Fraction | None, allowance: Decimal | None
) -> tuple[Fraction | None, Fraction | None]:
    """(overage, percent) of an allowance; None without one. Of nothing there is no percent."""
    if used is None or allowance is None:
        return None, None
    limit = Fraction(allowance)
    return max(Fraction(0), used - limit), 100 * used / limit if limit else None


def shares(by_method: Mapping[str, int], gap: int, questionable: int) -> Shares:
    """Parts of a period's energy, by method and by quality; all in joules.

    The running sum is rounded, not the parts, so that the methods add up to 1 exactly.
    """
    energy = sum(by_method.values())
    if not energy:
        return Shares()
    edges = [Decimal(0)]
    so_far = 0
    for method in (MEASURED, INTEGRATED, ESTIMATED):
        so_far += by_method.get(method, 0)
        edges.append(Decimal(decimal_text(Fraction(so_far, energy))))
    parts = [after - before for before, after in pairwise(edges)]
    parts += [Decimal(decimal_text(Fraction(part, energy))) for part in (gap, questionable)]
    return Shares(*(format(plain(part), "f") for part in parts))


def usage(period: Period, calendar: Calendar) -> Usage:
    """What a tariff may see of a period."""
    state = period.state
    return Usage(
        state.start_ms,
        state.end_ms,
        {
            key: totals.amount
            for key, totals in state.totals.items()
            if key in period.active or totals.amount
        },
        period.demand.state.peak,
        tuple(
            (calendar.date_of(entry.period_start_ms).isoformat(), entry.rates)
            for _start, entry in sorted(state.adjustments.items())
        ),
        period.metered(),
    )


def _shares(period: Period) -> Shares:
    by_method: dict[str, int] = {}
    for (_meter, _quantity, method, _phase), totals in period.state.totals.items():
        by_method[method] = by_method.get(method, 0) + totals.amount
    everything = period.state.totals.values()
    gap = sum(totals.gap for totals in everything)
    return shares(by_method, gap, sum(totals.questionable for totals in everything))


def _accuracy(period: Period) -> str | None:
    """The methods that have energy; without any energy, those that have samples."""
    totals = period.state.totals
    with_energy = [key[2] for key in totals if totals[key].amount]
    return one_word(with_energy or [key[2] for key in totals if totals[key].covered_ms])


def _means(period: Period, elapsed_ms: int) -> tuple[Fraction | None, Fraction | None]:
    """(average kW, part of the time in which its sources were to be sampled that is covered).

    A source is taken to have gone on as where it is covered; one that never was adds nothing.
    """
    if not elapsed_ms:
        return None, None
    took_part = period.participants(period.state.start_ms + elapsed_ms)
    used = [
        Fraction(totals.amount * wanted_ms, totals.covered_ms)
        for totals, wanted_ms in took_part
        if totals.covered_ms
    ]
    covered_ms = sum(totals.covered_ms for totals, _wanted_ms in took_part)
    everything_ms = sum(wanted_ms for _totals, wanted_ms in took_part)
    average = Fraction(sum(used), elapsed_ms) if used else None
    return average, Fraction(covered_ms, everything_ms or 1)


def _elapsed_ms(period: Period, calendar: Calendar, now_ms: int) -> int:
    """Time of the period of which samples can be expected: whole intervals."""
    state = period.state
    if now_ms >= state.end_ms:
        return state.end_ms - state.start_ms
    return max(0, calendar.interval(now_ms, period.terms.sampling_ms)[0] - state.start_ms)


def _adjustment(entry: Adjustment) -> dict[str, Any]:
    return {
        "period": iso(entry.period_start_ms),
        "time": iso(entry.at_ms),
        "reason": entry.reason,
        "kwh": kwh(entry.amount),
        "before": kwh(entry.before),
        "after": kwh(entry.after),
    }
