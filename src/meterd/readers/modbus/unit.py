"""One unit on a Modbus line: what is asked of it, and what was learned about it.

The same for every transport. A request that the device refuses (exceptions 2 and 3) is
split at its holes, then in halves, and the parts are remembered; a point that is refused
by itself is asked again once a minute. A busy device (5, 6) is asked again (`busy_retries`,
once by default), then for less. A gateway that cannot reach the unit (10, 11) means that the
unit is silent, not the gateway. What is learned lasts until restart or reload.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from meterd.config.points import ModbusDevice
from meterd.events import Reading
from meterd.readers.amounts import Readout, Scaled, empty
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.modbus import sunspec
from meterd.readers.modbus.frames import RefusedError
from meterd.readers.modbus.planning import Block, plan, split
from meterd.readers.modbus.turns import Ask, Transport
from meterd.readers.modbus.words import Decode, decoder

REFUSED_RETRY_MS: Final = 60_000
SILENT_RETRY_MS: Final = 10_000
_SILENCES_MAX: Final = 2
_BUSY_PAUSE_MS: Final = (50, 150)

_NO_FUNCTION: Final = 1
_NO_SUCH_DATA: Final = (2, 3)
_BUSY: Final = (5, 6)
_UNREACHABLE: Final = (10, 11)

Dials = dict[str, tuple[int, int | None]]

Settle = Callable[[Readout], Dials]
"""Looks at what a cycle has read before it is told, and says what it says of the counters."""


def _nothing(_out: Readout) -> Dials:
    return {}


class _Part:
    """One request of the cycle, compiled. retry_ms: not asked before, monotonic."""

    def __init__(self, block: Block, request: Any, decode: Decode) -> None:
        self.block = block
        self.request = request
        self.decode = decode
        self.retry_ms = 0
        self.silences = 0


class Unit:
    """Reads one unit, whatever carries the requests."""

    def __init__(
        self,
        device: ModbusDevice,
        registers: Collection[str],
        transport: Transport,
        settle: Settle = _nothing,
    ) -> None:
        """registers: quantities kept as amounts besides the canonical counters."""
        self._settle = settle
        self._device = device
        self._registers = registers
        self._encode, self._data_at = transport.encode, transport.data_at
        self._quantities = sunspec.shown(device.points)
        self._scaled = Scaled(
            (point for point in device.points if point.type != "string"), registers
        )
        self._parts = self._compiled(plan(device))

    def _compiled(self, blocks: tuple[Block, ...]) -> list[_Part]:
        return [
            _Part(
                block,
                self._encode(self._device.unit, block.table, block.address, block.count),
                decoder(block.points, block.address, self._registers),
            )
            for block in blocks
        ]

    async def read(self, ask: Ask, around: Surroundings) -> Reading:
        """One cycle. The reading's time is that of the last answer.

        A silence (or an answer beyond use) after other answers ends the cycle, not the
        reading: what was not read is missing. Raises ReadFailed when nothing was read.
        """
        cycle = _Cycle(ask, around)
        index = 0
        while index < len(self._parts):
            part = self._parts[index]
            if part.retry_ms and part.retry_ms > around.clock.mono_ms():
                index += 1
                continue
            try:
                cycle.take(part, await ask(part.request), self._data_at)
            except RefusedError as refusal:
                if await self._refused(index, cycle, refusal):
                    continue
            except ReadFailed as failure:
                self._silent(part, cycle)
                if failure.link_down or not cycle.answered:
                    raise
                break
            index += 1
        return self._reading(cycle)

    def _silent(self, part: _Part, cycle: _Cycle) -> None:
        """Ask it last from now on, so that it cannot hide what the unit does answer.

        If it is silent again where other requests are answered, it may rest for a while.
        """
        part.silences += cycle.answered
        if part.silences >= _SILENCES_MAX:
            part.retry_ms = cycle.around.clock.mono_ms() + SILENT_RETRY_MS
        self._parts.remove(part)
        self._parts.append(part)

    async def _refused(self, index: int, cycle: _Cycle, refusal: RefusedError) -> bool:
        """Learn from an exception. True: something else is at `index` now, to be asked."""
        part = self._parts[index]
        cycle.refusal = refusal
        if refusal.code in _UNREACHABLE:
            raise ReadFailed("unreachable", str(refusal)) from refusal
        if refusal.code in _BUSY:
            await self._busy(index, cycle)
        if refusal.code in _NO_SUCH_DATA and (smaller := split(part.block, self._device)):
            self._parts[index : index + 1] = self._compiled(smaller)
            return True
        if refusal.code in (_NO_FUNCTION, *_NO_SUCH_DATA):
            part.retry_ms = cycle.around.clock.mono_ms() + REFUSED_RETRY_MS
        return False

    async def _busy(self, index: int, cycle: _Cycle) -> None:
        """Ask again after a while, then for less; keep the parts if that helped."""
        clock, part = cycle.around.clock, self._parts[index]
        for _ in range(self._device.busy_retries):
            await clock.sleep_until(clock.mono_ms() + cycle.around.chance.randint(*_BUSY_PAUSE_MS))
            if await cycle.tried(part, self._data_at):
                return
        smaller = self._compiled(split(part.block, self._device))
        if smaller and await cycle.tried(smaller[0], self._data_at):
            self._parts[index : index + 1] = smaller  # the others' turn comes next

    def _reading(self, cycle: _Cycle) -> Reading:
        out = cycle.out
        if not cycle.answered:
            why = cycle.refusal or "all its points were refused within the last minute"
            raise ReadFailed("refused", f"unit {self._device.unit}: {why}")
        self._scaled.finish(out)
        dials = self._settle(out)
        known = len(out.registers) + len(out.gauges) + len(out.texts)
        missing = () if known == len(self._quantities) else self._missing(out)
        serial, uptime_s = out.texts.pop("serial_number", None), out.gauges.pop("uptime", None)
        return Reading(
            meter=self._device.meter,
            at_ms=cycle.at_ms,
            registers=out.registers,
            gauges=out.gauges,
            missing=missing,
            serial=serial,
            uptime_s=uptime_s,
            boot=cycle.around.clock.boot,
            mono_ms=cycle.mono_ms,
            texts=out.texts,
            dials=dials,
        )

    def _missing(self, out: Readout) -> tuple[str, ...]:
        known = out.registers.keys() | out.gauges.keys() | out.texts.keys()
        return tuple(quantity for quantity in self._quantities if quantity not in known)


class _Cycle:
    """What one cycle has read so far, and when."""

    def __init__(self, ask: Ask, around: Surroundings) -> None:
        self.around = around
        self.out = empty()
        self.answered = False
        self.refusal: RefusedError | None = None
        self.at_ms = 0
        self.mono_ms = 0
        self._ask = ask

    def take(self, part: _Part, answer: bytes, data_at: int) -> None:
        """Note an answer, and the time it came."""
        self.at_ms, self.mono_ms = self.around.clock.now_ms(), self.around.clock.mono_ms()
        self.answered = True
        part.silences = part.retry_ms = 0
        part.decode(answer, data_at, self.out)

    async def tried(self, part: _Part, data_at: int) -> bool:
        """Ask for a part that may be refused; whether it was answered."""
        try:
            self.take(part, await self._ask(part.request), data_at)
        except RefusedError as refusal:
            self.refusal = refusal
            return False
        return True
