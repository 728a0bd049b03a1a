"""A period's price under its tariff: the pricers, in the order the package explains.

Each version of the tariff prices its own part of the period; the lines of all parts are one
bill. Without a tariff the sources' own rates are the price.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from meterd.billing.pricing import Cost, Usage, cost_of, rate_text, source_lines, source_rates
from meterd.billing.tariffs import demand as demands
from meterd.billing.tariffs import energy as energies
from meterd.billing.tariffs.charge import Charge, Sheet, charged, in_kwh
from meterd.billing.tariffs.export import credit, netted
from meterd.billing.tariffs.fixed import fixed
from meterd.billing.tariffs.fuel import fuel
from meterd.billing.tariffs.metered import Metered, PartUse, Past, Stretch
from meterd.billing.tariffs.minimum import annual_minimum, minimum
from meterd.billing.tariffs.power_factor import reactive, scaled
from meterd.billing.tariffs.taxes import levies, percentages
from meterd.billing.tariffs.tiers import Scale
from meterd.specs import BillSpec
from meterd.tariff import NOTHING, TariffSpec


class Billed(NamedTuple):
    """A part with all that its pricers agree on. peaks: adjusted, before the ratchet."""

    tariff: TariffSpec
    part: PartUse
    stretches: list[Stretch]
    peaks: list[Fraction | None]
    demands: list[Fraction | None]
    scale: Scale


def price(terms: BillSpec, usage: Usage) -> Cost | None:
    """What the period costs; None where any of it has no price."""
    if not terms.tariff:
        return source_rates(terms, usage)
    assert usage.metered is not None, "a tariff is tallied"
    sheets = _sheets(terms, usage, usage.metered)
    if sheets is None:
        return None
    annual = annual_minimum(
        sheets[-1][1].tariff.minimum, usage.metered, _total(sheet for sheet, _part in sheets)
    )
    for sheet, billed in sheets:
        sheet.add(minimum(billed.tariff, billed.part, sheet.total))
    last, _ = sheets[-1]
    last.add([*annual, *_late(usage)])
    for sheet, billed in sheets:
        _tax(sheet, billed)
    return cost_of([line for sheet, _ in sheets for line in sheet.lines], last.currency)


def _total(sheets: Iterable[Sheet]) -> Decimal:
    return sum((sheet.total for sheet in sheets), Decimal(0))


def past_of(terms: BillSpec, usage: Usage) -> Past:
    """What later periods need to know of this one."""
    metered = usage.metered
    assert metered is not None, "a tariff is tallied"
    peaks: dict[str, str] = {}
    for part in metered.parts:
        if part.version != NOTHING:
            billed = _billed(terms, part, metered)
            peaks = demands.remembered(billed.tariff, billed.peaks, peaks)
    sheets = _sheets(terms, usage, metered) or []
    total = _total(sheet for sheet, _part in sheets)
    return Past(usage.start_ms, metered.month, peaks, str(total))


def marginal_rates(terms: BillSpec, usage: Usage) -> dict[tuple[int, int], str]:
    """(version, zone) -> what one more kWh costs, for what comes to light later."""
    metered = usage.metered
    assert metered is not None, "a tariff is tallied"
    found = {}
    for part in metered.parts:
        if part.version != NOTHING and terms.tariff[part.version].energy:
            billed = _billed(terms, part, metered)
            tiers = energies.by_tier(billed.tariff, billed.stretches, billed.scale)
            for zone, rate in enumerate(billed.tariff.energy):
                parts = tiers.get(zone) or [Fraction(0)] * len(rate.tiers)
                found[part.version, zone] = rate_text(energies.marginal(rate, parts))
    return found


def _billed(terms: BillSpec, part: PartUse, metered: Metered) -> Billed:
    tariff = terms.tariff[part.version]
    peaks = demands.adjusted(tariff, part, scaled(tariff, part.stretches))
    billed = demands.billed(tariff, peaks, metered)
    kw = demands.base_kw(tariff, part, billed) or metered.kw or Fraction(0)
    scale = Scale(part.days, part.share, kw)
    return Billed(tariff, part, netted(tariff, part.stretches), peaks, billed, scale)


def _sheets(terms: BillSpec, usage: Usage, metered: Metered) -> list[tuple[Sheet, Billed]] | None:
    """Each part's lines before minimum and taxes; None where something has no price."""
    sheets = []
    for place, part in enumerate(metered.parts):
        if part.version == NOTHING:
            return None
        billed = _billed(terms, part, metered)
        charges = charges_of(billed)
        if charges is None:
            return None
        sheet = Sheet(billed.tariff.currency, billed.tariff.rounding)
        if not (place or billed.tariff.prices_energy):
            sheet.print(source_lines(terms, usage))
        sheet.add(charges)
        sheets.append((sheet, billed))
    return sheets


def charges_of(billed: Billed) -> list[Charge] | None:
    """All charges of a part before minimum and taxes, exact; None without a price."""
    tariff, part, stretches = billed.tariff, billed.part, billed.stretches
    used = energies.energy(tariff, stretches, billed.scale) if tariff.prices_energy else []
    if used is None:
        return None
    return [
        *fixed(tariff.fixed, part),
        *used,
        *credit(tariff, stretches),
        *fuel(tariff, stretches),
        *demands.demand(tariff, part, billed.demands),
        *reactive(tariff, part.stretches),
    ]


def _late(usage: Usage) -> list[Charge]:
    """Energy of closed periods, at the rates that their own terms gave it."""
    return [
        charged(f"adjustment {day}", in_kwh(amount_j), "kWh", Decimal(rate))
        for day, rates in usage.adjustments
        for rate, amount_j in rates.items()
    ]


def _tax(sheet: Sheet, billed: Billed) -> None:
    taxes = billed.tariff.taxes
    sheet.add(levies(taxes, in_kwh(sum(s.import_j for s in billed.stretches))))
    sheet.add(percentages(taxes, sheet.currency, sheet.total))
