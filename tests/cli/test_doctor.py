"""`doctor`: what is wrong on this host, and on its lines."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http
from tests.cli.test_read import POINTS, device, elsewhere

from meterd.cli import checkup
from meterd.sim.modbus_server import ModbusServer

__all__ = ["device", "elsewhere"]


@pytest.fixture
def listening(shell: Shell) -> Iterator[socket.socket]:
    """Something that takes connections where the shell's connection leads."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        shell.config["connections"]["hall"]["port"] = server.getsockname()[1]
        yield server


def found(shell: Shell, *words: str, code: int = 1) -> dict[tuple[str, str], dict[str, Any]]:
    rows = shell.on("doctor", "--json", *words, code=code).json
    return {(row["check"], row["subject"]): row for row in rows}


@pytest.mark.process
def test_a_host_that_is_well(shell: Shell, listening: socket.socket) -> None:
    assert listening.fileno() > 0
    shell.write()
    rows = found(shell, code=0)
    assert {row["result"] for row in rows.values()} <= {"ok", "unknown"}
    assert rows["host", "hall"]["result"] == "ok"
    assert rows["configuration", str(shell.file)]["what"] == "nothing wrong"


@pytest.mark.process
def test_what_is_not_there_is_named_with_its_remedy(shell: Shell, tmp_path: Path) -> None:
    shell.config["connections"]["riser"] = {"protocol": "modbus_rtu", "port": "/dev/ttyNONE"}
    port = tmp_path / "ttyS0"
    port.write_bytes(b"")
    shell.config["connections"]["there"] = {"protocol": "modbus_rtu", "port": str(port)}
    shell.config["mqtt"] = {"url": "mqtt://127.0.0.1:1"}
    shell.write()
    rows = found(shell)
    assert rows["port", "riser"]["what"] == "/dev/ttyNONE is not there"
    assert "by-id" in rows["port", "riser"]["remedy"]
    assert rows["port", "there"]["result"] == "ok"
    assert rows["host", "hall"]["result"] == rows["host", "mqtt"]["result"] == "wrong"


@pytest.mark.process
def test_a_line_that_is_asked_too_much(shell: Shell, tmp_path: Path) -> None:
    port = tmp_path / "ttyS0"
    port.write_bytes(b"")
    riser = {"protocol": "modbus_rtu", "port": str(port), "baudrate": 1200}
    shell.config["connections"]["hall"] = riser
    for meter in shell.config["meters"]:
        meter["every"] = "200ms"
    shell.write()
    assert found(shell)["line", "hall"]["result"] == "wrong"


@pytest.mark.process
def test_the_daemon_is_asked_how_it_is(shell: Shell, listening: socket.socket) -> None:
    assert listening.fileno() > 0
    shell.write()
    with answering(shell.store, http("503 No", '{"detail": "the disk is full"}')):
        assert found(shell)["daemon", str(shell.store)]["what"] == "the disk is full"


@pytest.mark.process
def test_a_clock_that_nobody_sets(
    shell: Shell, listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listening.fileno() > 0
    shell.write()
    for command, result in (("yes", "ok"), ("no", "wrong")):
        monkeypatch.setattr(checkup, "CLOCK", ("echo", command))
        assert found(shell, code=int(result == "wrong"))["clock", "host"]["result"] == result


@pytest.mark.process
def test_meters_are_read_and_held_against_physics(shell: Shell, device: ModbusServer) -> None:
    device.units[2] = device.units[1]
    power = {"active_power": {"table": "holding", "address": 2, "type": "uint16", "unit": "kW"}}
    shell.config["meters"] = [
        shell.meter("main", 1, points={**POINTS, **power}, every="100ms"),
        shell.meter("twin", 2, points=POINTS, every="100ms"),
        shell.meter("gone", 3, every="100ms"),
    ]
    shell.write()
    rows = found(shell, "--seconds", "0.6")
    assert rows["energy fits power", "main"]["what"] == "energy stands still at 2.3e+03 kW"
    assert rows["energy fits power", "twin"]["result"] == "unknown"
    assert rows["is itself", "twin"]["what"] == "its serial number M-4711 is that of main"
    assert rows["answers", "gone"]["what"] == "unreachable"


@pytest.mark.process
def test_two_meters_that_read_one_counter_are_told(shell: Shell, listening: socket.socket) -> None:
    assert listening.fileno() > 0
    part = {"energy_import": {"table": "holding", "address": 90, "type": "uint32"}}
    shell.config["meters"] += [
        shell.meter("twin", 1), shell.meter("part", 2, points=part),
        shell.meter("sun", 3, points={}, profile="sunspec/meter"),
        shell.meter("moon", 3, points={}, profile="sunspec/meter", sunspec={"instance": 2}),
    ]  # fmt: skip
    shell.write()
    rows = found(shell)
    (twin,) = [row for (check, _), row in rows.items() if check == "unit"]
    assert (twin["subject"], twin["what"]) == ("twin", "unit 1 of hall is read as main too")


@pytest.mark.process
def test_a_transformer_in_one_of_two_is_named(shell: Shell, device: ModbusServer) -> None:
    points = {
        name: {"table": "holding", "address": 2, "type": "uint16", "scale": scale, "unit": unit}
        for name, scale, unit in (
            ("voltage", "0.1", "V"), ("current", "0.01", "A"), ("active_power", "0.1696", "kW"),
        )
    }  # fmt: skip
    shell.config["meters"] = [
        shell.meter("main", 1, points=points, every="100ms", ct_ratio="400:5")
    ]
    shell.write()
    rows = found(shell, "--seconds", "0.8")
    assert "ct_ratio 400:5 is in one" in rows["power fits current", "main"]["remedy"]
    assert "answer from memory" in rows["is alive", "main"]["remedy"]
