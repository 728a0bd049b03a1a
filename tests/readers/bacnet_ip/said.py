"""Points, devices, links and a device that is a dictionary, said shortly."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.readers.modbus.devices import StillClock

from meterd.clock import Clock, SystemClock
from meterd.config.bacnet import BacnetDevice, BacnetLink, BacnetPoint
from meterd.events import PollFailed, Reading
from meterd.orders import ReplacementOrdered
from meterd.readers.line import Surroundings

ENERGY = BacnetPoint(quantity="energy_import", oid=(23, 1))
POWER = BacnetPoint(quantity="active_power", oid=(0, 3))


def point(quantity: str, kind: int, instance: int, **more: Any) -> BacnetPoint:
    return BacnetPoint(quantity=quantity, oid=(kind, instance), **more)


def device(*points: BacnetPoint, address: str = "7", **more: Any) -> BacnetDevice:
    return BacnetDevice(**{"meter": "main", "address": address, "points": points, **more})


def link(*devices: BacnetDevice, **more: Any) -> BacnetLink:
    """Our own socket on loopback, on any port, and short of patience."""
    said = {"name": "bms", "bind": "127.0.0.1", "port": 0, "timeout_ms": 400, **more}
    return BacnetLink(devices=devices, **said)


class Around:
    """Surroundings, and all that was told to them."""

    def __init__(self, clock: Clock | None = None, last_ms: int | None = None) -> None:
        self.clock = clock or StillClock()
        self.told: list[Reading | PollFailed] = []
        self.orders: list[ReplacementOrdered] = []
        self.all = Surroundings(
            self.clock, self.told.append, random.Random(7), self.orders.append, lambda _: last_ms
        )


def live() -> Around:
    """Surroundings whose time is the host's."""
    return Around(SystemClock())


Answer = Callable[[int, bytes], bytes]


class Asked:
    """A device as a function of (service, content); what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[tuple[int, bytes]] = []

    async def __call__(self, service: int, content: bytes) -> bytes:
        self.requests.append((service, content))
        return self.answer(service, content)
