"""BACnet's engineering units as ours (ASHRAE 135, BACnetEngineeringUnits). Pure.

A value in unit N is `value x times + plus` in the named unit, exactly.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from meterd.units import UNITS, canonical_unit

NO_UNITS: Final = 95
_BTU_J: Final = "1055.05585262"


class Engineering(NamedTuple):
    """What one of BACnet's units is in one of ours."""

    unit: str
    times: Fraction = Fraction(1)
    plus: Fraction = Fraction(0)


def _same(**numbers: int) -> dict[int, Engineering]:
    return {number: Engineering(unit) for unit, number in numbers.items()}


def _is(number: int, unit: str, times: str | int | Fraction = 1) -> dict[int, Engineering]:
    return {number: Engineering(unit, Fraction(times))}


ENGINEERING: Final[dict[int, Engineering]] = {
    **_same(mA=2, A=3, V=5, kV=6, VA=8, kVA=9, MVA=10, var=11, kvar=12, Mvar=13, J=16, kJ=17),
    **_same(Wh=18, kWh=19, Hz=27, W=47, kW=48, MW=49, h=71, min=72, s=73, m3=80, L=82),
    **_same(mV=124, MJ=126, mW=132, MWh=146, ms=159, mL=197, VAh=239, kVAh=240, MVAh=241),
    **_same(d=70, degC=62, ft3=79, gal=83),
    **_is(203, "varh"), **_is(204, "kvarh"), **_is(205, "Mvarh"),
    **_is(242, "varh"), **_is(243, "kvarh"), **_is(244, "Mvarh"),
    **_is(7, "kV", 1000), **_is(15, "ratio"), **_is(98, "%"), **_is(207, "ratio", "0.001"),
    **_is(20, "J", _BTU_J), **_is(147, "kJ", _BTU_J), **_is(148, "MJ", _BTU_J),
    **_is(21, "kJ", Fraction(_BTU_J) * 100), **_is(22, "kJ", Fraction(_BTU_J) * 12),
    **_is(50, "W", Fraction(_BTU_J) / 3600), **_is(157, "kW", Fraction(_BTU_J) / 3600),
    **_is(52, "kW", Fraction(_BTU_J) * 12 / 3600), **_is(51, "W", "745.69987158227022"),
    **_is(247, "W", Fraction(1, 3600)),
    **_is(129, "Hz", 1000), **_is(158, "ms", 10), **_is(81, "mL", "4546.09"),
    **_is(85, "m3/s"), **_is(87, "L/s"), **_is(88, "L/min"), **_is(135, "m3/h"),
    **_is(136, "L/h"), **_is(165, "m3/h", 60), **_is(249, "m3/h", Fraction(1, 24)),
    **_is(198, "L/s", "0.001"), **_is(191, "L/h", "28.316846592"),
    **_is(84, "L/min", "28.316846592"), **_is(142, "L/s", "28.316846592"),
    **_is(89, "L/min", "3.785411784"), **_is(192, "L/h", "3.785411784"),
    **_is(86, "L/min", "4.54609"),
    63: Engineering("degC", Fraction(1), Fraction("-273.15")),
    64: Engineering("degC", Fraction(5, 9), Fraction(-160, 9)),
}  # fmt: skip
"""Number -> unit. Both families of reactive energy are in use."""


def unit_for(quantity: str, number: int | None) -> Engineering | None:
    """What an object's own unit means for a quantity; None where it cannot be its unit.

    An object without a unit speaks in the quantity's canonical one, and a quantity without
    a canonical unit is carried as it is.
    """
    canonical = canonical_unit(quantity)
    if canonical is None or number is None or number == NO_UNITS:
        return Engineering(canonical or "")
    found = ENGINEERING.get(number)
    if found is None or UNITS[found.unit].dimension != UNITS[canonical].dimension:
        return None
    return found
