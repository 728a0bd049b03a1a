"""A chip that is a pipe: it speaks the kernel's records, and edges come when a test says so."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from tests.readers.modbus.devices import StillClock

from meterd.config.pulse import PulseDevice, PulseLink, PulsePoint
from meterd.events import PollFailed, Reading
from meterd.orders import LossDeclared
from meterd.readers.edges import RECORD
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.pulse import PulseLine

KWH = 3_600_000
SECOND_NS = 1_000_000_000


def record(line: int, line_seqno: int, at_ns: int) -> bytes:
    """One `struct gpio_v2_line_event` of a falling edge."""
    return RECORD.pack(at_ns, 2, line, line_seqno, line_seqno)


def point(line: int | None = 17, quantity: str = "energy_import", **more: Any) -> PulsePoint:
    """A thousand pulses a kilowatt-hour."""
    said = {"amount": Fraction(KWH, 1000), "rate": "active_power", "per_s": Fraction(1, 1000)}
    return PulsePoint(quantity=quantity, line=line, **{**said, **more})


def link(*points: PulsePoint, every_ms: int = 10_000) -> PulseLink:
    """A chip with one meter on it."""
    device = PulseDevice(meter="main", points=points, every_ms=every_ms)
    return PulseLink(name="gpio", devices=(device,))


class Chip:
    """Requests that were made of a chip; the newest is the one that edges come on."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.asked: list[tuple[str, list[int | None]]] = []
        self.released = 0
        self.fd = self.pen = -1
        self._seqnos: dict[int, int] = {}
        self._at_ns = 0

    def request(self, chip: str, points: Iterable[PulsePoint]) -> Chip:
        self.asked.append((chip, [one.line for one in points]))
        if self.troubles:
            raise self.troubles.pop(0)
        self.fd, self.pen = os.pipe()
        self._seqnos = {}
        return self

    def release(self) -> None:
        self.released += 1
        os.close(self.fd)
        self.hang_up()

    def hang_up(self) -> None:
        """Nothing more comes."""
        if self.pen >= 0:
            os.close(self.pen)
            self.pen = -1

    def pulse(self, line: int, times: int = 1, *, after_s: float = 1.0) -> None:
        """So many edges, each so long after the one before."""
        for _ in range(times):
            self._at_ns += int(after_s * SECOND_NS)
            self._seqnos[line] = self._seqnos.get(line, 0) + 1
            os.write(self.pen, record(line, self._seqnos[line], self._at_ns))


class Bench:
    """A pulse line between a chip that is a pipe and surroundings that remember."""

    def __init__(
        self, asked: PulseLink, chip: Chip, known: Mapping[str, int] | None = None
    ) -> None:
        self.clock = StillClock()
        self.told: list[Reading | PollFailed | LossDeclared] = []
        self.stats = LinkStats("gpio")
        self.known = dict(known or {})
        self.full: list[Exception] = []
        around = Surroundings(self.clock, self._take, random.Random(7))
        self.around = around._replace(lose=self._take, counters=self._counters)
        self.device = asked.devices[0]
        self.line = PulseLine(asked, self.around, self.stats, chip.request)

    async def _counters(self, _meter: str) -> Mapping[str, int]:
        return self.known

    def _take(self, item: Reading | PollFailed | LossDeclared) -> None:
        if self.full:
            raise self.full.pop()
        self.told.append(item)

    async def read(self, after_ms: int = 1000) -> Reading:
        """A reading, so long after what was before it."""
        self.line._hear()  # what the loop does when bytes are there
        self.clock.now += after_ms
        return await self.line.read(self.device)
