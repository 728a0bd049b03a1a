"""`probe`: what obeys physics comes first, and can be read as it is written."""

from __future__ import annotations

from typing import Any

import yaml
from tests.cli.shell import Shell
from tests.cli.test_read import device, elsewhere
from tests.readers.modbus.devices import point

from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.sim.profile_device import refresh

__all__ = ["device", "elsewhere"]

TRUE = (
    point("voltage", 10, "float32", word_order="little"),
    point("current", 12, "float32", word_order="little"),
    point("active_power", 14, "float32", word_order="little", unit="W"),
    point("frequency", 16, "float32", word_order="little"),
    point("energy_import", 18, "uint32", word_order="little", unit="Wh"),
    point("power_factor", 20, "float32", word_order="little"),
)
DECLARED: dict[str, dict[str, Any]] = {
    one.quantity: {"table": "input", "address": one.address + 1, "type": one.type,
                   **({"unit": one.unit} if one.unit else {})}
    for one in TRUE
}  # fmt: skip


def served(shell: Shell, device: ModbusServer, points: dict[str, dict[str, Any]]) -> None:
    unit = device.units[1] = Unit()
    unit.holding = dict.fromkeys(range(8, 24), 0)
    refresh(unit, TRUE, 100)
    shell.config["meters"] = [shell.meter("main", 1, points=points)]
    shell.write()


def test_what_obeys_physics_is_proposed_and_can_be_read(shell: Shell, device: ModbusServer) -> None:
    energy = {**DECLARED["energy_import"], "modulus": 4294967.296, "max_kw": 50}
    own = {"table": "input", "address": 40, "type": "uint16"}
    served(shell, device, {**DECLARED, "energy_import": energy, "own": own})
    done = shell.on("probe", "main", "--seconds", "0", code=1)
    table, _blank, text = done.out.partition("\n\n")
    assert table.splitlines()[1].startswith("1 ")
    assert "the other" in table.splitlines()[1]
    assert "physics says nothing of own" in text
    (found,) = yaml.safe_load(text)["meters"]
    assert found["points"]["energy_import"] == {
        "table": "holding", "address": 18, "type": "uint32", "word_order": "little", "unit": "Wh",
        "modulus": "4294967.296", "max_kw": "50",
    }  # fmt: skip
    shell.config["meters"] = [found]
    shell.write()
    assert shell.rows("read", "main")["quantities"]["frequency"] == {"value": 50.0, "unit": "Hz"}
    assert shell.rows("probe", "main", "--seconds", "0")["ranking"][0]["changed"] == ""


def test_json_has_the_best_few_with_their_points(shell: Shell, device: ModbusServer) -> None:
    served(shell, device, DECLARED)
    found = shell.on("probe", "main", "--seconds", "0", "--json", code=1).json
    best, second, *_ = found["ranking"]
    assert best["score"] > second["score"]
    assert (best["rank"], best["word_order"], best["shift"]) == (1, "little", -1)
    voltage = best["points"]["voltage"]
    assert (voltage["value"], voltage["physics"]) == (230.0, "+ 230 V")


def test_what_cannot_be_probed_says_why(shell: Shell, device: ModbusServer) -> None:
    shell.config["connections"]["api"] = {"protocol": "push"}
    shell.config["meters"] = [
        {"name": "pushed", "connection": "api"},
        shell.meter("sun", 1, points={}, profile="sunspec/meter"),
        shell.meter("gone", 77),
    ]
    device.absent = 11
    shell.write()
    assert "not read over Modbus" in shell.on("probe", "pushed", code=2).err
    assert "SunSpec devices say it" in shell.on("probe", "sun", code=2).err
    assert "answers, and no point" in shell.on("probe", "gone", "--seconds", "0", code=1).err
    shell.config["connections"]["hall"]["port"] = 1
    shell.write()
    assert "127.0.0.1:1" in shell.on("probe", "gone", code=1).err
