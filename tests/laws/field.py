"""The field of a small world: its meters on two lines, each asked by the real poll loop.

Some are Modbus devices, read by the real reader, frame by frame (`gateway.py`). The others stand
for every protocol that tells more, or later, than a frame can: their line is of the world's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec
from tests.laws.gateway import PLACE, Gateway
from tests.laws.hosts import Host
from tests.laws.lives import ENERGY
from tests.laws.loop import Loop
from tests.laws.plant import Device
from tests.laws.works import Works

from meterd.config.points import ModbusDevice
from meterd.daemon.supervise import end
from meterd.events import PollFailed, Reading
from meterd.readers.line import Emit, LinkStats, ReadFailed, Surroundings
from meterd.readers.modbus_tcp import ModbusTcp
from meterd.readers.polling import Poller

ACTS: Final = ("odd", "silent", "absent", "stale", "repeat", "late", "wobble")
"""What a device may do that tells readings."""
AGE_MS: Final = 900_001
"""Of a reading that is stale."""
D = TypeVar("D")


class Place(NamedTuple, Generic[D]):
    """A device's place in the round."""

    meter: str
    every_ms: int
    device: D


class Framed:
    """The gateway's line, as the poll loop asks it."""

    def __init__(self, line: ModbusTcp) -> None:
        self.open, self.close = line.open, line.close
        self._line = line

    async def read(self, place: Place[ModbusDevice]) -> Reading:
        """A reading made of frames."""
        return await self._line.read(place.device)


class Told:
    """The line of those that tell readings."""

    def __init__(self, around: Surroundings, field: Field) -> None:
        self._around = around
        self._field = field

    async def open(self) -> None:
        """It is open."""

    def close(self) -> None:
        """It stays open."""

    async def read(self, place: Place[Device]) -> Reading:
        """What it tells, and what it tells after it."""
        device, host, chance = place.device, self._field.host, self._field.chance
        act = next((act for act in ACTS if self._field.happens(act)), "")
        if act == "silent":
            raise ReadFailed("silent", f"{device.name} says nothing")
        device.live(host.true_ms())
        amount, power_kw, up_s = device.look(act)
        reading = Reading(
            device.name,
            host.now_ms(),
            {} if amount is None else {ENERGY: amount},
            {} if power_kw is None else {"active_power": power_kw},
            (ENERGY,) if act == "absent" else (),
            uptime_s=up_s,
            age_ms=AGE_MS if act == "stale" else 0,
            boot=host.boot,
            mono_ms=host.mono_ms(),
        )
        ago = chance.randrange(1, 100_000) if act == "late" else 0
        if act in ("repeat", "late"):
            mono_ms = max(reading.mono_ms - ago, 1)
            again = msgspec.structs.replace(reading, at_ms=reading.at_ms - ago, mono_ms=mono_ms)
            asyncio.get_running_loop().call_soon(self._around.emit, again)
        return reading


class Field:
    """All meters, as they are asked. every_ms: how often. readings: how many there were."""

    def __init__(
        self, works: Works, host: Host, happens: Callable[[str], bool], chance: Random
    ) -> None:
        self.host = host
        self.happens = happens
        self.chance = chance
        self.every_ms = 60_000
        self.readings = 0
        self.devices = {name: Device(name, chance) for name in works.names}
        framed = {name: one for name, one in self.devices.items() if chance.random() < works.framed}
        self._told = [one for name, one in self.devices.items() if name not in framed]
        self._gateway = Gateway(framed, host, happens, chance)
        self._silent: set[str] = set()
        self._heard = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._emit: Emit | None = None
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        loop.chance = self.chance
        loop.peers = {PLACE: self._gateway.accept}

    def plug(self, emit: Emit) -> None:
        """A daemon begins to ask; what it hears goes there."""
        self._emit = emit

        def hear(told: Reading | PollFailed) -> None:
            if isinstance(told, Reading):
                self.readings += 1
                self.devices[told.meter].heard(told, self.host.true_ms())
            emit(told)
            self._silent.discard(told.meter)
            if not self._silent:
                self._heard.set()

        around = Surroundings(self.host, hear, self.chance)
        link, stats = self._gateway.link, LinkStats("gateway")
        modbus = Framed(ModbusTcp(link, {}, around, stats))
        framed = [Place(device.meter, self.every_ms, device) for device in link.devices]
        told = [Place(device.name, self.every_ms, device) for device in self._told]
        teller = Told(around._replace(emit=emit), self)
        polls = (
            Poller(modbus, framed, around, stats).run() if framed else None,
            Poller(teller, told, around, LinkStats("told")).run() if told else None,
        )
        self._tasks = [asyncio.create_task(poll) for poll in polls if poll is not None]

    async def unplug(self) -> None:
        """Nobody asks any more."""
        await end(*self._tasks)
        self._tasks = []

    async def ask_every(self, every_ms: int) -> None:
        """The configuration says another `every`."""
        if every_ms != self.every_ms and self._emit is not None:
            self.every_ms = every_ms
            await self.unplug()
            self.plug(self._emit)

    def expect(self) -> None:
        """A round begins: everyone shall be asked once more."""
        self._silent = set(self.devices)
        self._heard.clear()

    async def all_heard(self, path: asyncio.Task[None]) -> None:
        """Wait until everyone was, or until the path ends. Raises what a poll loop ended with."""
        heard = asyncio.ensure_future(self._heard.wait())
        await asyncio.wait({heard, path, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        for task in self._tasks:
            if task.done():
                await task
