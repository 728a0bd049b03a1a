"""Energy sent out: set off against what was taken, and paid for.

`net: hour` sets off within each hour of the wall clock, `net: period` within the whole
period, zone by zone (net metering); without it every kWh that flowed out is paid as it was
measured (buy all, sell all; or net billing, where the meter's own registers net).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from meterd.billing.tariffs.charge import KWH, Charge, charged, in_kwh
from meterd.billing.tariffs.metered import Stretch
from meterd.tariff import NOTHING, TariffSpec


def netted(tariff: TariffSpec, stretches: Iterable[Stretch]) -> list[Stretch]:
    """The stretches after export is set off; in the order of time, zones by their first."""
    if tariff.export is None or tariff.export.net == "none":
        return list(stretches)
    if tariff.export.net == "period" and not tariff.series:
        stretches = _by_zone(stretches, monthly=bool(tariff.fuel))
    return [
        msgspec.structs.replace(
            stretch,
            import_j=max(0, stretch.import_j - stretch.export_j),
            export_j=max(0, stretch.export_j - stretch.import_j),
        )
        for stretch in stretches
    ]


def _by_zone(stretches: Iterable[Stretch], *, monthly: bool) -> list[Stretch]:
    """One stretch for each zone; for each of its months where fuel is priced by them."""
    found: dict[tuple[int, int], Stretch] = {}
    for stretch in stretches:
        key = (stretch.zone, stretch.month if monthly else 0)
        known = found.get(key)
        found[key] = (
            stretch
            if known is None
            else msgspec.structs.replace(
                known,
                import_j=known.import_j + stretch.import_j,
                export_j=known.export_j + stretch.export_j,
                reactive=known.reactive + stretch.reactive,
            )
        )
    return list(found.values())


def credit(tariff: TariffSpec, stretches: Iterable[Stretch]) -> list[Charge]:
    """What is paid, as negative amounts: a line for each distinct rate."""
    if tariff.export is None:
        return []
    by_rate: dict[Decimal, int] = {}
    for stretch in stretches:
        rate = tariff.export.rate
        if rate is None and stretch.zone != NOTHING and tariff.energy:
            rate = tariff.energy[stretch.zone].tiers[0].sell
        if rate is not None and stretch.export_j:
            by_rate[rate] = by_rate.get(rate, 0) + stretch.export_j
    return [charged("export", in_kwh(-out_j), KWH, rate) for rate, out_j in by_rate.items()]
