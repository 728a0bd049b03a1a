"""A unit whose points are found by its SunSpec models, and found again when they may have moved.

The map is walked at every new connection and after every failed reading, and each reading has
the model's header with it: a device that was replaced or updated is never read at addresses
that were another's.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from meterd.config.points import ModbusDevice
from meterd.events import Reading
from meterd.readers.amounts import Readout
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus import sunspec
from meterd.readers.modbus.turns import Ask, Transport
from meterd.readers.modbus.unit import Dials, Unit

Session = Callable[[], int]
"""The number of the connection: another one when it was opened again."""


class SunSpecUnit:
    """Reads one unit, once it is known where."""

    def __init__(
        self,
        device: ModbusDevice,
        registers: Collection[str],
        transport: Transport,
        session: Session,
    ) -> None:
        self._device = device
        self._registers = registers
        self._transport = transport
        self._session = session
        self._walked_in = -1
        self._found: sunspec.Found | None = None
        self._unit: Unit | None = None

    async def read(self, ask: Ask, around: Surroundings) -> Reading:
        """One cycle, after a walk if there is need of one; ReadFailed as `Unit.read`."""
        if self._unit is None or self._walked_in != self._session():
            self._unit = await self._walk(ask)
            self._walked_in = self._session()
        assert self._found is not None
        try:
            reading = await self._unit.read(ask, around)
        except ReadFailed:
            self._unit = None
            raise
        missing = (*reading.missing, *self._found.absent)
        return msgspec.structs.replace(reading, missing=missing)

    async def _walk(self, ask: Ask) -> Unit:
        async def words(address: int, count: int) -> Sequence[int]:
            request: Any = self._transport.encode(self._device.unit, "holding", address, count)
            answer = await ask(request)
            return struct.unpack_from(f">{count}H", answer, self._transport.data_at)

        models = await sunspec.walk(words, self._device.sunspec.base)
        self._found = sunspec.find(self._device, models)
        known = msgspec.structs.replace(self._device, points=self._found.points)
        return Unit(known, self._registers, self._transport, self._settle)

    def _settle(self, out: Readout) -> Dials:
        """Take what is ours out of the readout; ReadFailed if the model is not where it was."""
        found = self._found
        assert found is not None
        number, length = out.gauges.get(sunspec.ID), out.gauges.get(sunspec.LENGTH)
        if number != found.model.id or length != found.model.length:
            said = f"model {found.model.id} is no longer at {found.model.address}"
            raise ReadFailed("refused", f"unit {self._device.unit}: {said}", soon=True)
        told = sunspec.dials(found, out.gauges)
        for name in [name for name in out.gauges if name.startswith(sunspec.OURS)]:
            del out.gauges[name]
        return {quantity: dial for quantity, dial in told.items() if quantity in out.registers}


def reads(
    device: ModbusDevice, registers: Collection[str], transport: Transport, session: Session
) -> Unit | SunSpecUnit:
    """What reads the device, as its points are said."""
    if any(point.sunspec for point in device.points):
        return SunSpecUnit(device, registers, transport, session)
    return Unit(device, registers, transport)
