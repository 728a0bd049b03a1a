"""The simulated chillers: a BACnet/IP controller on loopback, with an accumulator.

Imported only where BACnet is installed (the extra `bacnet`).
"""

from __future__ import annotations

from functools import partial
from typing import Final

from meterd.clock import Clock
from meterd.sim.bacnet_server import BacnetServer, Point
from meterd.sim.site import Device, Site

INSTANCE: Final = 4711
ENERGY: Final = "Energy"
GAUGES: Final = {
    "active_power": "kilowatts",
    "frequency": "hertz",
    "power_factor": "powerFactor",
    **{f"voltage_l{n}": "volts" for n in (1, 2, 3)},
    **{f"current_l{n}": "amperes" for n in (1, 2, 3)},
}
"""What is shown, as analog-input,1 to 9 in this order, and in what unit."""


def controller(site: Site, clock: Clock) -> BacnetServer:
    """The chillers' controller; its objects are set when it is asked."""
    device = site.devices["chillers"]
    points = [
        Point(kind="analog-input", instance=n, name=name, units=unit)
        for n, (name, unit) in enumerate(GAUGES.items(), 1)
    ]
    most = device.modulus // device.count - 1
    energy = Point(
        kind="accumulator", instance=1, name=ENERGY, units="kilowattHours", scale=0.01, most=most
    )
    server = BacnetServer(INSTANCE, [energy, *points], serial=device.serial)
    server.refresh = partial(_refresh, server, device, site, clock)
    return server


def _refresh(server: BacnetServer, device: Device, site: Site, clock: Clock) -> None:
    site.live_to(clock.now_ms())
    server.set(ENERGY, device.dial() // device.count)
    for name, value in device.gauges().items():
        server.set(name, value)
