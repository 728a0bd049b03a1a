"""What the expressions of a file may name, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meterd.config.compile_meter import unit_of
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.metering.operands import GAUGE, REGISTER, TEXT, Catalogue, Reference
from meterd.units import TEXTS, canonical_unit


def known(meters: Iterable[MeterConfig]) -> Catalogue:
    """Every quantity of these meters, as `metering.operands.catalogue` has them."""
    return {meter.name: _quantities(meter) for meter in meters}


def _quantities(meter: MeterConfig) -> dict[str, Reference]:
    kinds = dict.fromkeys(TEXTS, TEXT) | dict.fromkeys(meter.counters, REGISTER)
    return {
        name: Reference(
            meter.name, name, canonical_unit(name) or unit_of(meter, name), kinds.get(name, GAUGE)
        )
        for name in meter.quantities
    }


def expressions(config: Config) -> Iterator[str]:
    """Every expression of a file."""
    for meter in config.meters:
        yield from (point.expression for point in meter.points.values() if point.expression)
    for record in config.records:
        yield record.usage
        yield from filter(None, (record.cutover.on_change, record.cost_expression))
