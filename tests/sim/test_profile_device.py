"""A device made from its points: known words for known values, and a load that adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.readers.modbus.devices import point

from meterd.config.points import ModbusPoint
from meterd.sim.modbus_server import Unit
from meterd.sim.profile_device import FIRST_KWH, LOAD_KW, load, refresh, shown, words_of

WORDS: list[tuple[dict[str, Any], str, list[int]]] = [
    ({"type": "uint16"}, "513", [0x0201]),
    ({"type": "uint16", "byte_order": "little"}, "513", [0x0102]),
    ({"type": "int16"}, "-2", [0xFFFE]),
    ({"type": "uint32", "scale": Decimal("0.01")}, "655.37", [1, 1]),
    ({"type": "uint32", "word_order": "little"}, "1", [1, 0]),
    ({"type": "int64"}, "-1", [0xFFFF] * 4),
    ({"type": "uint16", "offset": Decimal(10)}, "12", [2]),
    ({"type": "float32"}, "1", [0x3F80, 0]),
    ({"type": "float64", "word_order": "little"}, "1", [0, 0, 0, 0x3FF0]),
    ({"type": "bcd16"}, "1234", [0x1234]),
    ({"type": "bcd32"}, "12345678", [0x1234, 0x5678]),
    ({"type": "bitfield", "bit": 3}, "1", [8]),
    ({"type": "string", "length": 3}, "0", [0x5349, 0x4D55]),
    ({"table": "coil"}, "1", [1]),
]


@pytest.mark.parametrize(("facts", "value", "words"), WORDS)
def test_a_value_in_words(facts: dict[str, Any], value: str, words: list[int]) -> None:
    assert words_of(point("q", **facts), Decimal(value)) == words


def test_a_quantity_is_shown_in_the_points_own_unit() -> None:
    measured = {"active_power": 1.5, "energy_import": 2.0}
    assert shown(point("active_power", unit="W"), measured) == 1500
    assert shown(point("energy_import", unit="kWh"), measured) == 2
    assert shown(point("energy_import", unit="J"), measured) == 7_200_000
    assert shown(point("colour", unit="W"), measured) == 0


def test_the_counter_is_the_power_over_time() -> None:
    step_s, kwh = 1.0, 0.0
    for second in range(900):
        kwh += load(second + step_s / 2)["active_power"] * step_s / 3600
    assert load(900)["energy_import"] == pytest.approx(FIRST_KWH + kwh, abs=1e-6)
    assert load(600)["energy_import"] == pytest.approx(FIRST_KWH + LOAD_KW / 6)


def test_a_unit_is_written_as_of_now() -> None:
    unit = Unit()
    points: tuple[ModbusPoint, ...] = (
        point("frequency", 4, "uint16", scale=Decimal("0.01")),
        point("energy_import", 10, "uint32", table="input", unit="kWh"),
    )
    refresh(unit, points, 0)
    assert (unit.holding, unit.input) == ({4: 5000}, {10: 0, 11: 1000})
