"""From the file to the current loops that are read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.config.written import SITE, sound

from meterd.config.analog import AnalogLink, AnalogPoint, analog_links
from meterd.config.links import links

TEXT = (
    SITE
    + """
connections:
  loops: {protocol: analog, timeout: 200ms}
  idle: {protocol: analog}
meters:
  - name: m
    connection: loops
    address: /run/x
    every: 2s
    points: {POINT}
  - {name: later, connection: loops, status: planned}
"""
)
F = Fraction
LOOP: dict[str, Any] = {"low": F("3.6"), "high": F(21)}
POINTS: dict[str, AnalogPoint] = {
    "active_power: {path: /sys/a, input: [4, 20], output: [0, 500], unit: W}": AnalogPoint(
        quantity="active_power", path="/sys/a", times=F(500, 16_000), plus=F(-125, 1000), **LOOP
    ),
    "active_power: {output: [0, 16]}": AnalogPoint(
        quantity="active_power", path="/run/x", times=F(1), plus=F(-4), **LOOP
    ),
    "level: {output: [10, 26], unit: cm, scale: 2, offset: 1}": AnalogPoint(
        quantity="level", path="/run/x", times=F(2), plus=F(13), **LOOP
    ),
    "temperature: {input: [5000, 1000], output: [100, 0]}": AnalogPoint(
        quantity="temperature", path="/run/x", times=F(1, 40), plus=F(-25), low=F(900),
        high=F(5250),
    ),
    "active_power: {}": AnalogPoint(
        quantity="active_power", path="/run/x", times=F(1), plus=F(0)
    ),
    "flow: {input: [4, 20]}": AnalogPoint(
        quantity="flow", path="/run/x", times=F(1), plus=F(0), **LOOP
    ),
    "energy_import: {unit: MWh, offset: 2}": AnalogPoint(
        quantity="energy_import", path="/run/x", times=F(3_600_000_000),
        plus=F(7_200_000_000), register=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", POINTS)
def test_a_point_is_a_straight_line_between_its_ends(text: str, tmp_path: Path) -> None:
    config = sound(tmp_path, TEXT.replace("POINT", text))
    (link,) = analog_links(config)
    assert link in links(config)
    assert link == AnalogLink(name="loops", timeout_ms=200, devices=link.devices)
    assert link.protocol == "analog"
    (device,) = link.devices
    assert (device.meter, device.every_ms, device.points) == ("m", 2000, (POINTS[text],))
