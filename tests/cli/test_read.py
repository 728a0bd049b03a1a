"""`read`: one live reading, from a device in another thread."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from tests.cli.shell import Shell

from meterd.config.sunspec import SunSpecConfig
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.snmp_agent import Fault, SnmpAgent
from meterd.sim.snmp_ber import number
from meterd.sim.sunspec_device import write_map

WORDS = {
    **dict(enumerate(struct.unpack(">2H", struct.pack(">I", 1_234_567)))),
    2: 2301,
    3: 0x8000,
    **dict(enumerate(struct.unpack(">3H", b"M-4711"), 10)),
}
UPTIME, WATTS = "1.3.6.1.2.1.1.3.0", "1.3.6.1.4.1.9999.1.0"
POINTS: dict[str, dict[str, Any]] = {
    "energy_import": {"table": "holding", "address": 0, "type": "uint32", "scale": "0.01"},
    "voltage": {"table": "holding", "address": 2, "type": "uint16", "scale": "0.1", "unit": "V"},
    "frequency": {"table": "holding", "address": 3, "type": "int16", "invalid": [-32768]},
    "serial_number": {"table": "holding", "address": 10, "type": "string", "length": 6},
}


async def _settled() -> None:
    """What was just accepted or hung up on has gone its way."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Any], Any]]:
    """Runs a coroutine in the loop of another thread, where devices live."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    asyncio.run_coroutine_threadsafe(_settled(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def device(shell: Shell, elsewhere: Callable[[Any], Any]) -> Iterator[ModbusServer]:
    """A device at unit 1 of the shell's connection."""
    server = ModbusServer({1: Unit(holding=WORDS)})
    shell.config["connections"]["hall"]["port"] = elsewhere(server.start())
    yield server
    elsewhere(server.stop())


@pytest.fixture
def agent(shell: Shell, elsewhere: Callable[[Any], Any]) -> Iterator[SnmpAgent]:
    """An agent of SNMP, and a meter in it."""
    served = SnmpAgent({UPTIME: number("timeticks", 4200), WATTS: number("gauge32", 314)},
                       community="very-secret")  # fmt: skip
    shell.config["connections"]["pdus"] = {
        "protocol": "snmp", "community": "very-secret", "timeout": "100ms",
    }  # fmt: skip
    points = {"active_power": {"oid": WATTS, "unit": "W"}, "voltage": {"oid": f"{WATTS}.7"}}
    place = f"127.0.0.1:{elsewhere(served.start())}"
    shell.config["meters"] = [
        {"name": "rack", "connection": "pdus", "address": place, "points": points}
    ]
    shell.write()
    yield served
    elsewhere(served.stop())


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


def test_an_agent_of_snmp_is_read_and_its_community_stays_secret(
    shell: Shell, agent: SnmpAgent
) -> None:
    found = shell.rows("read", "rack")["quantities"]
    assert found == {
        "active_power": {"value": 0.314, "unit": "kW"},
        "uptime": {"value": 42.0, "unit": "s"},
        "voltage": {"value": None, "unit": None},
    }
    agent.misbehave = lambda _: Fault(silent=True)
    done = shell.on("read", "rack", code=1)
    assert "does not answer within 0.1 s" in done.err
    assert "very-secret" not in done.err + done.out


def test_a_sunspec_meter_is_found_and_read(shell: Shell, device: ModbusServer) -> None:
    device.units[1] = Unit()
    asked = SunSpecConfig(models=(203,))
    write_map(device.units[1], asked)
    device.units[1].holding |= {40_070 + 46: 1, 40_070 + 47: 2, 40_070 + 18: 4200}
    shell.config["meters"] = [shell.meter("main", 1, points={}, profile="sunspec/meter")]
    shell.write()
    found = shell.rows("read", "main")["quantities"]
    assert found["energy_import"] == {"value": "65.538", "unit": "kWh"}
    assert found["active_power"] == {"value": 4.2, "unit": "kW"}
    assert found["voltage_l1"] == {"value": None, "unit": None}
