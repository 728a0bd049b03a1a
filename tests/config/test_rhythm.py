"""How often each meter has something new to say."""

from __future__ import annotations

from pathlib import Path

from meterd.config.compile import site_spec
from meterd.config.load import load

FILE = """
site: {name: hq, timezone: UTC}
connections:
  hall: {protocol: modbus_tcp, host: 127.0.0.1}
  clip: {protocol: manual}
meters:
  - name: late
    protocol: virtual
    points: {active_power: {expression: double.active_power + slow.active_power}}
  - name: double
    protocol: virtual
    points: {active_power: {expression: 2 * fast.active_power}}
  - name: by_hand
    protocol: virtual
    points: {flow: {expression: fast.flow + hand.flow}}
  - name: fast
    connection: hall
    address: 1
    every: 5s
    points:
      active_power: {table: input, address: 0, type: float32}
      flow: {table: input, address: 2, type: float32}
      batch: {table: holding, address: 9, type: string, length: 4}
      serial_number: {table: holding, address: 20, type: uint32}
  - name: slow
    connection: hall
    address: 2
    every: 60s
    points: {active_power: {table: input, address: 0, type: float32}}
  - {name: hand, connection: clip, points: {flow: {unit: m3/h}}}
  - {name: recorded, points: {flow: {unit: m3/h}}}
"""


def test_a_meter_is_as_slow_as_its_device_and_a_virtual_one_as_its_slowest_part(
    tmp_path: Path,
) -> None:
    file = tmp_path / "meterd.yaml"
    file.write_text(FILE, "utf-8")
    config = load(file, {}).config
    assert config is not None, load(file, {}).findings
    site = site_spec(config)
    assert {meter.name: meter.every_ms for meter in site.meters} == {
        "late": 60_000, "double": 5_000, "by_hand": 0, "fast": 5_000, "slow": 60_000, "hand": 0,
        "recorded": 0,
    }  # fmt: skip
    assert {meter.name: meter.texts for meter in site.meters if meter.texts} == {
        "fast": ("batch", "serial_number")
    }
