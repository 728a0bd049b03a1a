"""What obeys physics, what does not, and what says nothing."""

from __future__ import annotations

import pytest

from meterd.events import Reading
from meterd.readers.modbus.plausible import Rate, claims, family, score, values_of

LOAD = {
    "voltage_l1": 230.0, "voltage_l2": 231.0, "voltage_l3": 229.0, "current_l1": 10.0,
    "current_l2": 8.0, "current_l3": 0.0, "power_factor": 0.9, "frequency": 50.0,
}  # fmt: skip
KVA = (230 * 10 + 231 * 8) / 1000

NOW: dict[str, tuple[dict[str, float], dict[str, int]]] = {
    "a load": (LOAD, dict.fromkeys(("voltage_l1", "voltage_l2", "frequency", "power_factor"), 1)),
    "its power": ({**LOAD, "active_power": KVA * 0.9}, {"active_power": 1}),
    "its power the other way": ({**LOAD, "active_power": -KVA * 0.9}, {"active_power": 1}),
    "ten times its power": ({**LOAD, "active_power": KVA * 9}, {"active_power": -1}),
    "its apparent power": ({**LOAD, "apparent_power": KVA}, {"apparent_power": 1}),
    "another apparent power": ({**LOAD, "apparent_power": 2 * KVA}, {"apparent_power": -1}),
    "a phase's power": ({**LOAD, "active_power_l1": 2.1}, {"active_power_l1": 1}),
    "too much for a phase": ({**LOAD, "active_power_l1": 21.0}, {"active_power_l1": -1}),
    "too little for a phase": ({**LOAD, "active_power_l1": 0.021}, {"active_power_l1": -1}),
    "one phase": ({"voltage": 230.0, "current": 10.0, "active_power": 2.2}, {"active_power": 1}),
    "nothing flows": ({"voltage": 230.0, "current": 0.0, "active_power": 2.2}, {}),
    "a phase that is not connected": ({"voltage_l2": 0.0, "frequency": 0.0}, {}),
    "a medium voltage": ({"voltage_l12": 10_500.0}, {}),
    "a transformer's secondary": ({"voltage_l1": 57.7}, {"voltage_l1": 1}),
    "no voltage of anybody": ({"voltage_l1": 23.0}, {"voltage_l1": -1}),
    "no frequency of anybody": ({"frequency": 500.0}, {"frequency": -1}),
    "no power factor": ({"power_factor": 96.0}, {"power_factor": -1}),
    "too many amperes": ({"current_l1": 1e9}, {"current_l1": -1}),
    "hardly any": ({"current_l1": 1e-30}, {"current_l1": -1}),
    "a counter below 0": ({"energy_import": -1.0}, {"energy_import": -1}),
    "a counter beyond all": ({"energy_import": 1e12}, {"energy_import": -1}),
    "phases that add up": (
        {"active_power": 3.0, "active_power_l1": 1.0, "active_power_l2": 1.0,
         "active_power_l3": 1.0}, {"active_power": 1},
    ),
    "phases that do not": (
        {"apparent_power": 9.0, "apparent_power_l1": 1.0, "apparent_power_l2": 1.0,
         "apparent_power_l3": 1.0}, {"apparent_power": -1},
    ),
    "what nobody knows": ({"own": 5.0, "temperature": 21.0}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), NOW.values(), ids=NOW.keys())
def test_what_speaks_for_and_against(values: dict[str, float], expected: dict[str, int]) -> None:
    found = {one.quantity: 1 if one.weight > 0 else -1 for one in claims(values)}
    assert {name: found.get(name) for name in expected} == expected
    if not expected:
        assert not any(weight < 0 for weight in found.values())


RATES: dict[str, tuple[float, float, int]] = {
    "as the power says": (1.0, 6.0, 1),
    "ten times as much": (10.0, 6.0, -1),
    "not at all": (0.0, 6.0, -1),
    "not yet, for its step": (0.0, 0.1, 0),
    "backwards": (-1.0, 6.0, -1),
    "without any power": (5.0, 0.0, -1),
}


@pytest.mark.parametrize(("rise", "kw", "sign"), RATES.values(), ids=RATES.keys())
def test_a_counter_rises_at_the_rate_of_the_power(rise: float, kw: float, sign: int) -> None:
    for name, power in (("energy_import", kw), ("energy_export", -kw)):
        now = {name: 100 + rise, "active_power": power}
        found = claims(now, Rate({name: 100.0}, 600, {name: 0.1}))
        weights = [one.weight for one in found if one.quantity == name]
        assert [weight > 0 for weight in weights] == ([] if sign == 0 else [sign > 0])


def test_what_speaks_against_counts_more() -> None:
    assert score(claims({"frequency": 50.0, "voltage": 2.0})) < 0
    assert score(claims({"frequency": 50.0, "voltage": 230.0})) == 4


def test_a_reading_in_canonical_units() -> None:
    reading = Reading("m", 0, {"energy_import": 3_600_000, "own": 5}, {"voltage": 230.0, "x": 1.0})
    assert values_of(reading) == {"energy_import": 1.0, "voltage": 230.0}
    assert [family(name) for name in ("voltage_l12", "current_l1", "own_l4")] == [
        "voltage", "current", "own_l4",
    ]  # fmt: skip
