"""What a meter's values are watched for: seed 000's thresholds, one small function each.

A rule says what it has read; the limit and the alarm's life are not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from meterd.metering.alarm import CRITICAL, WARNING, above, below
from meterd.specs import ThresholdSpec

LOADED_SHARE: Final = 0.1
"""Of the rated capacity. Below it, power factor and imbalance are those of a few fans."""
UNRATED_KVA: Final = 1.0
UNRATED_AMPS: Final = 5.0
"""The same where no rated capacity is known."""

AMPS: Final = ("ampsPhaseA", "ampsPhaseB", "ampsPhaseC")
VOLTS: Final = ("voltagePhaseA", "voltagePhaseB", "voltagePhaseC")

Readings = Mapping[str, Any]
"""Seed 000's Readings by the seed's names; None or left out where not known."""


class Found(NamedTuple):
    """What a rule has read, and the field it stands in.

    judged: whether it can be out of order at all; a power factor of no load cannot.
    """

    value: float
    field: str
    judged: bool = True


class Rule(NamedTuple):
    """One threshold. needs: fields of the spec, its limit first; it lacks none or is off."""

    alarm: str
    severity: str
    needs: tuple[str, ...]
    beyond: Callable[[float, float, bool], bool]
    find: Callable[[ThresholdSpec, Readings], Found | None]
    unit: str


def _any_of(readings: Readings, phases: tuple[str, ...], plain: str) -> list[Found]:
    """The phases that were read, else the plain quantity if it was.

    Where a meter has phases the plain value may be their sum, or the voltage between them.
    """
    read = [Found(readings[name], name) for name in phases if readings.get(name) is not None]
    alone = readings.get(plain)
    return read or ([] if alone is None else [Found(alone, plain)])


def _load(spec: ThresholdSpec, readings: Readings) -> Found | None:
    """Active power, either way, in percent of the rated capacity."""
    kw = readings.get("currentKw")
    if kw is None or spec.rated_kw is None:
        return None
    return Found(100 * abs(kw) / spec.rated_kw, "currentKw")


def _load_amps(spec: ThresholdSpec, readings: Readings) -> Found | None:
    """The current of the phase that has most, in percent of the rated amperes."""
    read = _any_of(readings, AMPS, "currentAmps")
    if not read or spec.rated_amps is None:
        return None
    most = max(read, key=lambda one: abs(one.value))
    return Found(100 * abs(most.value) / spec.rated_amps, most.field)


def _highest_voltage(_spec: ThresholdSpec, readings: Readings) -> Found | None:
    return max(_any_of(readings, VOLTS, "voltage"), default=None)


def _lowest_voltage(_spec: ThresholdSpec, readings: Readings) -> Found | None:
    return min(_any_of(readings, VOLTS, "voltage"), default=None)


def _power_factor(spec: ThresholdSpec, readings: Readings) -> Found | None:
    """Its size: the sign tells import from export, or lag from lead, as the maker likes."""
    factor = readings.get("powerFactor")
    return None if factor is None else Found(abs(factor), "powerFactor", _loaded(spec, readings))


def _imbalance(spec: ThresholdSpec, readings: Readings) -> Found | None:
    percent = readings.get("phaseImbalance")
    return None if percent is None else Found(percent, "phaseImbalance", _loaded(spec, readings))


def _loaded(spec: ThresholdSpec, readings: Readings) -> bool:
    """Whether enough flows for a ratio to mean anything; so too where nobody knows."""
    loads = [found for find in (_load, _load_amps) if (found := find(spec, readings))]
    if loads:
        return max(loads).value >= 100 * LOADED_SHARE
    kva = readings.get("currentKva")
    flows = [] if kva is None else [abs(kva) / UNRATED_KVA]
    flows += [abs(one.value) / UNRATED_AMPS for one in _any_of(readings, AMPS, "currentAmps")]
    return max(flows, default=1) >= 1


RULES: Final = (
    Rule("load", WARNING, ("warning_percent", "rated_kw"), above, _load, "%"),
    Rule("load", CRITICAL, ("critical_percent", "rated_kw"), above, _load, "%"),
    Rule("load_amps", WARNING, ("warning_percent", "rated_amps"), above, _load_amps, "%"),
    Rule("load_amps", CRITICAL, ("critical_percent", "rated_amps"), above, _load_amps, "%"),
    Rule("voltage_high", WARNING, ("voltage_high",), above, _highest_voltage, "V"),
    Rule("voltage_low", WARNING, ("voltage_low",), below, _lowest_voltage, "V"),
    Rule("power_factor_low", WARNING, ("power_factor_min",), below, _power_factor, ""),
    Rule("phase_imbalance", WARNING, ("imbalance_max_percent",), above, _imbalance, "%"),
)
"""Every threshold on a value. Being stale and a calibration due are of time: `thresholds.py`."""


def in_force(spec: ThresholdSpec) -> dict[str, tuple[Rule, float]]:
    """ "alarm/severity" -> the rule and its limit, of those that have all they need."""
    return {
        f"{rule.alarm}/{rule.severity}": (rule, getattr(spec, rule.needs[0]))
        for rule in RULES
        if all(getattr(spec, need) is not None for need in rule.needs)
    }
