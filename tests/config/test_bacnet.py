"""From the file to the devices that are read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.config.written import SITE, sound

from meterd.config.bacnet import BacnetDevice, BacnetLink, BacnetPoint, bacnet_links
from meterd.config.compile import site_spec
from meterd.config.links import links

FILE = (
    SITE
    + """
connections:
  bms: {protocol: bacnet, bind: 10.1.0.9/24, bbmd: 10.9.0.1, ttl: 10m, cov: true, cov_lifetime: 1h}
  spare: {protocol: bacnet}
meters:
  - name: main
    connection: bms
    address: 1234
    ct_ratio: "400:5"
    apply_ct_ratio: true
    points:
      energy_import: {object: "accumulator,1", trend: "trend-log,5", cov: false}
      active_power: {object: "analog-input,3", unit: W, scale: "0.5"}
      serial_number: {object: "device,1234", property: serial-number}
  - {name: off, connection: bms, address: 9, status: planned,
     points: {energy_import: {object: "accumulator,1"}}}
"""
)


def test_a_connection_and_its_devices(tmp_path: Path) -> None:
    config = sound(tmp_path, FILE)
    expected = BacnetLink(
        name="bms", bind="10.1.0.9/24", timeout_ms=3_000, bbmd="10.9.0.1", ttl_s=600,
        lifetime_s=3_600,
        devices=(
            BacnetDevice(
                meter="main", address="1234",
                points=(
                    BacnetPoint(quantity="energy_import", oid=(23, 1), times=Fraction(80),
                                trend=(20, 5)),
                    BacnetPoint(quantity="active_power", oid=(0, 3), scale=Decimal("0.5"),
                                times=Fraction(80), unit="W", cov=True),
                    BacnetPoint(quantity="serial_number", oid=(8, 1234), number=372, cov=True),
                ),
            ),
        ),
    )  # fmt: skip
    assert bacnet_links(config) == (expected,)
    assert [(one.name, one.protocol) for one in links(config)] == [("bms", "bacnet")]


def test_a_real_is_a_float32_to_the_law_and_an_accumulator_is_not(tmp_path: Path) -> None:
    text = FILE.replace('"analog-input,3", unit: W', '"analog-input,3", unit: W, max_kw: 3')
    text = text.replace("active_power", "energy_export").replace("unit: W", "unit: kWh")
    registers = site_spec(sound(tmp_path, text)).meters[0].registers
    found = {one.quantity: (one.float32, one.count) for one in registers}
    assert found == {"energy_import": (0, 1), "energy_export": (144_000_000, 1)}
