"""A conversation with any unit of a Modbus line: for whoever looks around and does not poll."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from meterd.readers.line import ReadFailed
from meterd.readers.modbus.frames import RefusedError, texts
from meterd.readers.modbus.turns import Ask, Transport

Place = tuple[str, int]
"""A word of a unit: table and address."""
NOT_THERE: Final = (2, 3)
"""Exceptions with which a unit says that it has not all the words."""


class Talk(NamedTuple):
    """Asks, one request at a time; `close` lets go of the line.

    Both methods raise RefusedError for an exception and ReadFailed for no answer.
    """

    ask: Ask
    transport: Transport
    close: Callable[[], None]

    async def words(self, unit: int, table: str, address: int, count: int) -> tuple[int, ...]:
        """So many words of a register table."""
        answer = await self.ask(self.transport.encode(unit, table, address, count))
        return struct.unpack_from(f">{count}H", answer, self.transport.data_at)

    async def identity(self, unit: int) -> tuple[str, ...]:
        """Maker, product and revision, as far as the unit tells them."""
        answer = await self.ask(self.transport.identify(unit))
        return texts(answer[self.transport.data_at - 2 : len(answer) - self.transport.after])


async def snapshot(
    talk: Talk, unit: int, wanted: Collection[Place], limit: int
) -> Mapping[Place, int]:
    """Those of the words that the unit has. limit: words of one request.

    What is refused is asked for in halves. A table that the unit does not know, or is silent
    about where it answered before, is left out; ReadFailed if it answers nothing at all.
    """
    found: dict[Place, int] = {}
    failure: ReadFailed | None = None
    for table in sorted({table for table, _address in wanted}):
        addresses = sorted(address for name, address in wanted if name == table)
        todo = _runs(addresses, limit)
        while todo:
            first, count = todo.pop()
            try:
                words = await talk.words(unit, table, first, count)
            except RefusedError as refusal:
                if refusal.code not in NOT_THERE:
                    break
                half = count // 2
                todo += [(first + half, count - half), (first, half)] if half else []
                continue
            except ReadFailed as error:
                failure = error
                break
            found |= {(table, first + n): word for n, word in enumerate(words)}
    if failure is not None and (not found or failure.link_down):
        raise failure
    return found


def _runs(addresses: list[int], limit: int) -> list[tuple[int, int]]:
    """(first, count) of words that follow each other, the last first; none longer than limit."""
    runs: list[tuple[int, int]] = []
    for address in addresses:
        if runs and address == sum(runs[-1]) and runs[-1][1] < limit:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((address, 1))
    return runs[::-1]
