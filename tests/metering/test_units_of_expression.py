"""Units: what may be combined, and what comes of it."""

import pytest
from tests.metering.named import KNOWN

from meterd.metering.grammar import parse
from meterd.metering.operands import ExpressionError
from meterd.metering.units_of_expression import unit_of


def unit(text: str) -> str | None:
    tree = parse(text, KNOWN)
    found = unit_of(tree.root, tuple(tree.references))
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("main.active_power - pv.active_power", "kW"),
        ("main.active_power * 0.98 + 5", "kW"),
        ("5 - 2 * main.active_power", "kW"),
        ("max(0, -main.active_power, 3)", "kW"),
        ("abs(main.active_power / 2)", "kW"),
        ("main.active_power if water_1.flow > 3 else 0", "kW"),
        ("main.active_power if water_1.flow else 0", "kW"),  # a condition may be in any
        ("main.energy_import + pv.energy_import", "kWh"),
        ("main.active_power / pv.active_power", ""),
        ("1 + 2", ""),
        ("main.active_power > 5", ""),
        ("not main.active_power", ""),
        ("main.active_power > 5 and water_1.flow > 3", ""),
        ("main.voltage * main.current", None),
        ("main.apparent_power * main.power_factor", None),
        ("main.active_power / main.apparent_power", None),
        ("1 / main.active_power", None),
        ("oven.price * 2", None),
        ("oven.price / main.voltage", None),
        ("oven.price + main.voltage", "V"),  # the unknown one is taken at its word
        ("main.voltage + oven.price", "V"),
        ("oven.price + oven.price + 1", None),
        ("main.voltage * main.current + main.active_power", "kW"),
    ],
)
def test_an_expression_has_one_unit_or_none_that_is_known(text: str, name: str | None) -> None:
    assert unit(text) == name


@pytest.mark.parametrize(
    ("text", "column", "names"),
    [
        ("main.energy_import + water_1.volume", 22, "kWh and m3"),
        ("1 + main.energy_import - pv.reactive_energy_import", 26, "kWh and kvarh"),
        ("main.active_power + main.apparent_power", 21, "kW and kVA"),
        ("max(1, main.voltage, main.current)", 22, "V and A"),
        ("main.voltage > main.current", 16, "V and A"),
        ("main.voltage if 1 else main.current", 24, "V and A"),
        ('oven.heat + meter("press-4").heat', 13, "kW and W"),  # one dimension is not enough
        ("2 * (main.voltage + main.current)", 21, "V and A"),
        ("(main.voltage + main.current) / 2", 17, "V and A"),
    ],
)
def test_mixed_units_are_an_error_at_the_second(text: str, column: int, names: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        unit(text)
    assert (caught.value.column, caught.value.message) == (column, f"{names} are mixed")
