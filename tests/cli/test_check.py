"""`check`: every error with its line, warnings, the schema."""

from __future__ import annotations

import json

from tests.cli.shell import Shell


def test_a_sound_file_is_said_to_be_sound(shell: Shell) -> None:
    shell.write()
    done = shell.on("check")
    assert done.out == f"{shell.file}: 2 meters, nothing wrong\n"
    assert done.err == ""
    assert shell.rows("check") == []


def test_every_error_is_told_with_its_place_and_exits_78(shell: Shell) -> None:
    shell.config["meters"][0]["every"] = "soon"
    shell.config["bills"] = [{"name": "tenant", "sources": [{"meter": "man"}]}]
    shell.write()
    done = shell.on("check", code=78)
    assert done.out == ""
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{shell.file}:") for line in lines)
    found = json.loads(shell.on("check", "--json", code=78).out)
    assert {finding["path"] for finding in found} == {"meters.0.every", "bills.0.sources.0.meter"}
    assert {finding["file"] for finding in found} == {str(shell.file)}
    assert all(finding["line"] > 0 and finding["message"] for finding in found)


def test_a_warning_alone_is_no_finding_unless_it_is_asked_for(shell: Shell) -> None:
    source = {"meter": "main", "kind": "energy"}
    shell.config["bills"] = [{"name": name, "sources": [source]} for name in ("a", "b")]
    shell.write()
    done = shell.on("check")
    assert done.err.startswith("warning: ")
    assert done.out == f"{shell.file}: 2 meters, 1 warning\n"
    shell.on("check", "--strict", code=1)
    assert [finding["severity"] for finding in shell.rows("check")] == ["warning"]


def test_a_cycle_that_does_not_fit_its_line_is_a_warning(shell: Shell) -> None:
    riser = {"protocol": "modbus_rtu", "port": "/dev/ttyUSB0", "baudrate": 1200}
    shell.config["connections"]["hall"] = riser
    for meter in shell.config["meters"]:
        meter["every"] = "200ms"
    shell.write()
    done = shell.on("check")
    (line,) = done.err.splitlines()
    assert line.startswith(f"warning: {shell.file}:")
    assert "connections.hall: its meters ask for 220% of the line's time. Poll them" in line
    (finding,) = shell.on("check", "--strict", "--json", code=1).json
    assert (finding["path"], finding["severity"]) == ("connections.hall", "warning")
    assert finding["line"] > 1


def test_the_schema_needs_no_file(shell: Shell) -> None:
    schema = shell.run("check", "--schema").json
    assert schema["$ref"].startswith("#/$defs/")
    assert "meters" in schema["$defs"][schema["$ref"].rpartition("/")[2]]["required"]
