"""BACnet/IP devices: one socket of our own, and every device asked through it.

    connections:
      bms: {protocol: bacnet, bind: 10.1.0.9/24, port: 47808, bbmd: 10.9.0.1, cov: true}

A device is addressed by its instance, and found by Who-Is, or by HOST:PORT, or behind a
router by NETWORK:STATION. Each has its own place in time: one that is silent delays nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from functools import partial

import msgspec

from meterd.config.bacnet import BacnetDevice, BacnetLink
from meterd.config.bacnet_names import object_name
from meterd.events import Reading
from meterd.readers.bacnet_ip import meaning
from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.cov import Watch
from meterd.readers.bacnet_ip.device import DeviceReader
from meterd.readers.bacnet_ip.network import Network, beside
from meterd.readers.bacnet_ip.planning import ENVELOPE, answer_bytes, count, plan, request_bytes
from meterd.readers.bacnet_ip.services import Item
from meterd.readers.bacnet_ip.survey import look_at_all
from meterd.readers.bacnet_ip.trend import Past
from meterd.readers.found import Found
from meterd.readers.line import LinkStats, PlannedRequest, ReadFailed, Registers, Surroundings
from meterd.readers.polling import Poller


class BacnetLine:
    """The line to one device (see `line.Line`); the network is shared and stays open."""

    def __init__(
        self, network: Network, device: BacnetDevice, link: BacnetLink, given: Given
    ) -> None:
        self.watch = Watch(device, link.lifetime_s, given.around)
        self._network = network
        self._device = device
        self._reader = DeviceReader(device, given.registers, given.around)
        instance = partial(network.instance, device.address)
        self._past = Past(device, frozenset(given.registers), given.around, instance)
        self._turn = asyncio.Lock()
        self._was_silent = False
        network.watches += [self.watch] if self.watch.wanted else []

    async def open(self) -> None:
        """Bind our socket, unless it is; ReadFailed with `link_down`."""
        await self._network.open()

    async def read(self, device: BacnetDevice) -> Reading:
        """One reading, after what the device's trend logs have of the time since the last."""
        async with self._turn:
            try:
                ask = await self.way()
                reading = await self._reader.read(ask)
            except ReadFailed:
                self._was_silent = True
                self._network.forget(device.address)
                raise
            if self._was_silent:
                self._was_silent = False
                self.watch.lost.set()
            await self._past.fill(reading, ask, self._reader.converted)
            return reading

    async def way(self) -> Ask:
        """How the device is asked."""
        return await self._network.way(self._device.address)

    def close(self) -> None:
        """The network is others' too."""


class Given(msgspec.Struct, frozen=True):
    """What a line is given. registers: the meter's own counters."""

    registers: Collection[str]
    around: Surroundings


async def run(
    link: BacnetLink, registers: Registers, around: Surroundings, stats: LinkStats
) -> None:
    """Read a link for ever; ends by cancellation, with the socket closed."""
    network = Network(link, around, stats)
    try:
        async with asyncio.TaskGroup() as tasks:
            for device in link.devices:
                given = Given(registers.get(device.meter, ()), around)
                line = BacnetLine(network, device, link, given)
                tasks.create_task(Poller(line, (device,), around, stats).run())
                if line.watch.wanted:
                    tasks.create_task(line.watch.keep(line.way))
                    tasks.create_task(line.watch.follow(_Reads(line, device, around, stats)))
    finally:
        network.close()


class _Reads:
    """Reads a device out of its turn, and tells of it as a poll would."""

    def __init__(
        self, line: BacnetLine, device: BacnetDevice, around: Surroundings, stats: LinkStats
    ) -> None:
        self._line = line
        self._device = device
        self._around = around
        self._stats = stats

    async def __call__(self) -> None:
        reading = await self._line.read(self._device)
        try:
            self._around.emit(reading)
        except asyncio.QueueFull:
            self._stats.dropped += 1


async def read_once(
    link: BacnetLink, device: BacnetDevice, registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    network = await beside(link, around)
    try:
        ask = await network.way(device.address)
        return await DeviceReader(device, registers, around).read(ask)
    finally:
        network.close()


def plan_cycle(link: BacnetLink) -> list[PlannedRequest]:
    """The requests of one cycle of a link, of devices that refuse nothing.

    Bytes are UDP payload.
    """
    return [
        PlannedRequest(
            meter=device.meter,
            unit=device.address,
            table="read_property_multiple",
            address=object_name(block[0].oid),
            count=count(block),
            request_bytes=ENVELOPE + request_bytes(block),
            reply_bytes=ENVELOPE + answer_bytes(block),
            points=tuple(
                point.quantity
                for point in device.points
                if any(point.oid == i.oid and point.number in i.properties for i in block)
            ),
        )
        for device in link.devices
        for block in plan(_cycle(device))
    ]


def _cycle(device: BacnetDevice) -> list[Item]:
    return meaning.merged([Item(p.oid, meaning.in_a_cycle(p)) for p in device.points])


async def scan(
    link: BacnetLink, asked: Collection[str], around: Surroundings
) -> tuple[list[Found], list[str]]:
    """Who answers Who-Is, and what each could be; and of whom nothing could be read, why.

    asked: addresses to look at besides, as the link's own devices are.
    """
    network = await beside(link, around)
    clock = around.clock
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(link.timeout_ms / 1000):
                await network.who_is()
        await clock.sleep_until(clock.mono_ms() + link.timeout_ms)
        everybody = set(network.directory.heard)
        places = {*asked, *(d.address for d in link.devices if not d.address.isdecimal())}
        failures = []
        for text in sorted(places):
            try:
                await network.who_is(await network.place(text))
            except ReadFailed as failure:
                failures.append(str(failure))
        if places:
            await clock.sleep_until(clock.mono_ms() + link.timeout_ms)
        heard = [
            (told.instance, told.instance if who in everybody else str(who), str(who), who)
            for who, told in network.directory.heard.items()
        ]
        found, more = await look_at_all(
            (*one[:3], network.to(one[3])) for one in sorted(heard, key=lambda one: one[0])
        )
        return found, failures + more
    finally:
        network.close()
