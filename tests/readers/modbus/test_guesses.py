"""A device that is declared wrongly is understood, and one that is declared rightly is left."""

from __future__ import annotations

import struct
from decimal import Decimal

import msgspec
import pytest
from tests.readers.modbus.devices import point

from meterd.config.points import ModbusPoint
from meterd.readers.modbus.guesses import ranking, wanted
from meterd.readers.modbus.options import Seen
from meterd.sim.modbus_server import Unit
from meterd.sim.profile_device import refresh

FLOATS = (
    *(point(f"voltage_l{n}", 2 * n, "float32") for n in (1, 2, 3)),
    *(point(f"current_l{n}", 8 + 2 * n, "float32") for n in (1, 2, 3)),
    point("active_power", 16, "float32", unit="W"),
    point("power_factor", 18, "float32"),
    point("frequency", 20, "float32"),
    point("energy_import", 22, "uint32", unit="Wh"),
)
INTEGERS = (
    point("voltage", 2, scale=Decimal("0.1")),
    point("current", 3, scale=Decimal("0.01")),
    point("active_power", 4, "int16", unit="W"),
    point("power_factor", 5, "int16", scale=Decimal("0.001")),
    point("frequency", 6, scale=Decimal("0.01")),
    point("energy_import", 8, "uint32", scale=Decimal("0.01"), unit="kWh"),
)


def seen(points: tuple[ModbusPoint, ...], seconds: float = 60) -> Seen:
    """The words of a device that is as the points say, read twice."""
    words = []
    for at_s in (100.0, 100.0 + seconds):
        unit = Unit(holding=dict.fromkeys(range(40), 0), input=dict.fromkeys(range(40), 0))
        refresh(unit, points, at_s)
        words.append(
            {("holding", n): word for n, word in unit.holding.items()}
            | {("input", n): word for n, word in unit.input.items()}
        )
    return Seen(words[0], words[1], seconds)


def changed(points: tuple[ModbusPoint, ...], **keys: object) -> tuple[ModbusPoint, ...]:
    shift = int(str(keys.pop("shift", 0)))
    return tuple(
        msgspec.structs.replace(one, address=one.address + shift, **keys) for one in points
    )


DEVICES = {
    "as declared": FLOATS,
    "the other word order": changed(FLOATS, word_order="little"),
    "the other byte order": changed(FLOATS, byte_order="little"),
    "both": changed(FLOATS, word_order="little", byte_order="little"),
    "one address on": changed(FLOATS, shift=1),
    "one address back": changed(FLOATS, shift=-1),
    "the other table": changed(FLOATS, table="input"),
    "all of it": changed(FLOATS, table="input", shift=1, word_order="little"),
}


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES.keys())
def test_a_device_of_floats_is_understood(device: tuple[ModbusPoint, ...]) -> None:
    best, *others = ranking(FLOATS, seen(device))
    assert {one.quantity: one for one in best.points} == {one.quantity: one for one in device}
    assert best.values["frequency"] == 50
    assert best.obeys == len(best.claims) > 6
    assert all(other.score < best.score for other in others)


SCALES = {
    "volts in whole": {"voltage": Decimal(1)},
    "hertz in tenths": {"frequency": Decimal("0.1")},
    "amperes in thousandths": {"current": Decimal("0.001")},
    "watts in tens": {"active_power": Decimal(10)},
}


@pytest.mark.parametrize("scales", SCALES.values(), ids=SCALES.keys())
def test_a_scale_is_found(scales: dict[str, Decimal]) -> None:
    device = tuple(
        msgspec.structs.replace(one, scale=scales.get(one.quantity, one.scale)) for one in INTEGERS
    )
    best = ranking(INTEGERS, seen(device))[0]
    assert {one.quantity: one.scale for one in best.points} == {
        one.quantity: one.scale for one in device
    }


def test_a_type_is_found() -> None:
    declared = changed(FLOATS, type="uint32")
    best = ranking(declared, seen(FLOATS))[0]
    assert {one.type for one in best.points if one.quantity != "energy_import"} == {"float32"}


def test_an_idle_meter_is_left_as_it_is_declared() -> None:
    words = {("holding", n): 0 for n in range(40)}
    volts = struct.unpack(">2H", struct.pack(">f", 230.0))
    words |= {("holding", 2): volts[0], ("holding", 3): volts[1]}
    best = ranking(FLOATS, Seen(words, words, 10))[0]
    assert {one.quantity: one for one in best.points} == {one.quantity: one for one in FLOATS}


def test_what_cannot_be_judged_is_not_asked_for() -> None:
    others = (
        point("own", 1),
        point("serial_number", 2, "string", length=4),
        point("count", table="coil"),
        point("voltage", 9, scale_point="own"),
    )
    assert wanted(others) == set()
    assert ranking(others, Seen({}, {}, 1)) == []
    assert wanted([point("frequency", 0, "uint16")]) == {
        (table, address) for table in ("holding", "input") for address in (0, 1, 2)
    }
