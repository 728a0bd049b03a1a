"""An accumulator that somebody sets: what it showed before, and what it was set to.

`value-change-time` moves when it is written; `value-before-change` and `value-set` are then
the exact end of the old count and the beginning of the new. They become an order of a
replacement, so the law books both parts and guesses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from meterd.config.bacnet import BacnetDevice, BacnetPoint
from meterd.config.bacnet_names import object_name
from meterd.events import Reading
from meterd.orders import ReplacementOrdered
from meterd.readers.bacnet_ip import services
from meterd.readers.bacnet_ip.conversation import Ask
from meterd.readers.bacnet_ip.meaning import (
    VALUE_BEFORE_CHANGE,
    VALUE_CHANGE_TIME,
    VALUE_SET,
    is_accumulated,
    number_of,
)
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.services import Answers, Given, Refusal
from meterd.readers.bacnet_ip.tags import GarbageError
from meterd.readers.line import ReadFailed, Surroundings

Convert = Callable[[str, int | float], int | float | None]
"""A quantity's raw number as an amount in base units."""


class Presets:
    """The accumulators of one device, and when each was last set."""

    def __init__(self, device: BacnetDevice, around: Surroundings) -> None:
        self._meter = device.meter
        self._points = [point for point in device.points if is_accumulated(point)]
        self._around = around
        self._changed: dict[str, Given] = {}
        self._last: dict[str, tuple[int, int]] = {}

    async def look(self, answers: Answers, reading: Reading, ask: Ask, convert: Convert) -> None:
        """Tell of every accumulator that was set since the last reading, before this one is."""
        for point in self._points:
            quantity = point.quantity
            changed = answers.get((point.oid, VALUE_CHANGE_TIME))
            amount = reading.registers.get(quantity)
            if amount is None:
                continue
            before = self._changed.get(quantity)
            last = self._last.get(quantity)
            self._last[quantity] = (reading.at_ms, amount)
            if changed is None or isinstance(changed, Refusal):
                continue
            self._changed[quantity] = changed
            if before is not None and before != changed and last is not None:
                ends = [
                    await _amount(point, number, ask, convert)
                    for number in (VALUE_BEFORE_CHANGE, VALUE_SET)
                ]
                self._tell(point, last, (reading.at_ms, amount), (ends[0], ends[1]))

    def _tell(
        self,
        point: BacnetPoint,
        last: tuple[int, int],
        now: tuple[int, int],
        ends: tuple[int | None, int | None],
    ) -> None:
        """The order, at the instant that splits the time as the use is split."""
        final, initial = ends
        if final is None or final < last[1] or (initial is not None and initial > now[1]):
            return  # it does not fit what was read: the law decides alone
        tail, head = final - last[1], 0 if initial is None else now[1] - initial
        share_ms = (now[0] - last[0]) * tail // (tail + head) if tail + head else 0
        order = ReplacementOrdered(
            meter=self._meter,
            at_ms=last[0] + share_ms,
            actor=f"value-set of {object_name(point.oid)}",
            quantity=point.quantity,
            old_final=final,
            new_initial=initial,
        )
        with suppress(asyncio.QueueFull):  # then, too, the law decides alone
            self._around.order(order)


async def _amount(point: BacnetPoint, number: int, ask: Ask, convert: Convert) -> int | None:
    """One of the two ends, in base units; None where the device does not tell."""
    request = services.read_property(point.oid, number)
    with suppress(RefusedError, ReadFailed, GarbageError):
        given = services.property_read(await ask(services.READ_PROPERTY, request))
        raw = number_of(given)
        value = None if raw is None else convert(point.quantity, raw)
        return None if value is None else int(value)
    return None
