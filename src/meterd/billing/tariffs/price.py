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
from meterd.billing.tariffs.charge import KWH, Charge, Sheet, charged, in_kwh
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


class Account(NamedTuple):
    """A part with all that its pricers agree on.

    stretches: after export is set off. peaks: adjusted, before the ratchet; demands: billed.
    """

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
    metered = _metered(usage)
    priced = _priced(terms, usage, metered)
    if priced is None:
        return None
    before = _total(sheet for _account, sheet in priced)
    for account, sheet in priced:
        sheet.add(minimum(account.tariff, account.part, sheet.total, usage.accrued))
    account, last = priced[-1]
    last.add(annual_minimum(account.tariff.minimum, metered, before, usage.accrued))
    last.add(_late(usage))
    for account, sheet in priced:
        taxes = account.tariff.taxes
        sheet.add(levies(taxes, in_kwh(sum(s.import_j for s in account.stretches))))
        sheet.add(percentages(taxes, sheet.currency, sheet.total))
    return cost_of([line for _account, sheet in priced for line in sheet.lines], last.currency)


def past_of(terms: BillSpec, usage: Usage) -> Past:
    """What later periods need to know of this one."""
    metered = _metered(usage)
    peaks: dict[str, str] = {}
    for part in metered.parts:
        if part.version != NOTHING:
            account = account_of(terms, part, metered)
            peaks = demands.remembered(account.tariff, account.peaks, peaks)
    charged_so_far = _total(sheet for _account, sheet in _priced(terms, usage, metered) or ())
    return Past(usage.start_ms, metered.month, peaks, str(charged_so_far))


def marginal_rates(terms: BillSpec, usage: Usage) -> dict[tuple[int, int], str]:
    """(version, zone) -> what one more kWh costs, for what comes to light later."""
    metered = _metered(usage)
    found = {}
    for part in metered.parts:
        if part.version != NOTHING and terms.tariff[part.version].energy:
            account = account_of(terms, part, metered)
            tiers = energies.by_tier(account.tariff, account.stretches, account.scale)
            for zone, rate in enumerate(account.tariff.energy):
                parts = tiers.get(zone) or [Fraction(0)] * len(rate.tiers)
                found[part.version, zone] = rate_text(energies.marginal(rate, parts))
    return found


def account_of(terms: BillSpec, part: PartUse, metered: Metered) -> Account:
    """What the pricers of a part go by."""
    tariff = terms.tariff[part.version]
    peaks = demands.adjusted(tariff, part, scaled(tariff, part.stretches))
    billed = demands.billed(tariff, peaks, metered)
    kw = demands.base_kw(tariff, part, billed) or metered.kw or Fraction(0)
    scale = Scale(part.days, part.share, kw)
    return Account(tariff, part, netted(tariff, part.stretches), peaks, billed, scale)


def charges_of(account: Account, accrued: Fraction = Fraction(1)) -> list[Charge] | None:
    """All charges of a part before minimum and taxes, exact; None without a price.

    accrued: the part of the period for which fixed charges are owed.
    """
    tariff, part, stretches = account.tariff, account.part, account.stretches
    used = energies.energy(tariff, stretches, account.scale) if tariff.prices_energy else []
    if used is None:
        return None
    return [
        *fixed(tariff.fixed, part, accrued),
        *used,
        *credit(tariff, stretches),
        *fuel(tariff, stretches),
        *demands.demand(tariff, part, account.demands),
        *reactive(tariff, part.stretches),
    ]


def _metered(usage: Usage) -> Metered:
    assert usage.metered is not None, "a tariff is tallied"
    return usage.metered


def _priced(terms: BillSpec, usage: Usage, metered: Metered) -> list[tuple[Account, Sheet]] | None:
    """Each part and its lines before minimum and taxes; None where something has no price."""
    priced = []
    for place, part in enumerate(metered.parts):
        account = None if part.version == NOTHING else account_of(terms, part, metered)
        charges = charges_of(account, usage.accrued) if account else None
        if account is None or charges is None:
            return None
        sheet = Sheet(account.tariff.currency, account.tariff.rounding)
        if not (place or account.tariff.prices_energy):
            sheet.print(source_lines(terms, usage))
        sheet.add(charges)
        priced.append((account, sheet))
    return priced


def _total(sheets: Iterable[Sheet]) -> Decimal:
    return sum((sheet.total for sheet in sheets), Decimal(0))


def _late(usage: Usage) -> list[Charge]:
    """Energy of closed periods, at the rates that their own terms gave it."""
    return [
        charged(f"adjustment {day}", in_kwh(amount_j), KWH, Decimal(rate))
        for day, rates in usage.adjustments
        for rate, amount_j in rates.items()
    ]
