"""From one meter configuration of the file to the record that the pure core keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.records import MeterTypeConfig, RecordConfig
from meterd.metering.expression import Expression
from meterd.metering.operands import Catalogue
from meterd.specs import RecordSpec

Meters = Mapping[str, MeterConfig]


def record_spec(config: Config, record: RecordConfig, known: Catalogue) -> RecordSpec:
    """The record. known: what its expressions may name."""
    usage = Expression(record.usage, known)
    terms = usage.linear()
    first = terms[0]
    plain = len(terms) == 1 and first.coefficient == 1
    kind = config.meter_types.get(record.meter_type or "")
    place = config.equipment.get(record.equipment or "")
    return RecordSpec(
        name=record.name,
        meter=first.meter,
        quantity=first.quantity,
        usage_unit=kind.usage_unit if kind else _unit(config, usage, plain=plain),
        cost_unit=(kind and kind.cost_unit) or config.site.currency,
        cost_per_unit=_cost(record, kind),
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
        terms=() if plain else terms,
        on_change=record.cutover.on_change or "",
        cost_expression=record.cost_expression or "",
    )


def _unit(config: Config, usage: Expression, *, plain: bool) -> str:
    """The unit that usage is shown in: the counter's own, of a sum the canonical one."""
    first = usage.references[0]
    if not plain:
        return usage.unit.name if usage.unit else first.unit
    meter = next(meter for meter in config.meters if meter.name == first.meter)
    return meter.counters[first.quantity]


def _cost(record: RecordConfig, kind: MeterTypeConfig | None) -> Decimal | None:
    """The fixed price per unit, none where an expression gives it."""
    if record.cost_expression is not None:
        return None
    if record.cost_source == "from_meter_type" or record.cost_per_unit is None:
        return kind.cost_per_unit if kind else None
    return record.cost_per_unit


def overflows(
    config: Config, records: Iterable[RecordSpec]
) -> dict[str, dict[str, tuple[Decimal, str]]]:
    """meter -> quantity -> the overflow value of the first record on it, and its unit."""
    found: dict[str, dict[str, tuple[Decimal, str]]] = {}
    for spec, record in zip(records, config.records, strict=True):
        if record.overflow_value is not None:
            largest = (record.overflow_value, spec.usage_unit)
            found.setdefault(spec.meter, {}).setdefault(spec.quantity, largest)
    return found
