"""How far a bill's energy may be from the truth: the limits of meters and transformers.

Each class is a limit, so its error is taken as rectangular: u = a / sqrt(3). A meter's error
is systematic: it adds linearly over all that the meter measured; meters err independently.
One chain of deltas is rounded at its two ends: q / sqrt(6), q being a count of the register.
Expanded with k = 2. Limits are those from 5 % of the rated current up, at power factor 1.
Source: reference/billing.md section 5, "Bill uncertainty"; IEC 62053-21 and -22, IEC 61869-2.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import msgspec

from meterd.units import JOULES_PER_KWH

K: Final = 2
METER_PERCENT: Final = {"0.2S": 0.2, "0.5S": 0.5, "1.0": 1.0, "2.0": 2.0}
"""Class of a meter -> its limit, percent."""
TRANSFORMER_PERCENT: Final = {
    "0.1": 0.1, "0.2S": 0.2, "0.2": 0.2, "0.5S": 0.5, "0.5": 0.5, "1.0": 1.0, "3.0": 3.0,
}  # fmt: skip
"""Class of a current or voltage transformer -> its limit of the ratio, percent."""


class Part(msgspec.Struct, frozen=True):
    """What one meter's counter measured, and the limits of what measured it.

    meter: its class, None if it has none. transformers: classes of those it is behind, None
    for one whose class nobody knows. count_j: one count of the register.
    """

    energy_j: int
    meter: str | None
    transformers: tuple[str | None, ...] = ()
    count_j: int = 0


class Uncertainty(msgspec.Struct, frozen=True):
    """kwh, percent: expanded, +-, of the energy that it covers. covers: that part of all.

    whole: the class of every transformer in the way is known too.
    """

    kwh: float
    percent: float
    covers: float
    whole: bool


def uncertainty(parts: Sequence[Part], energy_j: int) -> Uncertainty | None:
    """Of a bill's energy; None where none of it comes from a meter of a class.

    parts: one a meter. energy_j: of the whole bill, estimates and all.
    """
    known = [part for part in parts if part.meter in METER_PERCENT and part.energy_j > 0]
    covered_j = sum(part.energy_j for part in known)
    if not covered_j:
        return None
    squares = sum(_variance(part) for part in known)
    expanded_j = K * sqrt(squares)
    return Uncertainty(
        kwh=expanded_j / JOULES_PER_KWH,
        percent=100 * expanded_j / covered_j,
        covers=covered_j / energy_j,
        whole=all(None not in part.transformers for part in known),
    )


def _variance(part: Part) -> float:
    """Joules squared."""
    assert part.meter is not None, "only parts with a class are asked for"
    limits = [METER_PERCENT[part.meter]]
    limits += [TRANSFORMER_PERCENT[name] for name in part.transformers if name is not None]
    relative = sum(limit * limit for limit in limits) / 3 / 100**2
    return relative * part.energy_j**2 + part.count_j**2 / 6
