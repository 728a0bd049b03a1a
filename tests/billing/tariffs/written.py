"""Tariffs, stretches and usages as the tests write them: kWh and money as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from meterd.billing.pricing import Cost, Usage
from meterd.billing.tariffs.metered import Metered, PartUse, Past, Reach, Stretch
from meterd.billing.tariffs.price import price
from meterd.config.schedule import schedule
from meterd.config.tariffs import WhenConfig
from meterd.specs import BillSpec
from meterd.tariff import ALWAYS, DemandRate, EnergyRate, Schedule, TariffSpec, Tier

KWH = 3_600_000
QUARTER = 900_000
JANUARY = 2026 * 12


def tiers(*ends_and_rates: str, unit: str = "kWh") -> tuple[Tier, ...]:
    """`tiers("1000 0.21", "0.17")`."""
    found = []
    for text in ends_and_rates:
        *end, rate = text.split()
        found.append(Tier(Decimal(rate), Decimal(end[0]) if end else None, unit))
    return tuple(found)


def rate(*ends_and_rates: str, name: str = "energy", unit: str = "kWh") -> EnergyRate:
    return EnergyRate(name, tiers(*ends_and_rates, unit=unit))


def hours(*whens: dict[str, str] | None) -> Schedule:
    """Zone n where the n-th holds and none before it."""
    return schedule([None if when is None else WhenConfig(**when) for when in whens])


def tariff(*energy: EnergyRate, **more: Any) -> TariffSpec:
    found = more.pop("schedule", ALWAYS)
    return TariffSpec("t", "EUR", energy=energy, schedule=found, **more)


def demand_rate(text: str, name: str = "demand", **more: Any) -> DemandRate:
    return DemandRate(name, tiers(text), QUARTER, QUARTER, **more)


def used(kwh: str, zone: int = 0, start_ms: int = 0, **more: Any) -> Stretch:
    amount = int(Decimal(kwh) * KWH)
    return Stretch(start_ms, more.pop("month", 1), zone, amount, **more)


def part(*stretches: Stretch, **more: Any) -> PartUse:
    kws: Sequence[str | None] = more.pop("kws", ())
    reaches = tuple(Reach(None if kw is None else Fraction(kw), Fraction(1)) for kw in kws)
    more.setdefault("reaches", reaches)
    return PartUse(more.pop("version", 0), more.pop("days", 31), more.pop("share", Fraction(1)),
                   stretches, **more)  # fmt: skip


def metered(*parts: PartUse, month: int = JANUARY, **more: Any) -> Metered:
    return Metered(month, more.pop("year_ends", False), parts, **more)


def past(month: int, charged: str = "0", **kws: str) -> Past:
    return Past(0, month, kws, charged)


def usage(seen: Metered, **more: Any) -> Usage:
    return Usage(0, 1, more.pop("energy_j", {}), None, more.pop("adjustments", ()), seen)


def cost(spec: TariffSpec, *stretches: Stretch, **more: Any) -> Cost | None:
    """What one version of a tariff makes of a whole period."""
    about = {key: more.pop(key) for key in ("kw", "past", "year_ends", "month") if key in more}
    adjusted = more.pop("adjustments", ())
    terms = BillSpec("tenant", tariff=(spec,))
    return price(terms, usage(metered(part(*stretches, **more), **about), adjustments=adjusted))


def lines(found: Cost | None) -> list[tuple[str, str, str, str]]:
    """(name, quantity, rate, amount) of each line."""
    assert found is not None
    return [(line.name, line.quantity, line.rate, line.amount) for line in found.lines]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")
