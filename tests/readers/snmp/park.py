"""A park of one agent: a simulated SNMP agent that may misbehave, and one line to it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from tests.readers.modbus.devices import StillClock

from meterd.config.points import RowConfig
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint
from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.snmp.reader import AgentLine
from meterd.sim.snmp_agent import Asked, Fault, SnmpAgent
from meterd.sim.snmp_ber import Value, number, text

UPTIME = "1.3.6.1.2.1.1.3.0"
BASE = "1.3.6.1.4.1.9999.1"
LABELS, ENERGIES, POWERS = f"{BASE}.2.1.2", f"{BASE}.2.1.3", f"{BASE}.2.1.4"
SILENCE_MS = 60


def scalar(n: int) -> str:
    """The object of a point that stands alone."""
    return f"{BASE}.1.{n}.0"


def point(quantity: str, oid: str, **more: Any) -> SnmpPoint:
    if isinstance(more.get("scale"), str):
        more["scale"] = Decimal(more["scale"])
    return SnmpPoint(quantity=quantity, oid=oid, **more)


def device(*points: SnmpPoint, meter: str = "m1", port: int = 0) -> SnmpDevice:
    return SnmpDevice(meter=meter, host="127.0.0.1", port=port, points=points)


def link(*devices: SnmpDevice, timeout_ms: int = 2_000, **login: Any) -> SnmpLink:
    spoken = {"version": "2c", "community": Secret("public"), **login}
    return SnmpLink(name="park", login=SnmpLogin(**spoken), timeout_ms=timeout_ms, devices=devices)


def objects(count: int = 4, uptime: int = 500_000) -> dict[str, Value]:
    """sysUpTime, and scalars that say which they are."""
    return {
        UPTIME: number("timeticks", uptime),
        **{scalar(n): number("gauge32", 100 + n) for n in range(1, count + 1)},
    }


def points(count: int = 4) -> tuple[SnmpPoint, ...]:
    return tuple(point(f"own_{n}", scalar(n)) for n in range(1, count + 1))


def outlets(*labels: str, uptime: int = 500_000) -> dict[str, Value]:
    """A table with a row for each label, indexed from 1; the row of outlet-N has energy N00."""
    found = {UPTIME: number("timeticks", uptime)}
    for index, label in enumerate(labels, 1):
        worth = 100 * int(label.rpartition("-")[2])
        found[f"{LABELS}.{index}"] = text(label)
        found[f"{ENERGIES}.{index}"] = number("counter64", worth)
        found[f"{POWERS}.{index}"] = number("gauge32", worth + 1)
    return found


def outlet(label: str, meter: str = "m1") -> SnmpDevice:
    """The meter of one row."""
    row = RowConfig(oid=LABELS, equals=label)
    return device(
        point("energy_import", ENERGIES, row=row, unit="kWh"),
        point("active_power", POWERS, row=row, unit="W"),
        meter=meter,
    )


class Park:
    """An agent and a line to it."""

    def __init__(self, agent: SnmpAgent, asked: SnmpLink) -> None:
        self.agent = agent
        self.stats = LinkStats("park")
        self.clock = StillClock()
        self.told: list[Reading | PollFailed] = []
        self.around = Surroundings(self.clock, self.told.append, random.Random(7))
        self.line = AgentLine(asked, {}, self.around, self.stats)

    async def reading(self, meter: str = "m1") -> Reading:
        named = {device.meter: device for device in self.line.devices}
        return await self.line.read(named[meter])

    async def read(self, meter: str = "m1") -> dict[str, float] | str:
        """What was read, kWh and canonical units; or the reason why nothing was."""
        try:
            reading = await self.reading(meter)
        except ReadFailed as failure:
            return failure.reason
        energy = {name: joules / 3_600_000 for name, joules in reading.registers.items()}
        return {**energy, **reading.gauges}

    def spoil(self, *faults: Fault | None) -> None:
        """What is wrong with the answers from now on, one after the other; then nothing."""
        coming = iter(faults)
        self.agent.misbehave = lambda _asked: next(coming, None)

    def always(self, fault: Fault) -> None:
        self.agent.misbehave = lambda _asked: fault

    def sizes(self) -> list[int]:
        """How many objects each request so far asked for; they are forgotten then."""
        found = [len(asked.oids) for asked in self.agent.asked]
        self.agent.asked.clear()
        return found

    def took(self) -> list[Asked]:
        found = list(self.agent.asked)
        self.agent.asked.clear()
        return found


@asynccontextmanager
async def park(
    served: dict[str, Value], *devices: SnmpDevice, timeout_ms: int = 2_000, **login: Any
) -> AsyncIterator[Park]:
    agent = SnmpAgent(served)
    agent.keep = True
    port = await agent.start()
    at = tuple(
        SnmpDevice(meter=one.meter, host="127.0.0.1", port=port, points=one.points)
        for one in devices or (device(*points()),)
    )
    found = Park(agent, link(*at, timeout_ms=timeout_ms, **login))
    try:
        yield found
    finally:
        found.line.close()
        await agent.stop()
