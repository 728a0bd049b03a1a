"""`profiles`: what is packaged, what is in one, and whether it can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.cli.shell import Shell
from tests.recorded import RECORDINGS

from meterd.cli.profiles import row
from meterd.config.profiles import profile_names

OWN = """make: Acme
model: X1
source: its label
protocol: modbus
points:
  energy_import: {table: holding, address: 1, type: uint32, scale: "0.1", unit: kWh}
  colour: {table: holding, address: 3, type: uint16}
"""


def test_the_list_is_of_everything_that_is_packaged(shell: Shell) -> None:
    rows = {row["profile"]: row for row in shell.run("profiles", "--json").json}
    assert rows["abb/b23"] == {
        "profile": "abb/b23", "make": "ABB", "models": "B21, B23, B24, A43, A44",
        "protocol": "modbus", "energy": "energy_import", "points": 14, "verified": True,
    }  # fmt: skip
    assert rows["phoenix-contact/eem-em357"]["energy"] == "integrated"


def test_a_profile_is_shown_with_its_source_and_its_notes(shell: Shell) -> None:
    out = shell.run("profiles", "show", "carlo-gavazzi/em24-din").out
    assert "source: public register lists of" in out
    assert "note: Import is the total at 0x003E." in out
    rows = shell.run("profiles", "show", "carlo-gavazzi/em24-din", "--json").json
    sources = {row["quantity"]: row["sources"] for row in rows}
    assert (sources["energy_import"], sources["reactive_power"]) == ("several", "one")


def test_a_profile_is_read_from_a_device_made_of_it(shell: Shell) -> None:
    rows = shell.run("profiles", "test", "abb/b23", "--json").json
    assert {row["quantity"] for row in rows if not row["ok"]} == set()
    assert {"energy_import", "active_power", "voltage_l3"} <= {row["quantity"] for row in rows}


def test_a_recording_is_held_against_a_profile(shell: Shell, tmp_path: Path) -> None:
    recording = RECORDINGS / "peacefair" / "pzem-004t.yaml"
    shell.run("profiles", "test", "peacefair/pzem-004t", "--recording", str(recording))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(recording.read_text("utf-8").replace('"0.038"', '"0.38"'), "utf-8")
    words = ("profiles", "test", "peacefair/pzem-004t", "--json", "--recording", str(wrong))
    rows = shell.run(*words, code=1).json
    assert [row["quantity"] for row in rows if not row["ok"]] == ["energy_import"]


SNMP = [row["profile"] for row in map(row, profile_names()) if row["protocol"] == "snmp"]


@pytest.mark.parametrize("profile", SNMP)
def test_a_profile_of_snmp_is_read_from_an_agent_made_of_it(profile: str, shell: Shell) -> None:
    rows = shell.run("profiles", "test", profile, "--json").json
    assert {row["quantity"] for row in rows if not row["ok"]} == set()
    assert {"energy_import", "active_power", "active_power_l1"} & {row["quantity"] for row in rows}


def test_a_recording_is_held_against_a_profile_of_snmp(shell: Shell, tmp_path: Path) -> None:
    recording = RECORDINGS / "apc" / "ups.yaml"
    shell.run("profiles", "test", "apc/ups", "--recording", str(recording))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(recording.read_text("utf-8").replace('"0.874"', '"8.74"'), "utf-8")
    words = ("profiles", "test", "apc/ups", "--json", "--recording", str(wrong))
    rows = shell.run(*words, code=1).json
    assert [row["quantity"] for row in rows if not row["ok"]] == ["active_power"]


BAD_VARBINDS = {
    "words: {}": "is no recording",
    "{varbinds: {1.3: [integer]}, expect: {}}": "are [type, value]",
    "{varbinds: {1.3: [real, 5]}, expect: {}}": "are [type, value]",
}


@pytest.mark.parametrize(("text", "said"), BAD_VARBINDS.items())
def test_what_is_no_recording_of_an_agent_is_refused(
    text: str, said: str, shell: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text, "utf-8")
    assert said in shell.run("profiles", "test", "apc/pmm", "--recording", str(path), code=2).err


def test_an_agent_that_has_nothing_is_a_finding(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("{varbinds: {1.3.6.1.9.1: [oid, 1.3.6]}, expect: {frequency: high}}", "utf-8")
    done = shell.run("profiles", "test", "apc/pmm", "--recording", str(path), code=1)
    assert "the agent cannot be read" in done.err
    done = shell.run("profiles", "test", "apc/pmm", "--recording", str(tmp_path / "no"), code=2)
    assert "No such file" in done.err


BAD_RECORDINGS = {
    "": "is no recording",
    "[1": "is no recording",
    "words: {}": "is no recording",
    "{words: {holding: {a: [1]}}, expect: {}}": "are numbers",
    "{words: {holding: 5}, expect: {}}": "are numbers",
    "{words: {holding: {1: [1]}}, expect: {voltage: high}}": "are numbers",
    "{words: {registers: {1: [1]}}, expect: {}}": "tables are coil, discrete, holding, input",
}


@pytest.mark.parametrize(("text", "said"), BAD_RECORDINGS.items())
def test_what_is_no_recording_is_refused(
    text: str, said: str, shell: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text, "utf-8")
    assert said in shell.run("profiles", "test", "abb/b23", "--recording", str(path), code=2).err


def test_words_that_are_not_there_are_a_finding(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({"words": {"holding": {9: [1]}}, "expect": {}}), "utf-8")
    done = shell.run("profiles", "test", "abb/b23", "--recording", str(path), code=1)
    assert "the device cannot be read" in done.err
    done = shell.run("profiles", "test", "abb/b23", "--recording", str(tmp_path / "no"), code=2)
    assert "No such file" in done.err


def test_ones_own_profile_is_tested_by_its_path(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "x1.yaml"
    path.write_text(OWN, "utf-8")
    rows = shell.run("profiles", "test", str(path), "--json").json
    assert [row["quantity"] for row in rows] == ["energy_import"]
    path.write_text(OWN.replace("address: 3", "address: 70000"), "utf-8")
    assert "not all of the 1 words" in shell.run("profiles", "test", str(path), code=1).err
    path.write_text("make: [", "utf-8")
    assert "it has mistakes" in shell.run("profiles", "show", str(path), code=1).err


def test_a_profile_that_is_not_there_is_said(shell: Shell) -> None:
    assert "no profile 'abb/b32'" in shell.run("profiles", "show", "abb/b32", code=2).err
    assert "which profile?" in shell.run("profiles", "test", code=2).err
