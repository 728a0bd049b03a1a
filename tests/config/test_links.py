"""The links that readers poll."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.links import modbus_links
from meterd.config.points import ModbusDevice, ModbusPoint, SerialPort

TEXT = (
    SITE
    + """
connections:
  two: {protocol: modbus_tcp, host: 10.1.0.2}
  one: {protocol: modbus_tcp, host: meter.lan, port: 1502, timeout: 250ms}
  idle: {protocol: modbus_tcp, host: 10.1.0.9}
  rtu: {protocol: modbus_rtu, port: /dev/ttyUSB0}
meters:
  - name: a
    connection: one
    address: 7
    every: 1s
    limits: {max_words: 20, max_hole: 0}
    points:
      energy_import: {table: holding, address: 342, type: uint32, word_order: little,
                      byte_order: little, scale: "0.01", offset: 5, unit: Wh, invalid: [-1]}
      alarm: {table: coil, address: 3}
      model: {table: input, address: 9, type: string, length: 8}
      state: {table: input, address: 8, type: bitfield, bit: 3, scale_point: alarm}
      power_factor: {table: input, address: 7, type: int16, unit: "1"}
  - {name: b, connection: one, address: "8", status: offline, profile: eastron/sdm630}
  - {name: c, connection: one, address: 9, status: planned, profile: eastron/sdm630}
  - {name: d, connection: two, address: 1, status: decommissioned, profile: abb/b23}
  - {name: e, connection: two, address: 1, profile: abb/b23}
  - {name: f, connection: rtu, address: 1, profile: abb/b23}
  - {name: g}
"""
)


def test_every_connection_has_the_meters_that_are_read(tmp_path: Path) -> None:
    two, one, rtu = modbus_links(sound(tmp_path, TEXT))
    assert [(device.meter, device.unit) for device in one.devices] == [("a", 7), ("b", 8)]
    assert [device.meter for device in two.devices] == ["e"]
    assert (one.name, one.host, one.port, one.timeout_ms) == ("one", "meter.lan", 1502, 250)
    assert (two.host, two.port, two.timeout_ms) == ("10.1.0.2", 502, 1000)
    assert [device.meter for device in rtu.devices] == ["f"]


def test_a_serial_line_is_set_as_the_file_says(tmp_path: Path) -> None:
    text = TEXT.replace("port: /dev/ttyUSB0", "port: /dev/ttyS1, parity: none, timeout: 700ms")
    rtu = modbus_links(sound(tmp_path, text))[2]
    assert (rtu.protocol, rtu.timeout_ms, rtu.max_turnaround_ms) == ("modbus_rtu", 700, 1400)
    assert rtu.serial == SerialPort(path="/dev/ttyS1", parity="none")
    assert rtu.serial.character_s == 10 / 19_200
    quick = TEXT.replace("port: /dev/ttyUSB0", "port: /dev/ttyS1, max_turnaround: 50ms")
    assert modbus_links(sound(tmp_path, quick))[2].max_turnaround_ms == 50
    served = TEXT.replace("modbus_rtu, port: /dev/ttyUSB0", "modbus_rtu_tcp, host: h, port: 4001")
    link = modbus_links(sound(tmp_path, served))[2]
    assert (link.protocol, link.host, link.port) == ("modbus_rtu_tcp", "h", 4001)
    assert (link.serial, link.max_turnaround_ms) == (None, 2000)


def test_a_device_and_its_points_are_as_the_file_says(tmp_path: Path) -> None:
    device = modbus_links(sound(tmp_path, TEXT))[1].devices[0]
    assert (device.every_ms, device.max_words, device.max_hole) == (1000, 20, 0)
    assert device.points == (
        ModbusPoint(
            quantity="energy_import",
            table="holding",
            address=342,
            type="uint32",
            word_order="little",
            byte_order="little",
            scale=Decimal("0.01"),
            offset=Decimal(5),
            unit="Wh",
            invalid=(-1,),
        ),
        ModbusPoint(quantity="alarm", table="coil", address=3),
        ModbusPoint(quantity="model", table="input", address=9, type="string", length=8),
        ModbusPoint(
            quantity="state",
            table="input",
            address=8,
            type="bitfield",
            bit=3,
            scale_point="alarm",
        ),
        ModbusPoint(quantity="power_factor", table="input", address=7, type="int16", unit="ratio"),
    )


def test_a_profiles_limits_hold_for_its_meters(tmp_path: Path) -> None:
    device = modbus_links(sound(tmp_path, TEXT))[1].devices[1]
    default = ModbusDevice(meter="", unit=0, points=())
    assert (device.max_words, device.max_hole) == (60, default.max_hole)


def test_applied_transformers_multiply_each_quantity_by_its_own(tmp_path: Path) -> None:
    names = {
        "energy_import": "80000/3", "active_power_l1": "80000/3", "apparent_power": "80000/3",
        "current_l1": "80", "neutral_current": "80", "voltage_l1": "1000/3", "frequency": "1",
        "power_factor": "1", "heat_energy": "1", "own": "1",
    }  # fmt: skip
    points = "".join(
        f"      {name}: {{table: input, address: {n}, type: uint16, offset: 1}}\n"
        for n, name in enumerate(names)
    )
    text = TEXT.partition("meters:")[0] + (
        "meters:\n  - name: a\n    connection: one\n    address: 1\n    ct_ratio: '400:5'\n"
        "    pt_ratio: '1000:3'\n    apply_ct_ratio: true\n    apply_pt_ratio: true\n"
        f"    points:\n{points}"
    )
    (link,) = modbus_links(sound(tmp_path, text))
    for point in link.devices[0].points:
        above, _slash, below = names[point.quantity].partition("/")
        exact = Decimal(above) / Decimal(below or 1)
        assert abs(point.scale - exact) < Decimal("1e-20"), point.quantity
        assert point.offset == point.scale
