"""From the configuration to what the pure core reads: every default filled in, every
inheritance settled, every amount in base units.

Only for a configuration without errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from meterd.config.bills import BillConfig
from meterd.config.checks.bills import kind_of
from meterd.config.compile_account import account_specs
from meterd.config.compile_chain import chain_meter
from meterd.config.compile_meter import meter_spec, rate_of
from meterd.config.compile_record import overflows, record_spec
from meterd.config.compile_tariff import also, price_series, tariff_specs
from meterd.config.demand import demand_spec
from meterd.config.expressions import expressions, known
from meterd.config.fields import fields_of
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import PointConfig
from meterd.config.rhythm import rhythm
from meterd.metering.expression import Expression
from meterd.specs import (
    BillSpec,
    SiteSpec,
    SourceSpec,
)

Meters = Mapping[str, MeterConfig]


def site_spec(config: Config, seen: Mapping[str, Collection[str]] | None = None) -> SiteSpec:
    """The whole site.

    seen: meter -> the quantities a recording has of it, which count as its points. Without
    it a meter that declares no points may be given every canonical quantity.
    """
    config = _settled(config, seen or {})
    meters = {meter.name: meter for meter in config.meters}
    named = known(config.meters) if config.records else {}
    records = tuple(record_spec(config, record, named) for record in config.records)
    bills = tuple(_bill(config, meters, bill) for bill in config.bills)
    kinds: dict[str, set[tuple[str, str]]] = {}
    for source in (source for bill in bills for source in bill.sources):
        kinds.setdefault(source.meter, set()).add((source.kind, source.phase))
    largest, every_ms = overflows(config, records), rhythm(config)
    specs = tuple(
        msgspec.structs.replace(
            meter_spec(config, meter, kinds.get(meter.name, ()), largest.get(meter.name, {})),
            every_ms=every_ms[meter.name],
        )
        for meter in config.meters
    )
    return SiteSpec(
        name=config.site.name,
        timezone=config.site.timezone,
        currency=config.site.currency,
        sampling_ms=config.sampling,
        meters=specs,
        records=records,
        bills=bills,
        fields=fields_of(config.definitions.powermeter),
        chain=tuple(map(chain_meter, config.meters, specs)),
        prices=price_series(config),
        accounts=account_specs(config),
    )


def _settled(config: Config, seen: Mapping[str, Collection[str]]) -> Config:
    """Meters with what a recording has of them besides their points, in canonical units.

    What an expression names is a point of its meter too, whether it was recorded or not.
    """
    if not any(seen.values()):
        return config
    named, have = known(config.meters), {name: set(found) for name, found in seen.items()}
    for text in expressions(config):
        for reference in Expression(text, named).references:
            have.setdefault(reference.meter, set()).add(reference.quantity)
    meters = tuple(
        msgspec.structs.replace(
            meter, points=dict.fromkeys(sorted(have[meter.name]), PointConfig()) | meter.points
        )
        if seen.get(meter.name)
        else meter
        for meter in config.meters
    )
    return msgspec.structs.replace(config, meters=meters)


def _bill(config: Config, meters: Meters, bill: BillConfig) -> BillSpec:
    tariff = tariff_specs(config, bill)
    return BillSpec(
        name=bill.name,
        type=bill.type,
        billing_day=bill.billing_day,
        allowance=bill.allowance,
        sources=tuple(_sources(config, meters, bill, also(tariff))),
        demand=demand_spec(bill.demand, config.site.demand, config.sampling),
        max_source_kw=bill.max_source_kw,
        grace_ms=bill.grace,
        currency=bill.currency or config.site.currency,
        sampling_ms=config.sampling,
        tariff=tariff,
        ended=bill.ended,
    )


def _sources(
    config: Config, meters: Meters, bill: BillConfig, needed: Collection[str]
) -> Iterable[SourceSpec]:
    """needed: counters that the tariff goes by, where the meter has them."""
    for source in bill.sources:
        meter = meters[source.meter]
        yield SourceSpec(
            meter=source.meter,
            kind=kind_of(source, meter) or source.kind,
            phase=source.phase or "",
            enabled=source.enabled and not bill.ended,
            rate_per_kwh=rate_of(config.site, meter),
            also=tuple(sorted(meter.counters.keys() & needed)),
        )
