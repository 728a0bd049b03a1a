"""What a tariff needs of a period, summed as the intervals come.

Energy is summed by stretches of one zone and peaks are kept by demand rate, so the order in
which the sources' intervals arrive does not matter and the state stays small: a few
stretches a day, one for every price of a series.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Final

import msgspec

from meterd.billing.tariffs.hours import Hours, Part, Place, Zones
from meterd.billing.tariffs.metered import Metered, PartUse, Past, Reach, Stretch
from meterd.events import Interval
from meterd.metering.demand import REACTIVE, Demand, DemandState, Peak
from meterd.specs import BillSpec, DemandSpec
from meterd.tariff import NOTHING, DemandRate

EXPORT: Final = "energy_export"
Watch = tuple[tuple[int, int], Zones, bool]
"""(version, place of the demand rate), when it holds, and whether it goes by the day."""


class Run(msgspec.Struct, array_like=True):
    """What one stretch has used: joules in and out, var-seconds."""

    import_j: int = 0
    export_j: int = 0
    reactive: int = 0


class TallyState(msgspec.Struct):
    """runs: start of a stretch -> its sums. peaks: (version, demand rate) -> the highest.

    demands: of windows that are not the bill's own, by "window/step/quantity". days: of rates
    that go by the day, the highest of each by its start.
    """

    runs: dict[int, Run] = {}
    peaks: dict[tuple[int, int], Peak] = {}
    demands: dict[str, DemandState] = {}
    days: dict[tuple[int, int], dict[int, Peak]] = {}


class Tally:
    """The tally of one running period under its tariff; `state` is what it resumes from."""

    def __init__(
        self, state: TallyState, terms: BillSpec, hours: Hours, names: tuple[str, ...] = ()
    ) -> None:
        """hours: of the terms' tariff in the period. names: as `Demand` takes them."""
        self.state = state
        self._terms = terms
        self._hours = hours
        self._calendar = hours.calendar
        self._place = Place(0, 0, NOTHING, NOTHING)
        self._run = Run()
        watched: dict[DemandSpec, list[Watch]] = {}
        for part in hours.parts:
            for spec, watch in self._watches(part):
                watched.setdefault(spec, []).append(watch)
        self._own = watched.pop(terms.demand, [])
        self._others = [
            (spec.quantity, self._demand(spec, names), watches) for spec, watches in watched.items()
        ]

    def _watches(self, part: Part) -> list[tuple[DemandSpec, Watch]]:
        if part.version == NOTHING:
            return []
        tariff = self._terms.tariff[part.version]
        holidays, calendar = frozenset(tariff.holidays), self._calendar
        return [
            (
                DemandSpec(rate.window_ms, rate.step_ms, rate.quantity),
                ((part.version, place), Zones(rate.schedule, holidays, calendar), rate.daily),
            )
            for place, rate in enumerate(tariff.demand)
        ]

    def _demand(self, spec: DemandSpec, names: tuple[str, ...]) -> Demand:
        key = f"{spec.window_ms}/{spec.step_ms}/{spec.quantity}"
        state = self.state.demands.setdefault(key, DemandState())
        return Demand(spec, self._calendar, state, demand_names(names, spec.quantity))

    # -- what comes in ------------------------------------------------------------------

    def book(self, interval: Interval) -> None:
        """Enter an interval: imported, exported or reactive energy, by its quantity."""
        start_ms = interval.start_ms
        if not self._place.start_ms <= start_ms < self._place.end_ms:
            self._place = self._hours.place(start_ms, interval.end_ms - start_ms)
            self._run = self.state.runs.setdefault(self._place.start_ms, Run())
        if interval.quantity == EXPORT:
            self._run.export_j += interval.amount
        elif interval.quantity == REACTIVE:
            self._run.reactive += interval.amount
        else:
            self._run.import_j += interval.amount

    def measure(self, interval: Interval, windows: tuple[Peak, ...]) -> None:
        """Enter an interval into the demands. windows: those of the bill's own it completed."""
        if windows:
            self._reach(self._own, windows)
        for quantity, demand, watches in self._others:
            if quantity == "kva" or (interval.quantity == REACTIVE) == (quantity == "kvar"):
                self._reach(watches, demand.add(interval))

    def _reach(self, watches: list[Watch], windows: tuple[Peak, ...]) -> None:
        """A window belongs to the version, zone and day of its start; ties go to the first."""
        peaks = self.state.peaks
        for window in windows:
            for key, zones, daily in watches:
                if daily:
                    day_ms = self._calendar.day(window.start_ms)[0]
                    best = self.state.days.get(key, {}).get(day_ms)
                else:
                    best = peaks.get(key)
                if not (
                    (best is None or window.above(best))
                    and zones.at(window.start_ms)[2] == 0
                    and self._hours.part(window.start_ms).version == key[0]
                ):
                    continue
                if daily:
                    self.state.days.setdefault(key, {})[day_ms] = window
                else:
                    peaks[key] = window

    # -- what is priced -----------------------------------------------------------------

    def splits(self, at_ms: int) -> bool:
        """Whether a stretch begins at the instant, so that the sums can be told apart there."""
        return self._hours.place(at_ms, 1).start_ms == at_ms

    def metered(self, peak: Peak | None = None, past: tuple[Past, ...] = ()) -> Metered:
        """The sums as they stand. peak: the bill's own. past: of its periods before this one."""
        first, after = map(self._calendar.date_of, self._hours.span)
        stretches: dict[int, list[Stretch]] = {part.version: [] for part in self._hours.parts}
        for at_ms, run in sorted(self.state.runs.items()):
            version, stretch = self._stretch(at_ms, run)
            stretches[version].append(stretch)
        return Metered(
            month=first.year * 12 + first.month - 1,
            year_ends=first.year != after.year,
            parts=tuple(self._use(part, stretches[part.version]) for part in self._hours.parts),
            kw=peak.demand() if peak else None,
            past=past,
        )

    def _stretch(self, at_ms: int, run: Run) -> tuple[int, Stretch]:
        place = self._hours.place(at_ms, 1)
        price = None
        if place.version != NOTHING and self._terms.tariff[place.version].series:
            price = self._hours.price(place.version, at_ms)
        month = self._calendar.date_of(at_ms).month
        return place.version, Stretch(
            at_ms, month, place.zone, run.import_j, run.export_j, run.reactive, price
        )

    def _use(self, part: Part, stretches: list[Stretch]) -> PartUse:
        if part.version == NOTHING:
            return PartUse(NOTHING, part.days, part.share, tuple(stretches))
        tariff = self._terms.tariff[part.version]
        reaches = tuple(self._reached(part, place) for place in range(len(tariff.demand)))
        return PartUse(part.version, part.days, part.share, tuple(stretches), reaches)

    def _reached(self, part: Part, place: int) -> Reach:
        key, rate = (part.version, place), self._terms.tariff[part.version].demand[place]
        share = self._share(part, rate)
        if rate.daily:
            peaks = sorted(self.state.days.get(key, {}).items())
            days = tuple(peak.demand() for _day_ms, peak in peaks)
            return Reach(max(days, default=None), share, days)
        peak = self.state.peaks.get(key)
        return Reach(peak.demand() if peak else None, share)

    def _share(self, part: Part, rate: DemandRate) -> Fraction:
        """The part's share of the period, but for days of months without the rate."""
        held = [any(0 in rate.schedule.days[day] for day in week) for week in rate.schedule.months]
        first = self._calendar.date_of(part.start_ms)
        days = (first + timedelta(days=n) for n in range(part.days))
        return part.share * Fraction(sum(held[day.month - 1] for day in days), part.days)


def demand_names(names: tuple[str, ...], quantity: str) -> tuple[str, ...]:
    """The names of what demand is made of: active energy, reactive for kvar, both for kVA."""
    only = quantity == "kvar"
    return tuple(n for n in names if quantity == "kva" or (f"/{REACTIVE}/" in n) == only)
