"""`plan`: what one cycle of each connection asks."""

from __future__ import annotations

from tests.cli.shell import Shell


def test_one_row_a_request_with_its_bytes(shell: Shell) -> None:
    dial = {"table": "holding", "address": 300, "type": "uint32", "unit": "kWh"}
    mains = {"table": "input", "address": 0, "type": "uint16", "unit": "Hz"}
    shell.config["meters"][1]["points"] = {"energy_import": dial, "frequency": mains}
    shell.config["meters"][1]["every"] = "5m"
    shell.write()
    rows = shell.rows("plan")
    assert [(row["meter"], row["table"], row["address"], row["count"]) for row in rows] == [
        ("main", "holding", 0, 2), ("rack-12", "holding", 300, 2), ("rack-12", "input", 0, 1),
    ]  # fmt: skip
    assert [(row["request_bytes"], row["reply_bytes"]) for row in rows] == [
        (12, 13), (12, 13), (12, 11),
    ]  # fmt: skip
    assert [row["every_s"] for row in rows] == [10, 300, 300]
    assert {(row["connection"], row["unit"]) for row in rows} == {("hall", 1), ("hall", 2)}
    assert shell.on("plan", "--csv").csv[0]["points"] == "energy_import"
    assert len(shell.on("plan").out.splitlines()) == 4


def test_meters_that_are_not_read_are_not_planned(shell: Shell) -> None:
    shell.config["meters"][0]["status"] = "planned"
    shell.config["meters"][1]["status"] = "decommissioned"
    shell.write()
    assert shell.rows("plan") == []


def test_agents_of_snmp_have_their_objects_and_bytes(shell: Shell) -> None:
    shell.config["connections"]["pdus"] = {"protocol": "snmp", "community": "very-secret"}
    shell.config["meters"] = [
        {"name": "rack", "connection": "pdus", "address": "10.1.0.31", "profile": "apc/rpdu2"}
    ]
    shell.write()
    (row,) = shell.rows("plan")
    assert (row["connection"], row["meter"], row["unit"]) == ("pdus", "rack", "10.1.0.31:161")
    assert (row["table"], row["count"]) == ("get", 16)
    assert row["reply_bytes"] > row["request_bytes"] > 200
    assert "very-secret" not in shell.on("plan", "--json").out


def test_a_line_that_is_asked_too_much_is_a_finding(shell: Shell) -> None:
    riser = {"protocol": "modbus_rtu", "port": "/dev/ttyUSB0", "baudrate": 1200}
    shell.config["connections"]["hall"] = riser
    for meter in shell.config["meters"]:
        meter["every"] = "200ms"
    shell.write()
    done = shell.on("plan", "--json", code=1)
    characters = (8 + 9 + 7) * 11 / 1200
    assert [row["wire_s"] for row in done.json] == [round(characters, 4)] * 2
    assert [row["share"] for row in done.json] == [round(characters / 0.2, 4)] * 2
    assert [row["estimated"] for row in done.json] == [False] * 2
    assert "hall: its meters ask for 220% of the line's time." in done.err


def test_seconds_over_tcp_are_an_estimate_which_is_told_and_is_no_finding(shell: Shell) -> None:
    shell.config["meters"][0] |= {"every": "100ms", "limits": {"pause": "30ms"}}
    shell.config["meters"][1]["every"] = "100ms"
    shell.write()
    rows = shell.rows("plan")
    assert [row["wire_s"] for row in rows] == [0.04, 0.01]
    assert [row["share"] for row in rows] == [0.4, 0.1]
    assert all(row["estimated"] for row in rows)
    shell.config["connections"]["hall"]["pause"] = "70ms"
    shell.write()
    done = shell.on("plan")
    assert "hall: its meters ask for about 120% of its time, by estimate." in done.err


def test_a_pause_that_cannot_be_kept_is_a_finding(shell: Shell) -> None:
    for meter in shell.config["meters"]:
        meter |= {"every": "100ms", "limits": {"pause": "60ms"}}
    shell.write()
    assert "hall: its meters ask for 120%" in shell.on("plan", code=1).err
