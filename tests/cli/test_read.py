"""`read`: one live reading, from a device in another thread."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tests.cli.shell import Shell

from meterd.cli.read import rows_of
from meterd.events import Reading
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.specs import MeterSpec, RegisterSpec

WORDS = {
    **dict(enumerate(struct.unpack(">2H", struct.pack(">I", 1_234_567)))),
    2: 2301,
    3: 0x8000,
    **dict(enumerate(struct.unpack(">3H", b"M-4711"), 10)),
}
POINTS: dict[str, dict[str, Any]] = {
    "energy_import": {"table": "holding", "address": 0, "type": "uint32", "scale": "0.01"},
    "voltage": {"table": "holding", "address": 2, "type": "uint16", "scale": "0.1", "unit": "V"},
    "frequency": {"table": "holding", "address": 3, "type": "int16", "invalid": [-32768]},
    "serial_number": {"table": "holding", "address": 10, "type": "string", "length": 6},
}


@pytest.fixture
def device(shell: Shell) -> Iterator[ModbusServer]:
    """A device at unit 1 of the shell's connection, served by a loop of its own."""
    server = ModbusServer({1: Unit(holding=WORDS)})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    shell.config["connections"]["hall"]["port"] = do(server.start())
    yield server
    do(server.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def live(shell: Shell, device: ModbusServer) -> Shell:
    assert device.units
    shell.config["meters"][0]["points"] = POINTS
    shell.write()
    return shell


def test_a_reading_is_every_quantity_with_its_unit(live: Shell) -> None:
    found = live.rows("read", "main")
    assert found["meter"] == "main"
    assert found["time"].endswith("Z")
    energy = found["quantities"].pop("energy_import")
    assert (Decimal(energy["value"]), energy["unit"]) == (Decimal("12345.67"), "kWh")
    assert found["quantities"]["voltage"] == {"value": 230.1, "unit": "V"}
    assert found["quantities"]["frequency"]["value"] is None, "its sentinel is no value"


def test_a_reading_is_a_table_or_csv(live: Shell) -> None:
    rows = live.on("read", "main", "--csv").csv
    assert list(rows[0]) == ["quantity", "value", "unit"]
    assert {row["quantity"] for row in rows} >= {"energy_import", "voltage", "frequency"}
    table = live.on("read", "main").out
    assert "frequency" in table
    assert len(table.splitlines()) == len(rows) + 1


def test_a_meter_that_does_not_answer_is_a_finding_that_names_the_place(live: Shell) -> None:
    done = live.on("read", "rack-12", code=1)
    assert "rack-12" in done.err
    assert done.out == ""
    live.config["connections"]["hall"]["port"] = 1
    live.write()
    assert "127.0.0.1:1" in live.on("read", "main", code=1).err


def test_a_meter_that_is_not_there_or_not_read_is_wrong_usage(live: Shell) -> None:
    assert "did you mean 'main'" in live.on("read", "mian", code=2).err
    live.config["meters"][0]["status"] = "planned"
    live.write()
    assert "no connection that can be read" in live.on("read", "main", code=2).err


def test_texts_and_counters_of_the_users_own_are_shown_too() -> None:
    spec = MeterSpec("main", units={"bottles": "L"}, registers=(RegisterSpec("bottles", unit="L"),))
    reading = Reading(
        "main", 0, {"bottles": 1500}, {}, missing=("flow",), texts={"state": "ok"},
        serial="A7", uptime_s=12.5,
    )  # fmt: skip
    assert rows_of(spec, reading) == [
        {"quantity": "bottles", "value": "1.5", "unit": "L"},
        {"quantity": "serial_number", "value": "A7", "unit": None},
        {"quantity": "state", "value": "ok", "unit": None},
        {"quantity": "uptime", "value": 12.5, "unit": "s"},
        {"quantity": "flow", "value": None, "unit": None},
    ]
