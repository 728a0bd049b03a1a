"""Devices whose counters run with the clock, behind a plug that can be pulled."""

from __future__ import annotations

import struct
import time
from typing import Any

from meterd.sim.modbus_server import ModbusServer, Unit

JOULES = 3600
"""One count of a dial, which is a watt-hour."""


class Dial:
    """A counter of watt-hours that runs with the clock, and the power that drives it.

    shown: every stand it has ever told anyone.
    """

    def __init__(self, first: int = 123_456, per_s: int = 100) -> None:
        self.unit = Unit(refresh=self._refresh)
        self.shown: list[int] = []
        self.per_s = per_s
        self._base = first
        self._since: float | None = time.monotonic()

    @property
    def stand(self) -> int:
        """What it shows now."""
        if self._since is None:
            return self._base
        return self._base + int((time.monotonic() - self._since) * self.per_s)

    def halt(self) -> None:
        """Count no more."""
        self._base, self._since = self.stand, None

    def _refresh(self) -> None:
        self.shown.append(self.stand)
        self.unit.holding.update(enumerate(struct.unpack(">2H", struct.pack(">I", self.shown[-1]))))
        watts = struct.pack(">f", self.per_s * float(JOULES))
        self.unit.input.update(enumerate(struct.unpack(">2H", watts)))


POINTS = {
    "energy_import": {
        "table": "holding", "address": 0, "type": "uint32", "scale": "0.001", "unit": "kWh",
        "nonvolatile": True, "max_kw": 100_000,
    },
    "active_power": {"table": "input", "address": 0, "type": "float32", "unit": "W"},
}  # fmt: skip
"""A dial, as a configuration describes it. No ceiling is tried here: a busy host reads late."""


class Device:
    """Dials behind one Modbus TCP port, which is pulled out and plugged in at will."""

    def __init__(self, **dials: Dial) -> None:
        self.dials = dials
        self.port = 0
        self.units = {number: dial.unit for number, dial in enumerate(dials.values(), 1)}
        self.server = ModbusServer(self.units)

    async def plug(self) -> None:
        self.port = await self.server.start(port=self.port)

    async def unplug(self) -> None:
        await self.server.stop()

    def connection(self, **more: Any) -> dict[str, Any]:
        """This device as a connection of the configuration."""
        return {"protocol": "modbus_tcp", "host": "127.0.0.1", "port": self.port, **more}

    def meters(self, connection: str, **more: Any) -> list[dict[str, Any]]:
        """Its dials as meters of the configuration."""
        return [
            {"name": name, "connection": connection, "address": n, "points": POINTS,
             "every": "100ms"} | more
            for n, name in enumerate(self.dials, 1)
        ]  # fmt: skip
