"""The field of a small world: its meters on lines of three kinds, each asked by the real poll loop.

Some are Modbus devices, others SNMP agents, read by the real readers, frame by frame (`gateway.py`,
`agents.py`). The rest stand for every protocol that tells more, or later, than a frame can: their
line is of the world's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, NamedTuple

import msgspec
from tests.laws.agents import Agents
from tests.laws.gateway import PLACE, Gateway
from tests.laws.ledger import hold
from tests.laws.lives import ENERGY
from tests.laws.loop import Loop
from tests.laws.plant import LIES, Device, Outside, Shown
from tests.laws.works import Works

from meterd.daemon.supervise import end
from meterd.events import PollFailed, Reading
from meterd.readers import modbus_tcp
from meterd.readers.line import Emit, LinkStats, ReadFailed, Surroundings
from meterd.readers.polling import Poller
from meterd.readers.snmp import reader as snmp

ACTS: Final = (*LIES, "silent", "stale", "repeat", "late")
"""What a device may do that tells readings."""
AGE_MS: Final = 900_001
"""Of a reading that is stale."""
LATE_S: Final = 600
"""A line that was down is up again, and all its meters asked, within so long of their time."""


class Place(NamedTuple):
    """A device's place in the round."""

    meter: str
    every_ms: int
    device: Device


class Told:
    """The line of those that tell readings. emit: takes what is told after a reading."""

    def __init__(self, emit: Emit, outside: Outside) -> None:
        self._emit = emit
        self._host, self._befalls, self._chance = outside

    async def open(self) -> None:
        """It is open."""

    def close(self) -> None:
        """It stays open."""

    async def read(self, place: Place) -> Reading:
        """What it tells, and what it tells after it."""
        device, host, chance = place.device, self._host, self._chance
        act = self._befalls(ACTS)
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
            asyncio.get_running_loop().call_soon(self._emit, again)
        return reading


def check_heard(told: Reading, showed: Shown) -> None:
    """The law of frames: what is heard is what the device showed when it was asked last."""
    measured = told.registers.get(ENERGY), told.gauges.get("active_power")
    same = measured in ((None, None), showed[:2])
    hold(same, "what is heard is what was shown", told=told, showed=showed)


class Field:
    """All meters, as they are asked. every_ms: how often. readings: how many there were."""

    def __init__(self, works: Works, outside: Outside) -> None:
        self._outside, chance = outside, outside.chance
        self.every_ms = 60_000
        self.readings = 0
        self.devices = {name: Device(name, chance) for name in works.names}
        lines: list[dict[str, Device]] = [{}, {}, {}]
        shares = (works.framed, works.framed, 1 - 2 * works.framed)
        for name, device in self.devices.items():
            chance.choices(lines, shares)[0][name] = device
        framed, asked, self._told = lines
        self._gateway = Gateway(framed, outside)
        self._agents = Agents(asked, outside)
        self._silent: set[str] = set()
        self._heard = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._emit: Emit = lambda _told: None
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        loop.chance = chance
        loop.peers = {PLACE: self._gateway.accept}
        loop.hears = self._agents.hear

    def plug(self, emit: Emit) -> None:
        """A daemon begins to ask; what it hears goes there."""
        self._emit = emit
        around = Surroundings(self._outside.host, self._hear, self._outside.chance)
        gateway, agents = self._gateway.link(self.every_ms), self._agents.link(self.every_ms)
        told = [Place(name, self.every_ms, device) for name, device in self._told.items()]
        teller = Told(emit, self._outside)
        readers: list[Coroutine[Any, Any, None]] = []
        if gateway.devices:
            readers.append(modbus_tcp.run(gateway, {}, around, LinkStats("gateway")))
        if agents.devices:
            readers.append(snmp.run(agents, {}, around, LinkStats("agents")))
        if told:
            readers.append(Poller(teller, told, around, LinkStats("told")).run())
        self._tasks = [asyncio.create_task(reader) for reader in readers]

    def _hear(self, told: Reading | PollFailed) -> None:
        if isinstance(told, Reading):
            self.readings += 1
            device = self.devices[told.meter]
            check_heard(told, device.showed)
            device.heard(told, self._outside.host.true_ms())
        self._emit(told)
        self._silent.discard(told.meter)
        if not self._silent:
            self._heard.set()

    async def unplug(self) -> None:
        """Nobody asks any more."""
        await end(*self._tasks)
        self._tasks = []

    async def ask_every(self, every_ms: int) -> None:
        """The configuration says another `every`."""
        if every_ms != self.every_ms:
            self.every_ms = every_ms
            await self.unplug()
            self.plug(self._emit)

    def expect(self) -> None:
        """A round begins: everyone shall be asked once more."""
        self._silent = set(self.devices)
        self._heard.clear()

    async def all_heard(self, path: asyncio.Task[None]) -> None:
        """Wait until everyone was, or until the path ends. Raises what a reader ended with."""
        heard = asyncio.ensure_future(self._heard.wait())
        done, _ = await asyncio.wait(
            {heard, path, *self._tasks},
            timeout=2 * self.every_ms / 1000 + LATE_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        heard.cancel()
        for task in done & {*self._tasks}:
            await task
        hold(bool(done), "every meter is asked when its time comes", silent=self._silent)
