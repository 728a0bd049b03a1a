"""Whether what a meter says of itself can be true: its energy against its power over time, and
its power against its volts and amperes.

A unit, a scale or a transformer ratio that is wrong shows in the ratio of both; a counter
that stands still while power flows is stuck. Pure: it judges readings, it takes none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log10
from typing import Final, NamedTuple

from meterd.events import Reading
from meterd.specs import MeterSpec
from meterd.units import JOULES_PER_KWH

COUNTS_MIN: Final = 20
"""Fewer counts of a register say too little of its rate: one more or less is 5 %."""
NEAR: Final = 1.25
"""By so much energy and power may differ: power is seen now and then, energy always."""
FACTOR_MIN: Final = 0.2
"""Loads with a lower power factor are rarer than wrong scales."""
IDLE_KVA: Final = 0.02
STILL_MIN: Final = 5
PHASES: Final = ("_l1", "_l2", "_l3")
Ratios = Mapping[str, float]
"""Of a meter's transformers: what they are called, and what they multiply by."""
NONE: Final[Ratios] = {}
ENERGY: Final = "energy_import"
POWER: Final = "active_power"


class Verdict(NamedTuple):
    """What is wrong, or that nothing is. ok: None where too little was seen to tell."""

    ok: bool | None
    what: str
    remedy: str = ""


def judged(spec: MeterSpec, readings: Sequence[Reading], ratios: Ratios = NONE) -> Verdict:
    """A meter's energy against its power, from its readings in order.

    ratios: of its transformers, as they are called.
    """
    seen = [one for one in readings if ENERGY in one.registers and POWER in one.gauges]
    if len(seen) < 2:
        return Verdict(None, "it has not both energy and power")
    span_ms = seen[-1].at_ms - seen[0].at_ms
    counted_j = seen[-1].registers[ENERGY] - seen[0].registers[ENERGY]
    expected_j = _integrated_j(seen)
    count_j = next(register.count for register in spec.registers if register.quantity == ENERGY)
    if expected_j < 0:
        return Verdict(None, "power flows out", "Look again when it flows in, or at the wiring.")
    if expected_j < COUNTS_MIN * count_j:
        return Verdict(None, f"too little is used within {span_ms / 1000:.0f} s to tell")
    if counted_j == 0:
        kw = expected_j / JOULES_PER_KWH / (span_ms / 3_600_000)
        return Verdict(False, f"energy stands still at {kw:.3g} kW", "Is it the right register?")
    ratio = counted_j / expected_j
    if 1 / NEAR <= ratio <= NEAR:
        return Verdict(True, f"energy is {ratio:.0%} of power x time")
    return Verdict(False, f"energy is {ratio:.3g} times power x time", _remedy(ratio, ratios))


def fitting(readings: Sequence[Reading], ratios: Ratios = NONE) -> Verdict:
    """A meter's power against its volts times amperes, in the mean of its readings."""
    seen = [(abs(one.gauges[POWER]), _kva(one.gauges)) for one in readings if POWER in one.gauges]
    kw = sum(power for power, kva in seen if kva is not None)
    kva = sum(kva for _power, kva in seen if kva is not None)
    if all(kva is None for _power, kva in seen):
        return Verdict(None, "it has not power, voltage and current")
    if kva < IDLE_KVA * len(seen):
        return Verdict(None, "too little flows to tell")
    ratio = kw / kva
    if FACTOR_MIN <= ratio <= NEAR:
        return Verdict(True, f"power is {ratio:.0%} of volts x amperes")
    said = f"power is {ratio:.3g} times volts x amperes"
    return Verdict(False, said, _remedy(ratio, ratios))


def _kva(gauges: Mapping[str, float]) -> float | None:
    """Volts times amperes, phase by phase; None where they do not belong together."""
    pairs = [(gauges.get(f"voltage{n}"), gauges.get(f"current{n}")) for n in PHASES]
    known = [abs(u * i) for u, i in pairs if u is not None and i is not None]
    if known:
        return sum(known) / 1000
    volts, amperes = gauges.get("voltage"), gauges.get("current")
    return None if volts is None or amperes is None else abs(volts * amperes) / 1000


def moving(readings: Sequence[Reading]) -> Verdict:
    """Whether anything of it moves: under load no two readings of a meter are the same."""
    if len(readings) < STILL_MIN or not any(readings[0].gauges.values()):
        return Verdict(None, "too little was read to tell")
    first = readings[0]
    same = all((one.gauges, one.registers) == (first.gauges, first.registers) for one in readings)
    if not same:
        return Verdict(True, f"{len(readings)} readings differ")
    said = f"{len(readings)} readings are the same to the last digit"
    return Verdict(None, said, "Does its gateway answer from memory?")


def _integrated_j(readings: Sequence[Reading]) -> float:
    """Power over time, trapezoids, joules."""
    total = 0.0
    for before, after in pairwise(readings):
        mean_kw = (before.gauges[POWER] + after.gauges[POWER]) / 2
        total += mean_kw * (after.at_ms - before.at_ms)
    return total


def _remedy(ratio: float, ratios: Ratios) -> str:
    """What most likely makes such a ratio."""
    if ratio <= 0:
        return "Does it count down? Look at word order and type."
    for name, by in ratios.items():
        if by != 1 and any(1 / NEAR <= ratio / one <= NEAR for one in (by, 1 / by)):
            return f"{name} is in one of the two and not in the other: see apply_ct_ratio."
    power = round(log10(ratio))
    if power and abs(log10(ratio) - power) < log10(NEAR):
        return f"Its scale or unit is wrong by 10^{power}."
    return "Is a current or voltage transformer's ratio missing on one of both?"
