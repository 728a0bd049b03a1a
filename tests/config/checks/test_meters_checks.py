"""Meters: unique names, links that exist, addresses, parents without loops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.config.written import HALL, SITE, found

from meterd.config.checks.meters import loops


def told(folder: Path, text: str) -> list[str]:
    """What is found, without its place."""
    return [re.sub(r" [0-9]+:[0-9]+:", "", line, count=1) for line in found(folder, text)]


READ = "points: {energy_import: {table: input, address: 1, type: uint32}}"

METERS: dict[str, list[str]] = {
    f"{{name: a, connection: hall, address: 1, {READ}}}": [],
    f"{{name: a, connection: hell, address: 1, {READ}}}": [
        'error meters.0.connection: no connection "hell". Did you mean "hall"?'
    ],
    f"{{name: a, connection: hall, {READ}}}": [
        (
            "error meters.0.address: the key is missing. "
            "Write address: and the Modbus unit id, from 0 to 255."
        )
    ],
    f"{{name: a, connection: hall, address: '7', {READ}}}": [],
    f"{{name: a, connection: hall, address: 256, {READ}}}": [
        'error meters.0.address: "256" is no Modbus unit id. It must be from 0 to 255.'
    ],
    f"{{name: a, connection: hall, address: 10.0.0.1, {READ}}}": [
        'error meters.0.address: "10.0.0.1" is no Modbus unit id. It must be from 0 to 255.'
    ],
    "{name: a, connection: hall, address: 1}": [
        "error meters.0: there is nothing to read. Write profile: or points:."
    ],
    "{name: a, connection: hall, address: 1, points: [x]}": [
        "error meters.0.points: a list stands where a mapping belongs. Write a mapping."
    ],
    "{name: a, connection: hall, address: 1, status: planned}": [],
    "{name: a}": [],
    "{name: a}, {name: b}, {name: a}": [
        'error meters.2.name: "a" is the name of another one, in line 3. Names are unique.'
    ],
    "{name: a, every: 50ms}": [
        "error meters.0.every: that is too often. It must be 100ms or more."
    ],
    "{name: a, every: 100ms, parent: null}": [],
    "{name: a, apply_ct_ratio: true}": [
        'error meters.0.apply_ct_ratio: there is no ct_ratio to apply. Write ct_ratio: "400:5".'
    ],
    "{name: a, apply_pt_ratio: true, pt_ratio: 5}": [
        'error meters.0.pt_ratio: 5 is no ratio. Write primary:secondary, as in "400:5".'
    ],
    "{name: a, warning_threshold_percent: 95, critical_threshold_percent: 90}": [
        (
            "warning meters.0.warning_threshold_percent: warning_threshold_percent is not "
            "below critical_threshold_percent. Are the two exchanged?"
        )
    ],
    "{name: a, voltage_low_threshold: 207, voltage_high_threshold: 253}": [],
    "{name: a, limits: {max_words: 126, max_hole: -1}}": [
        (
            "error meters.0.limits.max_words: 126 words do not fit one request. "
            "It must be from 1 to 125."
        ),
        (
            "error meters.0.limits.max_hole: a hole of -1 words does not fit one request. "
            "It must be from 0 to 125."
        ),
    ],
    "{name: a, demand: {window: 15m, step: 4m}}": [
        (
            "error meters.0.demand: the step of 4m does not divide the window of 15m. "
            "Write a step such as 5m of a window of 15m."
        )
    ],
    "{name: a, protocol: modbus_tcp}": [],
    "{name: a, protocol: modbus_tcp, connection: hall, address: 1, profile: abb/b23}": [],
    "{name: a, protocol: snmp, connection: hall, address: 1, profile: abb/b23}": [
        (
            "error meters.0.protocol: the connection hall speaks modbus_tcp. "
            "Drop it; it follows from the connection."
        )
    ],
    "{name: a, protocol: virtual, connection: hall}": [
        (
            "error meters.0: a virtual meter needs points. "
            'Write points: {active_power: {expression: "a.active_power"}}.'
        ),
        "error meters.0.connection: a virtual meter has no connection. Drop it.",
    ],
    "{name: a, points: {active_power: {expression: b.active_power}}}, {name: b}": [
        (
            "error meters.0.points.active_power.expression: only a virtual meter is calculated. "
            "Write protocol: virtual on the meter."
        )
    ],
    "{name: a, tolerance_percent: 3}": [],
    "{name: a, protocol: virtual, points: {active_power: {}}}": [
        (
            "error meters.0.points.active_power.expression: the key is missing. "
            "Write expression: here."
        ),
    ],
    "{name: a, parent: b}, {name: main-b}": [
        'error meters.0.parent: no meter "b". Known here: a, main-b.'
    ],
    "{name: a, parent: a}": ["error meters.0.parent: a loop: a below a. No meter is below itself."],
    "{name: a, parent: b}, {name: b, parent: c}, {name: c, parent: b}": [
        "error meters.1.parent: a loop: b below c below b. No meter is below itself."
    ],
    "{name: a, parent: b}, {name: b, colour: red}": [
        (
            'error meters.1.colour: no key "colour" belongs here. '
            "`meterd check --schema` lists the keys."
        )
    ],
}


@pytest.mark.parametrize("meters", METERS)
def test_meters(meters: str, tmp_path: Path) -> None:
    assert told(tmp_path, f"{SITE}{HALL}meters: [{meters}]\n") == METERS[meters]


@pytest.mark.parametrize(
    ("link", "remedy"),
    [
        ("{protocol: snmp, community: public}", "Write address: HOST or HOST:PORT."),
        ("{protocol: bacnet}", "Write address: and the device instance or IP address."),
    ],
)
def test_a_device_needs_the_address_of_its_protocol(link: str, remedy: str, tmp_path: Path) -> None:
    text = (
        f"{SITE}connections: {{x: {link}}}\nmeters: [{{name: a, connection: x, status: planned}}]\n"
    )
    assert [line for line in told(tmp_path, text) if line.startswith("error")] == [
        f"error meters.0.address: the key is missing. {remedy}"
    ]


@pytest.mark.parametrize("protocol", ["push", "manual"])
def test_who_is_told_its_readings_needs_no_points(protocol: str, tmp_path: Path) -> None:
    link = f"{{protocol: {protocol}}}"
    text = f"{SITE}connections: {{x: {link}}}\nmeters: [{{name: a, connection: x}}]\n"
    assert not [line for line in found(tmp_path, text) if "not built" not in line]


def test_every_loop_is_found_once() -> None:
    assert loops({"a": None, "b": "a", "c": "b", "x": "gone"}) == []
    assert loops({"d": "e", "e": "f", "f": "e", "g": "g", "h": "d"}) == [["e", "f"], ["g"]]
    line = {f"m{n}": f"m{n + 1}" for n in range(20_000)}
    assert loops(line) == []
