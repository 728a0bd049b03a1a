"""`record`: what the readers read, as a recording that a replay understands."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Shell
from tests.cli.test_read import POINTS, device, elsewhere

from meterd.sim.modbus_server import ModbusServer

__all__ = ["device", "elsewhere"]


def test_a_recording_is_replayed(shell: Shell, device: ModbusServer, tmp_path: Path) -> None:
    assert device.units
    shell.config["meters"] = [shell.meter("main", 1, points=POINTS, every="100ms")]
    shell.write()
    path = tmp_path / "readings.csv"
    done = shell.on("record", "--seconds", "0.5", "-o", str(path))
    header, *rows = path.read_text("utf-8").splitlines()
    assert header == "time,meter,energy_import,frequency,voltage,serial_number,uptime,age_s"
    assert done.err == f"{len(rows)} readings\n"
    assert rows[0].split(",", 1)[1] == "main,12345.67,,230.1,M-4711,,"
    url = f"sqlite://{shell.store}"
    shell.on("replay", "--readings", str(path), "--store", url)
    assert [row["kwhLifetime"] for row in shell.rows("meters")] == [12345.67]
    assert "File exists" in shell.on("record", "-o", str(path), code=1).err


def test_lines_of_json(shell: Shell, device: ModbusServer) -> None:
    assert device.units
    shell.config["meters"] = [shell.meter("main", 1, points=POINTS, every="100ms")]
    shell.write()
    first = shell.on("record", "--seconds", "0.3", "--jsonl").out.splitlines()[0]
    assert '"energy_import":"12345.67"' in first


def test_without_an_answer_there_is_no_recording(shell: Shell) -> None:
    shell.config["meters"][0]["every"] = "100ms"
    shell.write()
    assert shell.on("record", "--seconds", "0.2", code=1).err.endswith("0 readings\n")
    shell.config["meters"] = []
    shell.config["connections"] = {}
    shell.config["meters"] = [{"name": "main"}]
    shell.write()
    assert "no meter is on a connection" in shell.on("record", code=1).err
