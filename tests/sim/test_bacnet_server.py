"""The simulated BACnet device: sound, and with its faults."""

from __future__ import annotations

from tests.readers.bacnet_ip.said import device, link, live, point
from tests.readers.bms import INSTANCE, host

from meterd.readers.bacnet import read_once
from meterd.sim.bacnet_server import BacnetServer, Point


async def test_every_kind_of_object_is_served_and_follows_the_time() -> None:
    kinds = {"accumulator": 23, "analog-input": 0, "analog-value": 2, "pulse-converter": 24}
    points = [
        Point(kind=kind, instance=n, name=kind, units="kilowattHours", value=n)
        for n, kind in enumerate(kinds)
    ]
    server = BacnetServer(INSTANCE + 3, points)
    await server.start(f"{host(20)}/8")
    server.refresh = lambda: server.set("analog-value", 7.5)
    try:
        wanted = device(
            *(point(f"v{n}", kind, n) for n, kind in enumerate(kinds.values())), address=host(20)
        )
        reading = await read_once(link(wanted, bind=f"{host(1)}/8"), wanted, (), live().all)
        assert reading.gauges == {"v0": 0.0, "v1": 1.0, "v2": 7.5, "v3": 3.0}
        await server.reboot()
        server.refresh = None
        reading = await read_once(link(wanted, bind=f"{host(1)}/8"), wanted, (), live().all)
        assert reading.gauges["v2"] == 2.0
    finally:
        server.stop()
        server.stop()
