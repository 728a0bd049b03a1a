"""The simulated site on the wire: what each reader reads is what its device shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.readers.bacnet_ip.said import live

from meterd.cli import demo
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.links import links
from meterd.readers.protocols import reader
from meterd.sim import field as field_module
from meterd.sim.field import Field
from meterd.sim.site import Site

NOW_MS = SystemClock().now_ms()
PROTOCOLS = {
    "main": "modbus_tcp", "office": "modbus_tcp", "ups": "modbus_tcp", "chillers": "bacnet",
    "rack-12": "snmp", "rack-13": "snmp", "water": "pulse",
}  # fmt: skip


class Stopped(SystemClock):
    """The site's time: a minute after its beginning, and no more."""

    def now_ms(self) -> int:
        return NOW_MS + 60_000


async def read_all(field: Field, folder: Path) -> dict[str, tuple[str, Any]]:
    """Meter -> (protocol, reading), of the demo's own configuration."""
    places = await field.start()
    field.begin()
    found = demo._configuration(folder, field.bacnet, places | {"HTTP_PORT": "9850"})
    assert found.findings == ()
    assert found.config is not None
    specs = {spec.name: spec for spec in site_spec(found.config).meters}
    readings = {}
    for link in links(found.config):
        for device in link.devices:
            own = [register.quantity for register in specs[device.meter].registers]
            read_once = reader(link.protocol).read_once
            reading = await read_once(link, device, own, live().all)
            readings[device.meter] = (link.protocol, reading)
    return readings


async def test_every_device_is_read_over_its_protocol(tmp_path: Path) -> None:
    site = Site(NOW_MS)
    field = Field(site, Stopped(), tmp_path)
    try:
        readings = await read_all(field, tmp_path)
    finally:
        await field.stop()
    assert {meter: protocol for meter, (protocol, _) in readings.items()} == PROTOCOLS
    for name, device in site.devices.items():
        reading = readings[name][1]
        assert reading.registers == {device.quantity: device.dial()}, name
        assert (reading.serial or "") == device.serial
        for quantity, value in device.gauges().items():
            assert reading.gauges[quantity] == pytest.approx(value, rel=0.005), (name, quantity)
        assert reading.missing == ()


async def test_without_bacnet_the_chillers_are_read_over_modbus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field_module, "find_spec", lambda _name: None)
    site = Site(NOW_MS)
    field = Field(site, Stopped(), tmp_path)
    try:
        readings = await read_all(field, tmp_path)
    finally:
        await field.stop()
    protocol, reading = readings["chillers"]
    assert protocol == "modbus_tcp"
    assert reading.registers == {"energy_import": site.devices["chillers"].dial()}
