"""From the configuration to what the pure core reads: every default filled in, every
inheritance settled, every amount in base units.

Only for a configuration without errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import msgspec

from meterd.config.bills import BillConfig
from meterd.config.checks.bills import kind_of
from meterd.config.compile_meter import meter_spec
from meterd.config.demand import demand_spec
from meterd.config.fields import fields_of
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import PointConfig
from meterd.config.records import RecordConfig
from meterd.config.usage import parse_usage
from meterd.specs import (
    BillSpec,
    Catalogue,
    Equipment,
    MeterType,
    Place,
    RecordSpec,
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
    records = tuple(_record(config, meters, record) for record in config.records)
    bills = tuple(_bill(config, meters, bill) for bill in config.bills)
    kinds: dict[str, set[tuple[str, str]]] = {}
    for source in (source for bill in bills for source in bill.sources):
        kinds.setdefault(source.meter, set()).add((source.kind, source.phase))
    overflows = _overflows(config, records)
    return SiteSpec(
        name=config.site.name,
        timezone=config.site.timezone,
        currency=config.site.currency,
        sampling_ms=config.sampling,
        meters=tuple(
            meter_spec(config, meter, kinds.get(meter.name, ()), overflows.get(meter.name, {}))
            for meter in config.meters
        ),
        records=records,
        bills=bills,
        fields=fields_of(config.definitions.powermeter),
        catalogue=_catalogue(config),
    )


def _settled(config: Config, seen: Mapping[str, Collection[str]]) -> Config:
    """Meters with what a recording has of them besides their points, in canonical units."""
    meters = tuple(
        msgspec.structs.replace(
            meter, points=dict.fromkeys(sorted(seen[meter.name]), PointConfig()) | meter.points
        )
        if seen.get(meter.name)
        else meter
        for meter in config.meters
    )
    return msgspec.structs.replace(config, meters=meters)


def _overflows(
    config: Config, records: Iterable[RecordSpec]
) -> dict[str, dict[str, tuple[Decimal, str]]]:
    """meter -> quantity -> the overflow value of the first record on it, and its unit."""
    found: dict[str, dict[str, tuple[Decimal, str]]] = {}
    for spec, record in zip(records, config.records, strict=True):
        if record.overflow_value is not None:
            largest = (record.overflow_value, spec.usage_unit)
            found.setdefault(spec.meter, {}).setdefault(spec.quantity, largest)
    return found


def _record(config: Config, meters: Meters, record: RecordConfig) -> RecordSpec:
    usage = parse_usage(record.usage, meters)
    assert usage is not None, record.usage  # an expression is an error
    kind = config.meter_types.get(record.meter_type or "")
    place = config.equipment.get(record.equipment or "")
    cost = record.cost_per_unit
    if record.cost_source == "from_meter_type" or cost is None:
        cost = kind.cost_per_unit if kind else None
    return RecordSpec(
        name=record.name,
        meter=usage.meter,
        quantity=usage.quantity,
        usage_unit=kind.usage_unit if kind else meters[usage.meter].counters[usage.quantity],
        cost_unit=(kind and kind.cost_unit) or config.site.currency,
        cost_per_unit=cost,
        meter_type=record.meter_type or "",
        equipment=record.equipment or "",
        location=record.location or (place.location if place else None),
        description=record.description,
        enabled=record.enabled,
        max_duration_ms=record.max_record_duration,
        schedule=record.cutover.schedule or "",
        on_rollover=record.cutover.on_rollover,
        prune_after_ms=record.prune_after,
        notes=record.notes,
        spares=(record.spare1, record.spare2, record.spare3),
        max_flush_ms=record.max_flush_interval,
    )


def _catalogue(config: Config) -> Catalogue:
    """What the file lists for records to refer to; what has no name goes by its tag."""
    return Catalogue(
        locations=tuple(
            Place(tag, place.name or tag, place.description)
            for tag, place in config.locations.items()
        ),
        equipment=tuple(
            Equipment(tag, thing.name or tag, thing.description, thing.location)
            for tag, thing in config.equipment.items()
        ),
        meter_types=tuple(
            MeterType(
                tag,
                kind.name or tag,
                kind.usage_unit,
                kind.cost_unit or config.site.currency,
                kind.description,
            )
            for tag, kind in config.meter_types.items()
        ),
    )


def _bill(config: Config, meters: Meters, bill: BillConfig) -> BillSpec:
    return BillSpec(
        name=bill.name,
        type=bill.type,
        billing_day=bill.billing_day,
        allowance=bill.allowance,
        sources=tuple(_sources(config, meters, bill)),
        demand=demand_spec(bill.demand, config.site.demand, config.sampling),
        max_source_kw=bill.max_source_kw,
        grace_ms=bill.grace,
        currency=bill.currency or config.site.currency,
        sampling_ms=config.sampling,
    )


def _sources(config: Config, meters: Meters, bill: BillConfig) -> Iterable[SourceSpec]:
    for source in bill.sources:
        meter = meters[source.meter]
        rate = config.site.cost_per_kwh if meter.cost_per_kwh is None else meter.cost_per_kwh
        yield SourceSpec(
            meter=source.meter,
            kind=kind_of(source, meter) or source.kind,
            phase=source.phase or "",
            enabled=source.enabled,
            rate_per_kwh=rate,
        )
