"""The readers' tasks follow the configuration: what did not change is not disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.daemon.house import site

from meterd.clock import SystemClock
from meterd.config.points import ModbusDevice, ModbusLink, ModbusPoint
from meterd.daemon.links import PLACES, Links, stagger
from meterd.events import PollFailed, Reading
from meterd.sim.modbus_server import ModbusServer, Unit
from meterd.specs import RegisterSpec

HUNG_S = 30
SITE = site("main", "other")


def device(meter: str, unit: int) -> ModbusDevice:
    """A dial of kilowatt-hours that is read ten times a second."""
    return ModbusDevice(meter=meter, unit=unit, points=(point("energy_import"),), every_ms=100)


def point(quantity: str, unit: str = "kWh") -> ModbusPoint:
    """The first two words, as a quantity."""
    return ModbusPoint(quantity=quantity, table="holding", address=0, type="uint32", unit=unit)


class Hall:
    """A server, the links to it, and what they have told."""

    def __init__(self) -> None:
        self.server = ModbusServer({n: Unit(holding={0: 0, 1: n, 2: 0, 3: 9}) for n in (1, 2)})
        self.told: list[Reading | PollFailed] = []
        self.changed = asyncio.Condition()
        self.links = Links(self.emit, SystemClock())
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(self, item: Reading | PollFailed) -> None:
        self.told.append(item)
        task = asyncio.ensure_future(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def link(self, *devices: ModbusDevice, name: str = "hall") -> ModbusLink:
        return ModbusLink(
            name=name, host="127.0.0.1", port=self.port, timeout_ms=5_000, devices=devices
        )

    async def next_of(self, meter: str) -> Reading | PollFailed:
        """The next thing that is told of a meter."""
        before = len(self.told)
        async with asyncio.timeout(HUNG_S), self.changed:
            await self.changed.wait_for(lambda: meter in [t.meter for t in self.told[before:]])
        return next(told for told in self.told[before:] if told.meter == meter)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    one = Hall()
    one.port = await one.server.start()
    yield one
    await one.links.stop()
    await one.server.stop()


async def test_a_link_is_read_and_its_counters_are_counters(hall: Hall) -> None:
    await hall.links.become([hall.link(device("main", 1))], SITE)
    told = await hall.next_of("main")
    assert isinstance(told, Reading)
    assert told.registers == {"energy_import": 3_600_000}
    assert told.gauges == {}
    assert hall.links.stats["hall"].meters["main"].polls > 0


async def test_a_link_that_did_not_change_keeps_its_connection(hall: Hall) -> None:
    links = [hall.link(device("main", 1)), hall.link(device("other", 2), name="roof")]
    await hall.links.become(links, SITE)
    await hall.next_of("main")
    await hall.next_of("other")
    stats = hall.links.stats["hall"]
    longer = msgspec.structs.replace(links[1], timeout_ms=4_000)
    await hall.links.become([links[0], longer], SITE)
    await hall.next_of("main")
    await hall.next_of("other")
    assert hall.server.accepted == 3, "only the roof's was made anew"
    assert hall.links.stats["hall"] is stats


async def test_a_quantity_that_becomes_a_counter_changes_its_link(hall: Hall) -> None:
    one = msgspec.structs.replace(device("main", 1), points=(point("pieces", "1"),))
    link = hall.link(one)
    await hall.links.become([link], SITE)
    told = await hall.next_of("main")
    assert isinstance(told, Reading)
    assert told.gauges == {"pieces": 1.0}
    meters = (
        msgspec.structs.replace(SITE.meters[0], registers=(RegisterSpec("pieces", unit="1"),)),
    )
    await hall.links.become([link], msgspec.structs.replace(SITE, meters=meters))
    told = await hall.next_of("main")
    assert isinstance(told, Reading)
    assert list(told.registers) == ["pieces"]


async def test_a_link_that_leaves_is_hung_up(hall: Hall) -> None:
    await hall.links.become([hall.link(device("main", 1))], SITE)
    await hall.next_of("main")
    await hall.links.become([], SITE)
    assert hall.links.stats == {}
    count = len(hall.told)
    await hall.links.become([hall.link(device("other", 2), name="roof")], SITE)
    await hall.next_of("other")
    assert [told.meter for told in hall.told[count:]] == ["other"]
    await hall.links.stop()
    await hall.links.stop()


def test_lines_start_apart_and_each_always_at_its_own_place() -> None:
    phases = [stagger(f"meter-{n}") for n in range(1_000)]
    assert phases == [stagger(f"meter-{n}") for n in range(1_000)]
    assert all(0 <= phase < 1 for phase in phases)
    busiest = max(phases.count(phase) for phase in set(phases))
    assert busiest < 1.5 * 1_000 / PLACES
