"""Whether what a meter says of itself can be true: its energy against its power over time.

A unit, a scale or a transformer ratio that is wrong shows in the ratio of both; a counter
that stands still while power flows is stuck. Pure: it judges readings, it takes none.
"""

from __future__ import annotations

from collections.abc import Sequence
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
ENERGY: Final = "energy_import"
POWER: Final = "active_power"


class Verdict(NamedTuple):
    """What is wrong, or that nothing is. ok: None where too little was seen to tell."""

    ok: bool | None
    what: str
    remedy: str = ""


def judged(spec: MeterSpec, readings: Sequence[Reading]) -> Verdict:
    """A meter's energy against its power, from its readings in order."""
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
    return Verdict(False, f"energy is {ratio:.3g} times power x time", _remedy(ratio))


def _integrated_j(readings: Sequence[Reading]) -> float:
    """Power over time, trapezoids, joules."""
    total = 0.0
    for before, after in pairwise(readings):
        mean_kw = (before.gauges[POWER] + after.gauges[POWER]) / 2
        total += mean_kw * (after.at_ms - before.at_ms)
    return total


def _remedy(ratio: float) -> str:
    """What most likely makes such a ratio."""
    if ratio <= 0:
        return "Does it count down? Look at word order and type."
    power = round(log10(ratio))
    if power and abs(log10(ratio) - power) < log10(NEAR):
        return f"Its scale or unit is wrong by 10^{power}."
    return "Is a current or voltage transformer's ratio missing on one of both?"
