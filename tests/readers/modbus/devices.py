"""Points, devices and surroundings, said shortly, for the tests of Modbus readers."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint
from meterd.events import PollFailed, Reading
from meterd.readers.line import Surroundings


def point(quantity: str, address: int = 0, type_: str = "uint16", **more: Any) -> ModbusPoint:
    """A holding register of type uint16, unless `table` or `type` says otherwise."""
    table = more.pop("table", "holding")
    kind = None if table in ("coil", "discrete") else more.pop("type", type_)
    return ModbusPoint(quantity=quantity, address=address, type=kind, table=table, **more)


def device(*points: ModbusPoint, meter: str = "m1", unit: int = 1, **more: Any) -> ModbusDevice:
    """A unit with these points."""
    return ModbusDevice(meter=meter, unit=unit, points=points, **more)


def link(port: int, *devices: ModbusDevice, timeout_ms: int = 2000) -> ModbusLink:
    """A connection to this host."""
    return ModbusLink(
        name="hall", host="127.0.0.1", port=port, devices=devices, timeout_ms=timeout_ms
    )


class StillClock:
    """A clock that moves only when someone sleeps."""

    boot = "boot"

    def __init__(self, now_ms: int = 1_000_000) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now

    def mono_ms(self) -> int:
        return self.now - 900_000

    async def sleep_until(self, mono_ms: int) -> None:
        self.now = max(self.now, mono_ms + 900_000)
        await asyncio.sleep(0)


def around(clock: StillClock | None = None) -> tuple[Surroundings, list[Reading | PollFailed]]:
    """Surroundings, and the list in which all that is emitted ends up."""
    told: list[Reading | PollFailed] = []
    return Surroundings(clock or StillClock(), told.append, random.Random(7)), told
