"""One SNMP agent: what is asked of it, and what was learned about it.

An answer of tooBig makes all later requests smaller. An object that a whole request fails
for is left out: noSuchName for a minute, any other error for this cycle. What an answer
leaves out is asked for once more. A request that is silent where others are answered is
split. Rows are looked up by their text, once and after every restart, and each answer must
show the row's text beside its values. What is learned lasts until the agent restarts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable
from typing import Final

from meterd.clock import Clock
from meterd.events import Reading
from meterd.readers.line import LinkStats, ReadFailed, tally
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.batches import VARBINDS_MAX, Batch, batches, halves
from meterd.readers.snmp.ber import oid
from meterd.readers.snmp.cycle import Cycle, RestartedError, shows
from meterd.readers.snmp.meter import Meter, Place
from meterd.readers.snmp.pdu import Pdu
from meterd.readers.snmp.rows import RowKey, Table, Walker, index_of
from meterd.readers.snmp.session import Session
from meterd.readers.snmp.uptime import Uptime
from meterd.readers.snmp.values import UNSIGNED32, raw_number

SYS_UP_TIME: Final = oid("1.3.6.1.2.1.1.3.0")
REFUSED_RETRY_MS: Final = 60_000
SILENCES_MAX: Final = 2
"""Silent requests in one cycle, before it ends with what it has."""
REQUESTS_MAX: Final = 200
"""Of one cycle, whatever an agent answers."""
PLANS_MAX: Final = 64
"""Plans and encoded requests that are remembered of one agent."""
_LASTING: Final = frozenset({pdus.NO_SUCH_NAME, 6, 16})  # noAccess, authorizationError


class Agent:
    """Reads the meters of one agent, one at a time."""

    def __init__(self, session: Session, bulk: bool, clock: Clock, stats: LinkStats) -> None:
        self.lock = asyncio.Lock()
        self._session = session
        self._walker = Walker(session, bulk)
        self._clock = clock
        self._stats = stats
        self._suspect = False
        self._uptime = Uptime()
        self._boots: tuple[int, int] | None = None
        self._limit = VARBINDS_MAX
        self._refused: dict[bytes, int] = {}
        self._tables: dict[bytes, Table] = {}
        self._tags: dict[bytes, int] = {}
        self._plans: dict[tuple[Batch, int, bool], list[Batch]] = {}
        self._encoded: dict[Batch, tuple[bytes, pdus.Shape]] = {}

    async def read(self, meter: Meter) -> Reading:
        """One reading of one meter; ReadFailed if there is none."""
        async with self.lock:
            for last in (False, True):  # again if it restarted, or its rows have moved
                with contextlib.suppress(RestartedError):
                    cycle = Cycle(rows=bool(meter.rows))
                    places, cells = await self._located(meter, cycle)
                    await self._get(cycle, [*cells, *(place.oid for place in places)])
                    unproven = self._unproven(meter, cycle, cells)
                    if last or not unproven:
                        places = [place for place in places if place.oid not in unproven]
                        return meter.reading(cycle, places, self._tags, self._clock.boot)
        raise ReadFailed("restarting", f"{self._session.place}: it restarts again and again")

    # -- rows -------------------------------------------------------------------------------

    async def _located(self, meter: Meter, cycle: Cycle) -> tuple[list[Place], dict[bytes, RowKey]]:
        """Where the values are now, and the cells that prove it."""
        places, cells = list(meter.places), dict[bytes, RowKey]()
        for key, columns in meter.rows.items():
            index = await self._index(key, cycle)
            if index is not None:
                cells[key.column + index] = key
                places += [place._replace(oid=place.oid + index) for place in columns]
        return places, cells

    def _unproven(self, meter: Meter, cycle: Cycle, cells: dict[bytes, RowKey]) -> set[bytes]:
        """The objects of rows whose cell does not show their text; those tables are forgotten."""
        found = set[bytes]()
        for cell, key in cells.items():
            if not shows(cycle, cell, key):
                tally(self._stats.faults, "row_moved")
                self._tables.pop(key.column, None)
                index = cell[len(key.column) :]
                found |= {place.oid + index for place in meter.rows[key]}
        return found

    async def _index(self, key: RowKey, cycle: Cycle) -> bytes | None:
        table = self._tables.get(key.column)
        if table is not None:
            index = index_of(table, key.text)
            if index is not None or self._clock.mono_ms() < table.until_ms:
                return index
        if cycle.ticks is None:
            await self._get(cycle, [])  # what is walked must be newer than this
        try:
            table = await self._walker.walk(key.column, self._clock.mono_ms())
        except ReadFailed as failure:
            if failure.reason != "timeout" or not cycle.answered:
                raise
            tally(self._stats.faults, "silent_walk")
            return None
        self._tables[key.column] = table
        index = index_of(table, key.text)
        if index is None:
            tally(self._stats.faults, "row_twice" if key.text in table.indexes else "row_missing")
        return index

    # -- objects ----------------------------------------------------------------------------

    async def _get(self, cycle: Cycle, objects: list[bytes]) -> None:
        """Ask until all has a value or is known to have none."""
        queue = self._plan(cycle, objects)
        if self._suspect:
            queue.appendleft((SYS_UP_TIME,))  # is it dead, or can it not carry so much?
        while queue and cycle.requests < REQUESTS_MAX:
            batch = self._open(cycle, queue.popleft())
            if not batch:
                continue
            cycle.requests += 1
            try:
                bindings, shape = self._asking(batch)
                answer = await self._session.ask(pdus.GET, bindings, shape=shape)
            except ReadFailed as failure:
                self._silent(cycle, batch, failure)
                queue = self._plan(cycle, objects)
                continue
            self._suspect = False
            self._note(cycle, answer)
            if answer.error == pdus.NO_ERROR:
                queue.extendleft(self._take(cycle, batch, answer))
            elif answer.error == pdus.TOO_BIG and len(batch) > 1:
                self._limit = min(self._limit, len(batch) // 2)
                queue = self._plan(cycle, objects)
            else:
                queue.extendleft(self._failed(cycle, batch, answer))

    def _plan(self, cycle: Cycle, objects: Iterable[bytes]) -> deque[Batch]:
        """The requests for what has not been read yet."""
        if cycle.silences >= SILENCES_MAX:
            return deque()
        wanted = [one for one in objects if one not in cycle.values]
        if not wanted and cycle.answered:
            return deque()
        key = (tuple(wanted), self._limit, cycle.rows)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= PLANS_MAX:
                self._plans.clear()
            found = self._plans[key] = batches(SYS_UP_TIME, wanted, self._limit, cycle.rows)
        return deque(found)

    def _asking(self, batch: Batch) -> tuple[bytes, pdus.Shape]:
        """A request's encoded objects, and the shape of its answer: nearly always the same."""
        found = self._encoded.get(batch)
        if found is None:
            if len(self._encoded) >= PLANS_MAX:
                self._encoded.clear()
            found = self._encoded[batch] = pdus.asking(batch), pdus.shape_of(batch)
        return found

    def _open(self, cycle: Cycle, batch: Batch) -> Batch:
        """What of a batch is worth asking now; nothing if only sysUpTime is left."""
        if not cycle.left_out and not self._refused:
            return batch
        now_ms = self._clock.mono_ms()
        left = tuple(
            one
            for one in batch
            if one not in cycle.left_out and self._refused.get(one, 0) <= now_ms
        )
        return () if left == (SYS_UP_TIME,) != batch else left

    def _silent(self, cycle: Cycle, batch: Batch, failure: ReadFailed) -> None:
        """Ask for less, if the agent has answered before; else it is dead: ReadFailed."""
        if failure.reason != "timeout" or not cycle.answered:
            self._suspect = True
            raise failure
        cycle.silences += 1
        tally(self._stats.faults, "silent_part")
        self._limit = max(1, min(self._limit, len(batch) // 2))

    def _note(self, cycle: Cycle, answer: Pdu) -> None:
        """The time of an answer, and whether the agent is still the same."""
        cycle.at_ms, cycle.mono_ms = self._clock.now_ms(), self._clock.mono_ms()
        boots, self._boots = self._boots, self._session.boots
        restarted = boots not in {None, self._boots}
        for one in answer.varbinds:
            if one.oid == SYS_UP_TIME and one.tag in UNSIGNED32:
                ticks = raw_number(one.tag, one.content)
                if isinstance(ticks, int):
                    cycle.ticks = ticks
                    restarted |= self._uptime.restarted(ticks, cycle.mono_ms)
                break
        before, cycle.answered = cycle.answered, True
        if restarted:
            tally(self._stats.faults, "restarted")
            self._forget()
            if before or cycle.rows:
                raise RestartedError

    def _forget(self) -> None:
        self._limit = VARBINDS_MAX
        self._refused.clear()
        self._tables.clear()
        self._tags.clear()

    def _take(self, cycle: Cycle, batch: Batch, answer: Pdu) -> list[Batch]:
        """Keep the values of what was asked; what is left to ask, once."""
        if [oid for oid, _, _ in answer.varbinds] == list(batch):
            cycle.values.update(zip(batch, answer.varbinds, strict=True))
            return []
        asked, values = set(batch), cycle.values
        for one in answer.varbinds:
            if one.oid in asked:
                asked.remove(one.oid)
                values[one.oid] = one
            elif one.oid in values and values[one.oid] != one and one.oid in batch:
                values[one.oid] = None
        again = tuple(one for one in batch if one in asked and one not in cycle.asked_again)
        cycle.asked_again |= asked
        cycle.left_out |= asked - set(again)
        return [again] if again else []

    def _failed(self, cycle: Cycle, batch: Batch, answer: Pdu) -> list[Batch]:
        """Leave the object out that the request failed for, and ask for the others."""
        tally(self._stats.faults, pdus.ERRORS.get(answer.error, "error"))
        if len(batch) == 1 or 1 <= answer.failed <= len(batch):
            bad = batch[answer.failed - 1 if len(batch) > 1 else 0]
            cycle.left_out.add(bad)
            if answer.error in _LASTING:
                self._refused[bad] = cycle.mono_ms + REFUSED_RETRY_MS
            return [tuple(one for one in batch if one != bad)]
        return halves(batch)
