"""What a tariff was given of a closed period, against what its samples make again.

The prices of a series are stored with the period alone, since their file goes on; so they are
read from what was metered. Where a price became known while the period was open, its hours
may be cut up in another way, so equal neighbours are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from meterd.billing.tariffs.hours import HOUR_MS, Prices
from meterd.billing.tariffs.metered import Metered, PartUse, Stretch
from meterd.tariff import NOTHING, PriceSeries, TariffSpec

Versions = tuple[TariffSpec, ...]


def stored_prices(metered: Metered, versions: Versions, end_ms: int) -> Prices:
    """The prices that a period was priced with, from its stretches; it ends at `end_ms`."""
    found: dict[str, dict[int, Decimal | None]] = {}
    for part in metered.parts:
        series = versions[part.version].series if part.version != NOTHING else ""
        if series:
            rows = found.setdefault(series, {})
            rows.update((stretch.start_ms, stretch.price) for stretch in part.stretches)
    return {
        name: PriceSeries(tuple(sorted(rows)), tuple(rows[at_ms] for at_ms in sorted(rows)), end_ms)
        for name, rows in found.items()
    }


def told(metered: Metered | None, versions: Versions) -> dict[str, Any]:
    """What was metered as figures that are compared one by one, by names."""
    if metered is None:
        return {}
    found: dict[str, Any] = {
        "metered month": metered.month,
        "metered year_ends": metered.year_ends,
        "metered kw": _text(metered.kw),
        "metered past": [[past.month, past.peaks_kw, past.charged] for past in metered.past],
    }
    for place, part in enumerate(metered.parts):
        hourly = part.version != NOTHING and _hourly(versions[part.version])
        head = (part.version, part.days, str(part.share))
        found[f"metered part {place}"] = head
        for n, reach in enumerate(part.reaches):
            days = tuple(map(str, reach.days))
            found[f"metered part {place} peak {n}"] = (_text(reach.kw), str(reach.share), *days)
        for n, sums in enumerate(_sums(part, hourly=hourly)):
            found[f"metered part {place} stretch {n}"] = sums
    return found


def _hourly(version: TariffSpec) -> bool:
    return version.export is not None and version.export.net == "hour"


def _sums(part: PartUse, *, hourly: bool) -> Iterator[dict[str, Any]]:
    """Neighbours of one month, zone and price together; of one hour where export is netted."""

    def alike(stretch: Stretch) -> tuple[int, int, str | None, int]:
        hour = stretch.start_ms // HOUR_MS if hourly else 0
        return stretch.month, stretch.zone, _text(stretch.price), hour

    for (month, zone, price, _hour), run in groupby(part.stretches, alike):
        stretches = list(run)
        yield {
            "month": month,
            "zone": zone,
            "import_j": sum(stretch.import_j for stretch in stretches),
            "export_j": sum(stretch.export_j for stretch in stretches),
            "reactive": sum(stretch.reactive for stretch in stretches),
            "price": price,
        }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
