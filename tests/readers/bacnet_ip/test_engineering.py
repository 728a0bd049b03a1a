"""BACnet's units as ours."""

from __future__ import annotations

from fractions import Fraction

import pytest
from bacpypes3.basetypes import EngineeringUnits

from meterd.readers.bacnet_ip.engineering import ENGINEERING, Engineering, unit_for
from meterd.units import UNITS

SPELT = {
    "kilowattHours": (1, "kWh"), "megaBtus": (1, "293.07107017222", "kWh"), "watts": (1, "W"),
    "therms": ("29.307107017222", "kWh"), "tonHours": ("3.51685284206667", "kWh"),
    "btusPerHour": ("0.29307107017222", "W"), "usGallons": ("3.785411784", "L"),
    "imperialGallons": ("4.54609", "L"), "cubicFeet": ("28.316846592", "L"),
    "cubicMetersPerDay": (Fraction(1, 24), "m3/h"), "kilovoltAmpereHoursReactive": (1, "kvarh"),
    "kilowattHoursReactive": (1, "kvarh"), "megavolts": (1000, "kV"), "percent": (1, "%"),
    "cubicFeetPerMinute": ("1.69901079552", "m3/h"), "joulesPerHours": (Fraction(1, 3600), "W"),
    "usGallonsPerMinute": ("0.22712470704", "m3/h"), "tonsRefrigeration": ("3.5168528420667", "kW"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "said"), SPELT.items())
def test_a_unit_is_what_its_name_says(name: str, said: tuple[object, ...]) -> None:
    found = ENGINEERING[int(EngineeringUnits(name))]
    factor, unit = said[-2], str(said[-1])
    one = float(found.times * UNITS[found.unit].factor / UNITS[unit].factor)
    assert one == pytest.approx(float(Fraction(str(factor))), rel=1e-10)


def test_temperatures_have_another_zero() -> None:
    assert ENGINEERING[64] == Engineering("degC", Fraction(5, 9), Fraction(-160, 9))
    fahrenheit, kelvin = ENGINEERING[64], ENGINEERING[63]
    assert 212 * fahrenheit.times + fahrenheit.plus == 100
    assert Fraction("273.15") * kelvin.times + kelvin.plus == 0


def test_every_unit_is_one_of_ours() -> None:
    assert {one.unit for one in ENGINEERING.values()} <= UNITS.keys()


@pytest.mark.parametrize(
    ("quantity", "number", "unit"),
    [
        ("energy_import", 146, Engineering("MWh")),
        ("energy_import", 95, Engineering("kWh")),
        ("energy_import", None, Engineering("kWh")),
        ("energy_import", 48, None),
        ("energy_import", 9999, None),
        ("batch", 146, Engineering("")),
    ],
)
def test_what_an_objects_unit_means_for_a_quantity(
    quantity: str, number: int | None, unit: Engineering | None
) -> None:
    assert unit_for(quantity, number) == unit
