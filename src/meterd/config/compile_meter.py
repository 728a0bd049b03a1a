"""From one meter of the file to the meter that the pure core reads."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from meterd.config.demand import demand_spec
from meterd.config.fields import fields_of
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.registers import Overflows, ceiling_kw, registers
from meterd.config.seed import general, own
from meterd.specs import STALE_MS, MeterSpec
from meterd.units import canonical_unit

MISSED_POLLS: Final = 3
"""So many polls without a reading, and a meter is silent."""
MANUAL_SILENCE_MS: Final = 400 * 86_400_000
"""A meter that a person reads is not off line between two readings."""

Kinds = Collection[tuple[str, str]]
"""What bills want of a meter: (kind, phase), phase "" for all of it."""


def meter_spec(config: Config, meter: MeterConfig, kinds: Kinds, overflows: Overflows) -> MeterSpec:
    """The meter, with all that it inherits. overflows: as registers() takes them."""
    site, link = config.site, config.connections.get(meter.connection or "")
    manual = link is not None and link.protocol == "manual"
    return MeterSpec(
        name=meter.name,
        status=meter.status,
        units={quantity: unit_of(meter, quantity) for quantity in sorted(meter.quantities)},
        registers=registers(meter, site, overflows),
        integrate=_integrates(meter, kinds),
        integrate_phases=_phases("power", kinds),
        estimate=_estimates(meter, kinds),
        power_ceiling_kw=float(_power_ceiling_kw(config, meter)),
        rated_kw=None if meter.rated_capacity_kw is None else float(meter.rated_capacity_kw),
        silent_after_ms=MANUAL_SILENCE_MS if manual else max(STALE_MS, MISSED_POLLS * meter.every),
        demand=demand_spec(meter.demand, site.demand, config.sampling),
        cost_per_kwh=site.cost_per_kwh if meter.cost_per_kwh is None else meter.cost_per_kwh,
        currency=meter.currency or site.currency,
        general=general(meter, link, site) | _own(config, meter),
    )


def _own(config: Config, meter: MeterConfig) -> dict[str, Any]:
    changes = config.definitions.powermeter
    return own(meter, fields_of(changes)) if meter.custom else {}


def unit_of(meter: MeterConfig, quantity: str) -> str:
    """The declared unit of a quantity, else the canonical one, else ""."""
    canonical = canonical_unit(quantity) or ""
    declared = meter.points[quantity].unit if quantity in meter.points else None
    plain_ratio = canonical == "ratio" and declared == "1"
    return canonical if declared is None or plain_ratio else declared


def _integrates(meter: MeterConfig, kinds: Kinds) -> bool:
    read = meter.quantities
    return "active_power" in read and ("energy_import" not in read or ("power", "") in kinds)


def _estimates(meter: MeterConfig, kinds: Kinds) -> tuple[str, ...]:
    """The phases a bill wants; all of it for a meter that has nothing stronger."""
    wanted = _phases("volt_ampere", kinds)
    nothing_else = meter.has_volt_ampere and not (wanted or meter.has_energy)
    return ("", *wanted) if nothing_else or ("volt_ampere", "") in kinds else wanted


def _phases(kind: str, kinds: Kinds) -> tuple[str, ...]:
    return tuple(sorted(phase for wanted, phase in kinds if wanted == kind and phase))


def _power_ceiling_kw(config: Config, meter: MeterConfig) -> Decimal:
    point = meter.points.get("energy_import")
    if point is not None and point.max_kw is not None:
        return point.max_kw
    return ceiling_kw(meter, config.site)
