"""From one meter of the file to the meter that the pure core reads."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from math import inf
from typing import Any, Final

from meterd.config.demand import demand_spec
from meterd.config.fields import added
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.registers import Overflows, ceiling_kw, registers
from meterd.config.seed import calibration_due, general, own
from meterd.config.site import SiteConfig
from meterd.config.sunspec import UNITS_OF, is_text
from meterd.metering.physics import COUNTS_MIN, ENERGY, POWER
from meterd.specs import STALE_MS, MeterSpec, RegisterSpec, ThresholdSpec
from meterd.units import TEXTS, canonical_unit

MISSED_POLLS: Final = 3
"""So many polls without a reading, and a meter is silent."""
MANUAL_SILENCE_MS: Final = 400 * 86_400_000
"""A meter that a person reads is not off line between two readings. A virtual one is off line
when one of its parts is, and not before."""

Kinds = Collection[tuple[str, str]]
"""What bills want of a meter: (kind, phase), phase "" for all of it."""


def meter_spec(config: Config, meter: MeterConfig, kinds: Kinds, overflows: Overflows) -> MeterSpec:
    """The meter, with all that it inherits. overflows: as registers() takes them."""
    site, link = config.site, config.connections.get(meter.connection or "")
    protocol = "" if link is None else link.protocol
    derived = meter.protocol == "virtual"
    waits = protocol == "manual" or derived
    silent_after_ms = MANUAL_SILENCE_MS if waits else _patience_ms(meter, protocol)
    counters = registers(meter, site, overflows)
    return MeterSpec(
        name=meter.name,
        status=meter.status,
        units={quantity: unit_of(meter, quantity) for quantity in sorted(meter.quantities)},
        registers=counters,
        integrate=_integrates(meter, kinds),
        integrate_phases=_phases("power", kinds),
        estimate=_estimates(meter, kinds),
        power_ceiling_kw=inf if derived else float(_power_ceiling_kw(config, meter)),
        rated_kw=_number(meter.rated_capacity_kw),
        silent_after_ms=silent_after_ms,
        demand=demand_spec(meter.demand, site.demand, config.sampling),
        cost_per_kwh=None if meter.tariff else rate_of(site, meter),
        currency=meter.currency or site.currency,
        general=general(meter, link, site) | _own(config, meter),
        pushed=protocol == "push",
        rated_amps=_number(meter.rated_capacity_amps),
        thresholds=_thresholds(meter, counters, silent_after_ms),
        expressions=_expressions(meter) if derived else {},
        texts=_texts(meter),
        tariff=meter.tariff or "",
    )


def rate_of(site: SiteConfig, meter: MeterConfig) -> Decimal | None:
    """What a kWh of the meter costs where no tariff says so: its own rate, else the site's."""
    return site.cost_per_kwh if meter.cost_per_kwh is None else meter.cost_per_kwh


def _patience_ms(meter: MeterConfig, protocol: str) -> int:
    """How long it may say nothing. Nobody asks a meter that pushes, so its points tell."""
    if protocol == "push":
        told = [point.stale_after for point in meter.points.values()]
        return max((STALE_MS if ms is None else ms for ms in told), default=STALE_MS)
    return max(STALE_MS, MISSED_POLLS * meter.every)


def _thresholds(
    meter: MeterConfig, counters: tuple[RegisterSpec, ...], stale_after_ms: int
) -> ThresholdSpec:
    return ThresholdSpec(
        status=meter.status,
        rated_kw=_number(meter.rated_capacity_kw),
        rated_amps=_number(meter.rated_capacity_amps),
        warning_percent=_number(meter.warning_threshold_percent),
        critical_percent=_number(meter.critical_threshold_percent),
        voltage_high=_number(meter.voltage_high_threshold),
        voltage_low=_number(meter.voltage_low_threshold),
        power_factor_min=_number(meter.power_factor_min_threshold),
        imbalance_max_percent=_number(meter.phase_imbalance_max_percent),
        stale_after_ms=stale_after_ms,
        calibration_due=calibration_due(meter),
        still_j=_still_j(counters, meter),
    )


def _still_j(counters: tuple[RegisterSpec, ...], meter: MeterConfig) -> int | None:
    """What power must come to before its counter is expected to have moved."""
    counts = [one.count for one in counters if one.quantity == ENERGY]
    return COUNTS_MIN * counts[0] if counts and POWER in meter.quantities else None


def _expressions(meter: MeterConfig) -> dict[str, str]:
    return {name: point.expression for name, point in meter.points.items() if point.expression}


def _texts(meter: MeterConfig) -> tuple[str, ...]:
    typed = {
        name
        for name, point in meter.points.items()
        if point.type == "string" or is_text(point.sunspec)
    }
    return tuple(sorted(typed | (TEXTS & meter.points.keys())))


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _own(config: Config, meter: MeterConfig) -> dict[str, Any]:
    return own(meter, added(config.definitions.powermeter)) if meter.custom else {}


def unit_of(meter: MeterConfig, quantity: str) -> str:
    """The declared unit of a quantity, else the canonical one, else its SunSpec model's or ""."""
    point = meter.points.get(quantity)
    declared = None if point is None else point.unit
    canonical = canonical_unit(quantity) or ""
    if not canonical and point is not None and point.sunspec is not None:
        canonical = UNITS_OF[point.sunspec]
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
