"""A point has the keys of its protocol, an address that exists and a unit that converts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import SITE, found

LINKS = """connections:
  hall: {protocol: modbus_tcp, host: 10.1.0.20}
  pdus: {protocol: snmp, community: public}
  bms: {protocol: bacnet}
  gpio: {protocol: pulse}
  loops: {protocol: analog}
"""
AT = "meters.0.points."

MODBUS = {
    "flow: {}": [
        f"{AT}flow.table: the key is missing. Write table: input, holding, coil or discrete.",
        f"{AT}flow.address: the key is missing. Write the zero-based number on the wire.",
    ],
    "flow: {table: input, address: 1}": [
        f"{AT}flow.type: the key is missing. Write type: uint16, float32 or the like."
    ],
    "flow: {table: in, address: x, type: uint16}": [
        f'{AT}flow.table: "in" is not known here. Known here: coil, discrete, holding, input.',
        (
            f'{AT}flow.address: "x" is not a whole number. '
            "Write digits only, without quotes or unit."
        ),
    ],
    "flow: {table: input, address: 1, type: uint33}": [
        f'{AT}flow.type: "uint33" is not known here. Did you mean "uint32"?'
    ],
    "flow: {table: input, address: 65535, type: uint16}": [],
    "flow: {table: input, address: 65535, type: float32}": [
        (
            f"{AT}flow.address: not all of the 2 words from 65535 on exist. "
            "Addresses go from 0 to 65535."
        )
    ],
    "flow: {table: input, address: -1, type: uint16}": [
        f"{AT}flow.address: not all of the 1 words from -1 on exist. Addresses go from 0 to 65535."
    ],
    "energy_import: {table: input, address: 1, type: string, length: 4}": [
        (
            f"{AT}energy_import.type: energy_import is a number, and a string is none. "
            "Choose the type that the manual says."
        )
    ],
    "name: {table: input, address: 65530, type: string, length: 13}": [
        (
            f"{AT}name.address: not all of the 7 words from 65530 on exist. "
            "Addresses go from 0 to 65535."
        )
    ],
    "name: {table: input, address: 65530, type: string, length: 12}": [],
    "name: {table: input, address: 1, type: string}": [
        f"{AT}name.length: a string point needs it. Write length: from 1 to 250."
    ],
    "name: {table: input, address: 1, type: string, length: 251}": [
        f"{AT}name.length: length 251 is out of range. It must be from 1 to 250."
    ],
    "name: {table: input, address: 1, type: string, length: 8, scale: 2}": [
        f"{AT}name.scale: text has no scale. Drop it."
    ],
    "alarm: {table: input, address: 1, type: bitfield, bit: 15}": [],
    "alarm: {table: input, address: 1, type: bitfield, bit: 16}": [
        f"{AT}alarm.bit: bit 16 is out of range. It must be from 0 to 15."
    ],
    "alarm: {table: input, address: 1, type: uint16, bit: 1}": [
        f"{AT}alarm.bit: bit means nothing for this type. Drop it, or write type: bitfield."
    ],
    "alarm: {table: coil, address: 1}": [],
    "alarm: {table: discrete, address: 1, type: uint16}": [
        f"{AT}alarm.type: type means nothing for a discrete. Drop it: it reads 0 or 1."
    ],
    "flow: {oid: 1.3.6, table: coil, address: 1}": [
        f"{AT}flow.oid: oid means nothing with modbus. Drop it."
    ],
    "flow: {table: coil, address: 1, expression: a.b}": [
        f"{AT}flow.expression: expression means nothing with modbus. Drop it."
    ],
    "flow: {table: coil, address: 1, scale_point: sf}, sf: {table: coil, address: 2}": [],
    "flow: {table: coil, address: 1, scale_point: sg}, sf: {table: coil, address: 2}": [
        f'{AT}flow.scale_point: no other point "sg" of this meter. Known here: sf.'
    ],
    "flow: {table: coil, address: 1, scale_point: flow}": [
        f'{AT}flow.scale_point: no other point "flow" of this meter.'
    ],
    "Flow: {table: coil, address: 1}": [
        (
            f'{AT}Flow: "Flow" is no name of a quantity. '
            "Use lower-case letters, digits and _, a letter first."
        )
    ],
    "activ_power: {table: coil, address: 1}": [
        (
            f'{AT}activ_power: "activ_power" is no canonical quantity. '
            'Did you mean "active_power"? Any other name is carried as it is.'
        )
    ],
    "energy_import_l1: {table: coil, address: 1, unit: kWh}": [],
    "batch_id: {table: coil, address: 1}": [],
    "time: {table: coil, address: 1}": [
        f'{AT}time: "time" is what a recording calls something else. Choose another name.'
    ],
    "own: {table: input, address: 1, type: float32, invalid: [-1, 9999.5]}": [],
    "own: {table: input, address: 1, type: uint16, invalid: [65535, 99.5]}": [
        (
            f"{AT}own.invalid.1: 99.5 is not a whole number, as every uint16 is. "
            "Write the raw number, before scale."
        )
    ],
}


@pytest.mark.parametrize("points", MODBUS)
def test_a_modbus_point(points: str, tmp_path: Path) -> None:
    text = (
        f"{SITE}{LINKS}meters: [{{name: m, connection: hall, address: 1, points: {{{points}}}}}]\n"
    )
    assert told(tmp_path, text) == MODBUS[points]


OTHERS = {
    ("pdus", "flow: {oid: 1.3.6.1.2.1.1.3.0}"): [],
    ("pdus", "flow: {oid: .1.3.6, row: {oid: 1.3.7, equals: x}}"): [],
    ("pdus", "flow: {}"): [f"{AT}flow.oid: the key is missing. Write oid: here."],
    ("pdus", "flow: {oid: sysUpTime.0}"): [
        f'{AT}flow.oid: "sysUpTime.0" is no numeric OID. Write it as 1.3.6.1.2.1.1.3.0.'
    ],
    ("bms", "flow: {object: 'analog-input,3'}"): [],
    ("bms", "flow: {object: AI3}"): [
        f'{AT}flow.object: "AI3" is no BACnet object. Write it as analog-input,3.'
    ],
    ("gpio", "volume: {line: 4, pulses_per_unit: 100, max_per_hour: 5}"): [],
    ("gpio", "volume: {line: 4}"): [
        f"{AT}volume.pulses_per_unit: the key is missing. It stands on the meter's label."
    ],
    ("loops", "flow: {path: /sys/x, input: [4, 20], output: [0, 500]}"): [],
    ("loops", "flow: {path: /sys/x, input: [4, 4], output: [0]}"): [
        f"{AT}flow.input: input is no range. Write two numbers that differ, as in [4, 20].",
        f"{AT}flow.output: output is no range. Write two numbers that differ, as in [4, 20].",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("link", "points"), OTHERS)
def test_a_point_of_another_protocol(link: str, points: str, tmp_path: Path) -> None:
    meter = f"{{name: m, connection: {link}, address: x, points: {{{points}}}}}"
    text = f"{SITE}{LINKS}meters: [{meter}]\n"
    assert told(tmp_path, text) == OTHERS[link, points]


UNITS = {
    "active_power: {unit: W}": [],
    "active_power: {unit: MW}": [],
    "active_power: {unit: w}": [(f'{AT}active_power.unit: active_power cannot be in "w". '
                                "Known here: MW, W, kW, mW.")],
    "energy_import: {unit: kvarh}": [
        (f'{AT}energy_import.unit: energy_import cannot be in "kvarh". '
        "Known here: GJ, GWh, J, MJ, MWh, Wh, kJ, kWh.")
    ],
    "volume: {unit: m³, max_per_hour: 5}": [],
    "power_factor: {unit: '1'}": [],
    "power_factor: {unit: '%'}": [],
    "voltage: {unit: furlong}": [
        f'{AT}voltage.unit: voltage cannot be in "furlong". Known here: V, kV, mV.'
    ],
    "humidity: {unit: furlong}": [],
    "serial_number: {}": [],
}  # fmt: skip


@pytest.mark.parametrize("points", UNITS)
def test_a_unit_converts_to_the_canonical_one(points: str, tmp_path: Path) -> None:
    text = f"{SITE}meters: [{{name: m, points: {{{points}}}}}]\n"
    assert told(tmp_path, text) == UNITS[points]


COUNTERS = {
    "energy_import: {modulus: 1000, resolution: 1, max_kw: 5, jitter: 0, nonvolatile: true}": [],
    "volume: {max_per_hour: 5}": [],
    "volume: {max_kw: 5}": [
        (
            f"{AT}volume.max_kw: volume is no energy, so max_kw means nothing. "
            "Write max_per_hour, in the unit."
        )
    ],
    "energy_import: {max_kw: 5, max_per_hour: 5}": [
        f"{AT}energy_import.max_per_hour: max_kw is there too. Keep one of the two."
    ],
    "active_power: {modulus: 5}": [
        (
            f"{AT}active_power.modulus: active_power is no counter, so modulus means nothing. "
            "Drop it, or give a quantity of your own a unit such as 1, GJ, GWh, J."
        )
    ],
    "energy_night: {unit: kWh, max_kw: 5}": [],
    "strokes: {unit: '1', max_per_hour: 500}": [],
    "humidity: {unit: '%', nonvolatile: true}": [
        (
            f"{AT}humidity.nonvolatile: humidity is no counter, so nonvolatile means nothing. "
            "Drop it, or give a quantity of your own a unit such as 1, GJ, GWh, J."
        )
    ],
}


@pytest.mark.parametrize("points", COUNTERS)
def test_what_says_how_a_counter_counts(points: str, tmp_path: Path) -> None:
    assert (
        told(tmp_path, f"{SITE}meters: [{{name: m, points: {{{points}}}}}]\n") == COUNTERS[points]
    )


def test_without_a_connection_the_keys_tell_the_protocol(tmp_path: Path) -> None:
    text = f"{SITE}meters: [{{name: m, points: {{flow: {{address: 1, oid: 1.3.6}}}}}}]\n"
    assert told(tmp_path, text) == [
        f"{AT}flow.table: the key is missing. Write table: input, holding, coil or discrete.",
        f"{AT}flow.oid: oid means nothing with modbus. Drop it.",
    ]
    text = f"{SITE}connections: {{api: {{protocol: push}}}}\nmeters: [{{name: m, connection: api, "
    assert told(tmp_path, text + "points: {flow: {address: 1}}}]\n") == [
        f"{AT}flow.address: address means nothing with push. Drop it."
    ]


def told(folder: Path, text: str) -> list[str]:
    """The lines from the path on, but for what is not built."""
    return [line.split(": ", 1)[1] for line in found(folder, text) if "not built" not in line]
