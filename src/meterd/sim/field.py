"""Everything of the simulated site that can be read, on loopback, each in its own protocol."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from meterd.clock import Clock
from meterd.sim.racks import agents
from meterd.sim.site import Site
from meterd.sim.switchroom import servers
from meterd.sim.water_pulses import PulseFile

HOST: Final = "127.0.0.1"


class Field:
    """The devices of a site, from `start` to `stop`. folder: for what is read from files.

    bacnet: whether there is BACnet; it needs the extra of that name.
    """

    def __init__(self, site: Site, clock: Clock, folder: Path) -> None:
        self.bacnet = find_spec("bacpypes3") is not None
        self._rooms = servers(site, clock)
        self._racks = agents(site, clock)
        self._count = folder / "water" / "count"
        self._water = PulseFile(self._count, site, clock)
        self._plant: Any = None
        if self.bacnet:
            self._plant = import_module("meterd.sim.plant").controller(site, clock)

    async def start(self) -> dict[str, str]:
        """Answer; returns what stands for each place in demo.yaml."""
        theirs, ours = _free_udp_ports()
        places = {
            "WATER_FILE": str(self._count), "CHILLERS_PORT": str(theirs), "PLANT_PORT": str(ours),
        }  # fmt: skip
        for name, room in zip(("SWITCHROOM", "DATAHALL"), self._rooms, strict=True):
            places[f"{name}_PORT"] = str(await room.start(HOST))
        for name, rack in zip(("RACK_12", "RACK_13"), self._racks, strict=True):
            places[f"{name}_PORT"] = str(await rack.start(HOST))
        if self._plant is not None:
            await self._plant.start(HOST, theirs)
        return places

    def begin(self) -> None:
        """The history is over: from now on the pulses come by themselves."""
        self._water.start()

    async def stop(self) -> None:
        """Answer nobody any more."""
        await self._water.stop()
        if self._plant is not None:
            self._plant.stop()
        for room in self._rooms:
            await room.stop()
        for rack in self._racks:
            await rack.stop()


def _free_udp_ports() -> tuple[int, int]:
    """Two ports that nobody has: BACnet takes none that it is not told."""
    ports = []
    with ExitStack() as probes:
        for _ in range(2):
            probe = probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            probe.bind((HOST, 0))
            ports.append(probe.getsockname()[1])
    return ports[0], ports[1]
