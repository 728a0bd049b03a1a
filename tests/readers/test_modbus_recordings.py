"""Every recording of a Modbus device: its words, served and read, give the readings expected.

tests/recordings/<make>/<model>.yaml has `words` (table -> first address -> words), `expect`
(quantity -> decimal in its canonical unit, or text) and perhaps `tolerance`. What is not
expected must be absent; an address that is not recorded is one the device does not have.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.readers.modbus.devices import around, link
from tests.recorded import recordings

from meterd.config.links import modbus_links
from meterd.config.load import load
from meterd.config.points import ModbusDevice
from meterd.events import Reading
from meterd.readers.modbus_tcp import read_once
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.units import UNITS, canonical_unit, to_amount

KNOWN = recordings("words")
CONFIG = """
site: {{name: bench, timezone: Europe/Berlin}}
connections: {{hall: {{protocol: modbus_tcp, host: 127.0.0.1}}}}
meters: [{{name: m1, connection: hall, address: 1, profile: {profile}}}]
"""


def profiled(profile: str, folder: Path) -> ModbusDevice:
    """The device as a configuration with nothing but the profile has it."""
    file = folder / "meterd.yaml"
    file.write_text(CONFIG.format(profile=profile), "utf-8")
    loaded = load(file, {"HOME": str(folder)})
    assert loaded.config is not None, loaded.findings
    (only,) = modbus_links(loaded.config)
    return only.devices[0]


def recorded(words: dict[str, dict[str, list[int]]]) -> Unit:
    """A unit that has the recorded words and no others."""
    tables = {
        table: {int(start) + n: word for start, run in runs.items() for n, word in enumerate(run)}
        for table, runs in words.items()
    }
    return Unit(**tables)  # type: ignore[arg-type]


def as_expected(reading: Reading, quantity: str, expected: str, tolerance: str) -> bool:
    """Whether the reading has the quantity, exactly, or as near as the recording allows."""
    if quantity in reading.registers:
        unit = UNITS[canonical_unit(quantity) or ""]
        return reading.registers[quantity] == to_amount(Decimal(expected), unit)
    if quantity in reading.gauges:
        return abs(reading.gauges[quantity] - float(expected)) <= float(tolerance)
    return str({**facts(reading), **reading.texts}.get(quantity)) == expected


def facts(reading: Reading) -> dict[str, object]:
    """What the reading says of the device itself."""
    return {"serial_number": reading.serial, "uptime": reading.uptime_s}


@pytest.mark.parametrize(("profile", "recording"), KNOWN.items(), ids=KNOWN.keys())
async def test_a_recording(profile: str, recording: dict[str, Any], tmp_path: Path) -> None:
    server = ModbusServer({1: recorded(recording["words"])})
    asked = profiled(profile, tmp_path)
    surroundings, _ = around()
    try:
        at = link(await server.start(), asked)
        reading = await read_once(at, asked, (), surroundings)
    finally:
        await server.stop()
    known = {*reading.registers, *reading.gauges, *reading.texts}
    known |= {fact for fact, said in facts(reading).items() if said is not None}
    assert known == set(recording["expect"])
    assert set(reading.missing) == {point.quantity for point in asked.points} - known
    wrong = {
        quantity: expected
        for quantity, expected in recording["expect"].items()
        if not as_expected(reading, quantity, str(expected), str(recording.get("tolerance", 0)))
    }
    assert not wrong, reading


def test_there_are_recordings() -> None:
    assert KNOWN
