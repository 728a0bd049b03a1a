"""A tariff in words, version by version, from the terms that a period keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from meterd.tariff import NOTHING, DemandRate, Schedule, TariffSpec, Tier

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_DAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holidays"]
_ALL_DAY: Final = "all day"
_NET: Final = {
    "none": "paid as it is measured",
    "hour": "set off within each hour",
    "period": "set off within the period",
}


def tariff_in_words(written: Sequence[Any]) -> list[str]:
    """Sentences for all versions. Raises msgspec.ValidationError for what is none."""
    versions = msgspec.convert(written, tuple[TariffSpec, ...], strict=False)
    return [sentence for version in versions for sentence in _version(versions[0].name, version)]


def _version(name: str, tariff: TariffSpec) -> Iterator[str]:
    since = f", from {tariff.valid_from} on" if tariff.valid_from else ""
    yield f"Tariff {name}, in {tariff.currency}, rounded {_plain(tariff.rounding)}{since}."
    yield from (f"Fixed: {amount.amount} per {amount.per}." for amount in tariff.fixed)
    yield from (f"At least {amount.amount} per {amount.per}." for amount in tariff.minimum)
    for zone, energy in enumerate(tariff.energy):
        when = hours(tariff.schedule, zone)
        yield f"Energy, {energy.name}: {_tiers(energy.tiers, 'kWh')}; {when}."
    if any(len(energy.tiers) > 1 for energy in tariff.energy):
        order = "in the order of time" if tariff.chronological else "each rate with its share"
        yield f"Tiers count all energy of the period, {order}."
    if tariff.series:
        yield f"Energy by the prices of {tariff.series}, as they were stored."
    yield from map(_demand, tariff.demand)
    yield from _rules(tariff)
    if tariff.holidays:
        yield f"Holidays: {', '.join(map(str, tariff.holidays))}."
    for tax in tariff.taxes:
        of = f"{tax.per_kwh} per kWh" if tax.percent is None else f"{tax.percent} %"
        yield f"{tax.name}: {of}."


def _rules(tariff: TariffSpec) -> Iterator[str]:
    factor, export = tariff.power_factor, tariff.export
    if factor is not None and factor.rate:
        yield f"Reactive energy above {factor.ratio:.4f} kvarh per kWh: {factor.rate} per kvarh."
    elif factor is not None:
        yield f"Demand in kW is scaled up where the power factor is below {factor.below}."
    if export is not None:
        rate = "at the tiers' own rates" if export.rate is None else f"{export.rate} per kWh"
        yield f"Exported energy: {rate}; {_NET[export.net]}."
    if tariff.fuel:
        rates = ", ".join(map(str, dict.fromkeys(tariff.fuel)))
        yield f"Fuel adjustment per kWh, by the month: {rates}."


def _demand(rate: DemandRate) -> str:
    unit = rate.unit
    window, step = rate.window_ms // 60_000, rate.step_ms // 60_000
    rolling = "" if window == step else f", anew every {step} minutes"
    of = f"{unit} of each day" if rate.daily else unit
    text = f"Demand, {rate.name}: {_tiers(rate.tiers, of)}, over {window} minutes{rolling}"
    text = f"{text}; {hours(rate.schedule, 0)}"
    if rate.ratchet is not None:
        percents = dict.fromkeys(rate.ratchet.percents)
        least = " or ".join(f"{percent} %" for percent in percents)
        text += f"; no less than {least} of the peaks of {rate.ratchet.months} months before"
        if rate.ratchet.minimum_kw:
            text += f", nor than {rate.ratchet.minimum_kw} {unit}"
    return f"{text}."


def _tiers(tiers: Iterable[Tier], unit: str) -> str:
    return ", ".join(
        f"{tier.rate} per {unit}"
        + ("" if tier.up_to is None else f" up to {tier.up_to} {tier.unit}")
        for tier in tiers
    )


def hours(schedule: Schedule, zone: int) -> str:
    """When a zone holds: "Jun-Sep Mon-Fri 14-20"; hours are half-open."""
    weeks: dict[tuple[str, ...], list[int]] = {}
    for month, days in enumerate(schedule.months):
        week = tuple(_of_day(schedule.days[day], zone) for day in days)
        weeks.setdefault(week, []).append(month)
    said = [
        " ".join(filter(None, (_ranges(months, _MONTHS), text)))
        for week, months in weeks.items()
        for text in (_week(week),)
        if text
    ]
    return "; ".join(said) or "never"


def _week(week: tuple[str, ...]) -> str:
    """The days of a week that have hours; "" for none."""
    by_hours: dict[str, list[int]] = {}
    for day, text in enumerate(week):
        by_hours.setdefault(text, []).append(day)
    by_hours.pop("", None)
    said = (" ".join(filter(None, (_ranges(d, _DAYS), text))) for text, d in by_hours.items())
    text = ", ".join(said)
    return "at any time" if text == _ALL_DAY else text


def _of_day(zones: Sequence[int], zone: int) -> str:
    """The hours of a day in a zone: "7-9+17-20"."""
    found = []
    for here, run in groupby(range(24), lambda hour: zones[hour] == zone != NOTHING):
        of_run = list(run)
        if here:
            found.append(f"{of_run[0]}-{of_run[-1] + 1}")
    return _ALL_DAY if found == ["0-24"] else "+".join(found)


def _ranges(places: Sequence[int], names: Sequence[str]) -> str:
    """Consecutive places as spans of names; "" for all there are."""
    if len(places) == len(names):
        return ""
    spans: list[list[int]] = []
    for place in places:
        if spans and spans[-1][-1] + 1 == place:
            spans[-1].append(place)
        else:
            spans.append([place])
    said = (names[span[0]] + (f"-{names[span[-1]]}" if span[1:] else "") for span in spans)
    return ",".join(said)


def _plain(name: str) -> str:
    return name.replace("_", " ")
