"""From the file to the pulse inputs that are counted."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.compile import site_spec
from meterd.config.links import links
from meterd.config.pulse import PulseDevice, PulseLink, PulsePoint, line_of, pulse_links

TEXT = (
    SITE
    + """
connections:
  gpio: {protocol: pulse, chip: /dev/gpiochip1}
  idle: {protocol: pulse}
meters:
  - name: water
    connection: gpio
    every: 1s
    points:
      volume: {line: 17, pulses_per_unit: 100, unit: m3, offset: "12.5", debounce: 20ms,
               edge: both, bias: pull_up, max_per_hour: 5}
      strokes: {line: 18, pulses_per_unit: 3, scale: 2, unit: "1"}
  - name: solar
    connection: gpio
    address: 4
    ct_ratio: "100:5"
    apply_ct_ratio: true
    points: {energy_import: {pulses_per_unit: 1000}}
  - name: shed
    connection: gpio
    points: {energy_import: {path: /sys/count, pulses_per_unit: 500}}
  - {name: later, connection: gpio, status: planned}
"""
)


def test_lines_counters_and_what_a_pulse_is_worth(tmp_path: Path) -> None:
    config = sound(tmp_path, TEXT)
    (link,) = pulse_links(config)
    assert link in links(config)
    assert link == PulseLink(name="gpio", chip="/dev/gpiochip1", devices=link.devices)
    assert link.protocol == "pulse"
    water, solar, shed = link.devices
    volume, strokes = water.points
    assert volume == PulsePoint(
        quantity="volume", line=17, amount=Fraction(10_000), start=12_500_000, rate="flow",
        per_s=Fraction(3600, 10**6), debounce_ms=20, edge="both", bias="pull_up",
    )  # fmt: skip
    assert (strokes.amount, strokes.rate) == (Fraction(2_000_000, 3), "")
    power = Fraction(1, 1000)
    assert solar == PulseDevice(
        meter="solar",
        points=(
            PulsePoint(
                quantity="energy_import", line=4, amount=Fraction(72_000), rate="active_power",
                per_s=power,
            ),
        ),
    )  # fmt: skip
    assert shed.points == (
        PulsePoint(quantity="energy_import", path="/sys/count", amount=Fraction(7200), per_s=power),
    )


def test_what_the_spacing_tells_is_a_quantity_of_the_meter(tmp_path: Path) -> None:
    water, solar, shed, _later = site_spec(sound(tmp_path, TEXT)).meters
    assert water.units == {"flow": "m3/h", "strokes": "1", "volume": "m3"}
    assert solar.units == {"active_power": "kW", "energy_import": "kWh"}
    assert shed.units == {"energy_import": "kWh"}
    assert not solar.integrate
    assert [(one.quantity, one.count) for one in water.registers] == [
        ("volume", 10_000), ("strokes", 666_667),
    ]  # fmt: skip


def test_an_address_may_be_a_line() -> None:
    assert [line_of(address) for address in (17, "17", "0", None, "/dev/x", -1, "١")] == [
        17, 17, 0, None, None, None, None,
    ]  # fmt: skip
