"""One BACnet device: what it says of its objects, learned, and a reading of them.

With the first reading, after a silence and once an hour it is asked what its values mean
(units, an accumulator's largest value); with every reading for the values, their health and
an accumulator's scale, in the same request.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import structlog

from meterd.config.bacnet import BacnetDevice, BacnetPoint
from meterd.config.bacnet_names import object_name
from meterd.events import Reading
from meterd.metering.dial import Dial
from meterd.readers.bacnet_ip import meaning
from meterd.readers.bacnet_ip.conversation import Ask, Conversation
from meterd.readers.bacnet_ip.meaning import Conversion
from meterd.readers.bacnet_ip.presets import Presets
from meterd.readers.bacnet_ip.refusals import UNKNOWN
from meterd.readers.bacnet_ip.services import Answers, Item, Refusal
from meterd.readers.line import ReadFailed, Surroundings
from meterd.units import REGISTERS, TEXTS

log = structlog.get_logger()

LEARN_AGAIN_MS: Final = 3_600_000
UNKNOWN_RETRY_MS: Final = 60_000
"""A point that its device does not have is asked for again once a minute."""

Key = tuple[tuple[int, int], int]
"""(object, property)."""


class _Values(NamedTuple):
    """What one reading has, by quantity."""

    registers: dict[str, int]
    gauges: dict[str, float]
    texts: dict[str, str]
    dials: dict[str, Dial]


class DeviceReader:
    """Reads one device, whatever carries the requests. registers: its own counters."""

    def __init__(
        self, device: BacnetDevice, registers: Collection[str], around: Surroundings
    ) -> None:
        self._device = device
        self._around = around
        self._registers = frozenset(registers) | REGISTERS.keys()
        self._values = {(point.oid, point.number) for point in device.points}
        self._conversation = Conversation()
        self._presets = Presets(device, around)
        self._facts: Answers = {}
        self._learned_ms: int | None = None
        self._rests: dict[Key, int] = {}
        self._conversions: dict[str, tuple[object, Conversion | None]] = {}

    def forget(self) -> None:
        """What was learned is learned again with the next reading."""
        self._learned_ms = None

    async def read(self, ask: Ask) -> Reading:
        """One reading; its time is that of the last answer. ReadFailed when there is none."""
        mono_ms = self._around.clock.mono_ms()
        learns = self._learned_ms is None or mono_ms - self._learned_ms > LEARN_AGAIN_MS
        if learns:
            self._begin_learning()
        try:
            answers = await self._conversation.read(self._items(mono_ms, learns=learns), ask)
        except ReadFailed:
            self.forget()
            raise
        self._rest(answers, mono_ms)
        if learns:
            self._facts = answers
            self._learned_ms = mono_ms
        answers = self._facts | answers
        self._expect_something(answers)
        reading = self._reading(answers)
        await self._presets.look(answers, reading, ask, self.converted)
        return reading

    def _begin_learning(self) -> None:
        if self._learned_ms is not None:
            self._conversation = Conversation()
        self._facts, self._rests, self._conversions = {}, {}, {}

    def _items(self, mono_ms: int, *, learns: bool) -> list[Item]:
        """What is asked for this time."""
        wanted = [Item(point.oid, meaning.in_a_cycle(point)) for point in self._device.points]
        if learns:
            wanted += [Item(point.oid, meaning.once(point)) for point in self._device.points]
        due = [
            Item(oid, tuple(n for n in numbers if self._rests.get((oid, n), 0) <= mono_ms))
            for oid, numbers in meaning.merged(wanted)
        ]
        return [item for item in due if item.properties]

    def _rest(self, answers: Answers, mono_ms: int) -> None:
        """Do not ask every time for what the device does not have."""
        for key, given in answers.items():
            if isinstance(given, Refusal) and given.code in UNKNOWN:
                later_ms = UNKNOWN_RETRY_MS if key in self._values else LEARN_AGAIN_MS
                self._rests[key] = mono_ms + later_ms

    def _expect_something(self, answers: Answers) -> None:
        """A device that has none of the points is not the one that was meant."""
        given = [answers.get(key) for key in self._values]
        if all(
            isinstance(one, Refusal) or key in self._rests
            for key, one in zip(self._values, given, strict=True)
        ):
            names = ", ".join(object_name(oid) for oid, _number in sorted(self._values))
            raise ReadFailed("refused", f"{self._device.address} has none of {names}")

    # -- a reading ------------------------------------------------------------------------

    def _reading(self, answers: Answers) -> Reading:
        read = _Values({}, {}, {}, {})
        for point in self._device.points:
            raw = meaning.value(point, answers)
            if isinstance(raw, str) and point.quantity in TEXTS:
                read.texts[point.quantity] = raw
            elif isinstance(raw, int | float):
                self._put(point, raw, self._conversion(point, answers), read)
        known = read.registers.keys() | read.gauges.keys() | read.texts.keys()
        clock = self._around.clock
        return Reading(
            meter=self._device.meter,
            at_ms=clock.now_ms(),
            registers=read.registers,
            gauges=read.gauges,
            missing=tuple(p.quantity for p in self._device.points if p.quantity not in known),
            serial=read.texts.pop("serial_number", None),
            uptime_s=read.gauges.pop("uptime", None),
            boot=clock.boot,
            mono_ms=clock.mono_ms(),
            texts=read.texts,
            dials=read.dials,
        )

    def _put(
        self, point: BacnetPoint, raw: int | float, conversion: Conversion | None, read: _Values
    ) -> None:
        """A raw number where it belongs, if it is worth anything."""
        value = None if conversion is None else conversion.line(raw)
        if conversion is None or value is None:
            return
        if point.quantity not in self._registers:
            read.gauges[point.quantity] = value
            return
        read.registers[point.quantity] = int(value)
        if conversion.dial is not None:
            read.dials[point.quantity] = conversion.dial

    def _conversion(self, point: BacnetPoint, answers: Answers) -> Conversion | None:
        """How a point's raw number becomes a value; made again when its scale changes."""
        scale = answers.get((point.oid, meaning.SCALE))
        known = self._conversions.get(point.quantity)
        if known is not None and known[0] == scale:
            return known[1]
        register = point.quantity in self._registers
        made = meaning.conversion(point, answers, register=register)
        if made is None:
            log.warning(
                "A BACnet object's own unit or scale cannot be used.",
                meter=self._device.meter,
                quantity=point.quantity,
                object=object_name(point.oid),
                units=answers.get((point.oid, meaning.UNITS_OF)),
                remedy="Write unit: (and scale:) on the point.",
            )
        elif known is not None:
            log.warning(
                "A BACnet object's scale changed.",
                meter=self._device.meter,
                quantity=point.quantity,
            )
        self._conversions[point.quantity] = (scale, made)
        return made

    def converted(self, quantity: str, raw: int | float) -> int | float | None:
        """A raw number that was logged, as the last reading would have it."""
        known = self._conversions.get(quantity)
        return None if known is None or known[1] is None else known[1].line(raw)
