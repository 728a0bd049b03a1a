"""`scan`: what is there, as YAML that can be used."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.shell import Shell
from tests.cli.test_read import device as meters
from tests.cli.test_read import elsewhere
from tests.readers.bms import INSTANCE, host, points
from tests.readers.snmp.test_snmp_scan import named
from tests.readers.test_snmp_recordings import served
from tests.recorded import recording

from meterd.config.links import device_points
from meterd.config.meters import MeterConfig
from meterd.config.profiles import read_profile
from meterd.sim.bacnet_server import BacnetServer
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.profile_device import refresh
from meterd.sim.snmp_agent import SnmpAgent

__all__ = ["elsewhere", "meters"]

EDE = """keyname;device obj.-instance;object-name;object-type;object-instance;unit-code
E1;1234;Main Energy;23;1;19
bad;x;Main Energy;23;1;19
"""


@pytest.fixture
def bms(shell: Shell) -> Shell:
    shell.config["connections"] = {
        "bms": {"protocol": "bacnet", "bind": f"{host(1)}/8", "port": 47_901, "timeout": "300ms"},
        "hall": {"protocol": "modbus_tcp", "host": "127.0.0.1"},
    }
    shell.config["meters"] = []
    shell.write()
    return shell


@pytest.fixture
def device() -> Iterator[BacnetServer]:
    """A device that is served by a loop of its own."""
    server = BacnetServer(INSTANCE, points())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    async def stop() -> None:
        server.stop()

    do(server.start(f"{host(10)}/8"))
    yield server
    do(stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_what_answers_is_proposed_and_can_be_read(bms: Shell, device: BacnetServer) -> None:
    assert device.instance == INSTANCE
    done = bms.on("scan", "bms")
    (one,) = [m for m in yaml.safe_load(done.out)["meters"] if m["address"] == INSTANCE]
    assert "# Energy: 123.45 kWh" in done.out
    bms.config["meters"] = [one]
    bms.write()
    found = bms.rows("read", one["name"])["quantities"]
    assert found["energy_import"] == {"value": "123.45", "unit": "kWh"}
    assert found["active_power"] == {"value": 1.5, "unit": "kW"}


def test_json_has_the_same(bms: Shell, device: BacnetServer) -> None:
    assert device.instance == INSTANCE
    (one,) = [found for found in bms.rows("scan", "bms") if found["address"] == INSTANCE]
    assert one["points"][0]["keys"] == {"object": "accumulator,1"}


def test_an_ede_file_asks_nobody(bms: Shell, tmp_path: Path) -> None:
    file = tmp_path / "tower_EDE.csv"
    file.write_text(EDE)
    done = bms.on("scan", "bms", "--ede", str(file))
    (one,) = yaml.safe_load(done.out)["meters"]
    assert one["address"] == 1234
    assert one["points"] == {"energy_import": {"object": "accumulator,1"}}
    assert "line 3" in done.err


def test_a_file_that_is_none_is_a_finding(bms: Shell, tmp_path: Path) -> None:
    for name, text in (("none", None), ("empty", "")):
        if text is not None:
            (tmp_path / name).write_text(text)
        done = bms.on("scan", "bms", "--ede", str(tmp_path / name), code=1)
        assert name in done.err


def test_silence_is_a_finding(bms: Shell) -> None:
    bms.config["connections"]["bms"] |= {"bind": f"{host(1)}/31", "timeout": "20ms"}
    bms.config["connections"]["bms"]["bbmd"] = "127.0.0.1:9"
    bms.write()
    assert "Nothing answers." in bms.on("scan", "bms", code=1).err


def test_a_socket_that_cannot_be_had_is_a_finding(bms: Shell) -> None:
    bms.config["connections"]["bms"]["bind"] = "192.0.2.1"
    bms.write()
    assert "192.0.2.1" in bms.on("scan", "bms", code=1).err


@pytest.fixture
def pdu() -> Iterator[int]:
    """A rack PDU at 127.0.77.1; its port."""
    known = served(recording("apc/rpdu2")["varbinds"]) | named(
        "rack 12", "APC Rack PDU", "1.3.6.1.4.1.318.1.3.4.5"
    )
    agent = SnmpAgent(known)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    yield do(agent.start("127.0.77.1"))
    do(agent.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_range_of_snmp_is_proposed_with_profiles_and_can_be_read(shell: Shell, pdu: int) -> None:
    link = {"protocol": "snmp", "community": "public", "port": pdu, "timeout": "300ms"}
    shell.config |= {"connections": {"pdus": link}, "meters": []}
    shell.write()
    done = shell.on("scan", "pdus", "--range", "127.0.77.0/29")
    (one,) = yaml.safe_load(done.out)["meters"]
    assert one == {
        "name": "rack-12", "connection": "pdus", "address": "127.0.77.1", "profile": "apc/rpdu2",
    }  # fmt: skip
    assert "# energy_import: 12345.7 kWh" in done.out
    (row,) = shell.rows("scan", "pdus", "--at", f"127.0.77.1:{pdu}")
    assert (row["profile"], row["points"][0]["value"]) == ("apc/rpdu2", 12345.7)
    shell.config["meters"] = [one]
    shell.write()
    assert shell.rows("read", "rack-12")["quantities"]["energy_import"]["value"] == "12345.7"
    assert "Name a smaller range" in shell.on("scan", "pdus", "--range", "10.0.0.0/8", code=1).err


def test_other_protocols_cannot_be_scanned(bms: Shell) -> None:
    bms.config["connections"]["gpio"] = {"protocol": "pulse"}
    bms.write()
    assert "cannot be scanned" in bms.on("scan", "gpio", code=2).err
    assert "no connection" in bms.on("scan", "hal", code=2).err


def test_modbus_units_are_proposed_with_what_they_measure(
    shell: Shell, meters: ModbusServer
) -> None:
    unit = meters.units[1] = Unit()
    profile, _ = read_profile("eastron/sdm630", Path())
    assert profile is not None
    refresh(unit, device_points(MeterConfig(name="m", points=profile.points)), 100)
    meters.units[2] = Unit(holding={0: 1})
    shell.config["meters"] = []
    shell.write()
    done = shell.on("scan", "hall", "--at", "1-3", "--timeout", "0.5")
    assert "asking 3 units; 2 s at most" in done.err
    (one,) = yaml.safe_load(done.out)["meters"]
    assert (one["address"], one["profile"]) == (1, "eastron/sdm630")
    assert "# voltage_l1: 230 V" in done.out
    assert "# unit 2, which no packaged profile fits" in done.out
    shell.config["meters"] = [one]
    shell.write()
    assert shell.rows("read", one["name"])["quantities"]["frequency"]["value"] == 50.0
    first, second = shell.rows("scan", "hall", "--at", "1", "--at", "2")
    assert (first["profile"], second["profile"], second["points"]) == ("eastron/sdm630", None, [])


def test_what_cannot_be_asked_for_is_told(shell: Shell, meters: ModbusServer) -> None:
    shell.write()
    assert "--at 1-x" in shell.on("scan", "hall", "--at", "1-x", code=2).err
    assert "--timeout 0" in shell.on("scan", "hall", "--timeout", "0", code=2).err
    meters.absent = 11
    assert "Nothing answers." in shell.on("scan", "hall", "--at", "9", code=1).err
    shell.config["connections"]["hall"]["port"] = 1
    shell.write()
    assert "127.0.0.1:1" in shell.on("scan", "hall", "--at", "9", code=1).err
