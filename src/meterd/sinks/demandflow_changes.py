"""What of a meter is worth telling a tenant: absolute values outside a dead-band.

Pure. A value is compared with the one the tenant has, so a slow drift is told in the end,
and what is told is always the value itself, never a difference. A reading that is unknown is
told as null, once; a total is never unknown, so one that we do not know is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from meterd.metering.calendar import parse_iso
from meterd.metering.powermeter import READINGS
from meterd.sinks.demandflow_fields import TOLD, Plan, remote
from meterd.specs import MeterSpec
from meterd.units import JOULES_PER_KWH

HEARTBEAT_MS: Final = 900_000
"""A new reading that shows nothing new is told so often, that a steady meter is not taken
for a stale one (seed 003: fifteen minutes). With any other news its time is told anyway."""

_ROUNDING: Final = 1e-6
"""Part of a band by which binary fractions may fall short of it."""


class Band(msgspec.Struct, frozen=True):
    """What is not worth telling. absolute: in the field's unit. relative: whether the
    site's relative band applies too, where it is the larger."""

    absolute: float = 0.0
    relative: bool = False


_POWER: Final = Band(0.001, relative=True)
_CURRENT: Final = Band(0.01, relative=True)
_VOLTAGE: Final = Band(0.1, relative=True)
_PERCENT: Final = Band(0.1, relative=True)
BANDS: Final = {
    **dict.fromkeys(("currentKw", "currentKva", "averageDemandKw"), _POWER),
    **dict.fromkeys(("currentAmps", "neutralCurrent"), _CURRENT),
    **dict.fromkeys(("ampsPhaseA", "ampsPhaseB", "ampsPhaseC"), _CURRENT),
    **dict.fromkeys(("voltage", "voltagePhaseA", "voltagePhaseB", "voltagePhaseC"), _VOLTAGE),
    **dict.fromkeys(("loadPercent", "phaseImbalance"), _PERCENT),
    "powerFactor": Band(0.001, relative=True),
    "frequency": Band(0.01),  # half a percent of it would hide a failing grid
}
"""Of the fields that fluctuate. Of all others, money and peaks, any change is worth telling;
of energy, one step of its counter."""

_TIME: Final = "lastReadingTime"


def step_kwh(spec: MeterSpec) -> float:
    """The least change of the meter's energy that is one: a count of its register."""
    counts = [register.count for register in spec.registers if register.quantity == "energy_import"]
    return max(counts, default=1) / JOULES_PER_KWH


def band_of(name: str, step: float) -> Band:
    """The band of a field. step: of the meter's energy."""
    return Band(step) if name.startswith("kwh") else BANDS.get(name, Band())


def worth_telling(before: Any, now: Any, band: Band, relative: float) -> bool:
    """Whether `now` differs from what the tenant has. relative: the site's band, 0.005 = 0.5 %."""
    if before == now:
        return False
    if not _is_number(before) or not _is_number(now):
        return True
    least = max(band.absolute, relative * abs(before) if band.relative else 0.0)
    return bool(abs(now - before) >= least * (1 - _ROUNDING))


def changes(
    fields: Mapping[str, Any], known: Mapping[str, Any], plan: Plan, bands: tuple[float, float]
) -> dict[str, Any]:
    """The body of a PATCH, empty if there is no news.

    fields: as read, by the seed's names. known: what the tenant has, by its own keys.
    bands: (the relative band, a step of the meter's energy in kWh).
    """
    relative, step = bands
    news: dict[str, Any] = {}
    for name in TOLD:
        target = plan.targets.get(name)
        value = fields.get(name)
        if target is None or name == _TIME or (value is None and name not in READINGS):
            continue
        now, before = remote(value, target), known.get(target.key)
        if worth_telling(before, now, band_of(name, step), relative):
            news[target.key] = now
    time = plan.targets.get(_TIME)
    if time is not None and fields.get(_TIME) is not None:
        now, before = remote(fields[_TIME], time), known.get(time.key)
        if now != before and (news or _instant(now) - _instant(before) >= HEARTBEAT_MS):
            news[time.key] = now
    return news


def _instant(value: Any) -> int:
    """Epoch ms of a time as the tenant has it; what is no time is long ago."""
    if _is_number(value):
        return int(value)
    try:
        return parse_iso(value)
    except (TypeError, ValueError):
        return 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
