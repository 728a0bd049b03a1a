"""A BACnet device made of a profile is read as the profile says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.readers.bacnet_ip.said import live
from tests.readers.bms import INSTANCE, host

from meterd.config.bacnet import bacnet_link
from meterd.config.connections import Bacnet
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import PointConfig
from meterd.config.site import SiteConfig
from meterd.readers.bacnet import read_once
from meterd.sim.bacnet_device import UnservedError, device, follow
from meterd.sim.profile_device import SERIAL, load

POINTS = {
    "energy_import": PointConfig(object="accumulator,1"),
    "reactive_energy_import": PointConfig(
        object="accumulator,2", unit="kvarh", scale=Decimal("0.1")
    ),
    "active_power": PointConfig(object="analog-input,1", unit="W"),
    "voltage_l1": PointConfig(object="analog-value,2", scale=Decimal("0.1"), unit="V"),
    "own": PointConfig(object="pulse-converter,3"),
    "serial_number": PointConfig(object=f"device,{INSTANCE + 50}", property="serial-number"),
}


async def test_what_a_profile_says_is_what_is_read() -> None:
    server = device(INSTANCE + 50, POINTS)
    await server.start(f"{host(50)}/8")
    try:
        follow(server, POINTS, 100.0)
        meter = MeterConfig(name="m", connection="bms", address=host(50), points=POINTS)
        bms = Bacnet(bind=f"{host(1)}/8", timeout=2_000, port=47_905)
        site = SiteConfig(name="hq", timezone="UTC")
        config = Config(site=site, meters=(meter,), connections={"bms": bms})
        link = bacnet_link(config, "bms", bms)
        reading = await read_once(link, link.devices[0], (), live().all)
    finally:
        server.stop()
    shown = load(100.0)
    assert reading.registers["energy_import"] == round(shown["energy_import"] * 100) * 36_000
    assert reading.registers["reactive_energy_import"] // 360_000 == round(
        shown["reactive_energy_import"] * 10
    )
    assert reading.gauges["active_power"] == pytest.approx(shown["active_power"])
    assert reading.gauges["voltage_l1"] == pytest.approx(shown["voltage_l1"])
    assert reading.gauges["own"] == 0.0
    assert reading.serial == SERIAL


def test_an_object_that_cannot_be_served_is_named() -> None:
    with pytest.raises(UnservedError, match="own: binary-input,1 is not served"):
        device(7, {"own": PointConfig(object="binary-input,1")})
