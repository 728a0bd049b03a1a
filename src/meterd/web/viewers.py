"""Those who watch what is committed: one bounded queue each, filled without ever waiting.

A frame is written once for all of them, and not at all while nobody looks. A viewer whose
queue is full is let go and counted; its browser comes back by itself and is then shown how
everything stands, so nobody works through a backlog of values that are old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec

from meterd import shapes
from meterd.events import Event, Output
from meterd.metering.calendar import iso
from meterd.metering.powermeter import CONSUMPTION, READINGS
from meterd.views import BillView, MeterView

VIEWERS_MAX: Final = 256
FRAMES_MAX: Final = 32
"""Commits that wait for one viewer: some ten seconds of a busy site."""

LIVE: Final = (*READINGS, *CONSUMPTION)
encode: Final = msgspec.json.Encoder(decimal_format="string").encode

Queue = asyncio.Queue[bytes | None]
"""Frames of server-sent events; None is the last."""


class Part(NamedTuple):
    """What a viewer may see who may not see everything: these meters and bills, no events."""

    meters: frozenset[str]
    bills: frozenset[str]


class Viewers:
    """All of them. dropped: viewers that were let go because they were slow."""

    name = "viewers"

    def __init__(self) -> None:
        self.dropped = 0
        self._queues: dict[Queue, Part | None] = {}

    @property
    def waiting(self) -> int:
        """Frames that are not taken yet, of all viewers."""
        return sum(queue.qsize() for queue in self._queues)

    @property
    def full(self) -> bool:
        """Whether there is no room for one more."""
        return len(self._queues) >= VIEWERS_MAX

    def join(self, part: Part | None = None) -> Queue:
        """A queue that is filled from now on; with a part only, if that is all it may see."""
        queue: Queue = asyncio.Queue(FRAMES_MAX + 1)  # and room for the last
        self._queues[queue] = part
        return queue

    def leave(self, queue: Queue) -> None:
        """Fill it no more."""
        self._queues.pop(queue, None)

    def dismiss(self) -> None:
        """Let everybody go: the daemon stops."""
        for queue in self._queues:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(None)
        self._queues.clear()

    # -- as a sink --------------------------------------------------------------------

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Any]:
        """Nothing that must arrive."""
        return []

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """What was committed, to everybody who has room for it."""
        events = [item for item in outputs if isinstance(item, Event)]
        frames: dict[Part | None, bytes] = {}
        for queue, part in list(self._queues.items()):
            if part not in frames:
                seen = (meters, bills, events) if part is None else _of(part, meters, bills)
                frames[part] = frame(*seen)
            if frames[part]:
                self._put(queue, frames[part])

    def _put(self, queue: Queue, told: bytes) -> None:
        if queue.qsize() < FRAMES_MAX:
            queue.put_nowait(told)
        else:
            self.dropped += 1
            self.leave(queue)
            queue.put_nowait(None)

    async def run(self) -> None:
        """Nothing to do: every viewer has a request of its own."""

    async def close(self) -> None:
        """As `dismiss`."""
        self.dismiss()


def _of(
    part: Part, meters: Sequence[MeterView], bills: Sequence[BillView]
) -> tuple[list[MeterView], list[BillView]]:
    return (
        [view for view in meters if view.meter in part.meters],
        [view for view in bills if view.bill in part.bills],
    )


def frame(
    meters: Iterable[MeterView], bills: Iterable[BillView], events: Iterable[Event] = ()
) -> bytes:
    """Server-sent events: `meter`, `bill` and `event`, each with an object of JSON.

    An `event` has its id, so that whoever comes back can say which was the last.
    """
    parts = [_event(b"meter", _meter(view)) for view in meters]
    parts += [_event(b"bill", view.body) for view in bills]
    parts += [_event(b"event", body, body["id"]) for body in map(shapes.event, events)]
    return b"".join(parts)


def _event(name: bytes, body: Any, id_: str = "") -> bytes:
    known = b"id: %b\n" % id_.encode() if id_ else b""
    return b"event: %b\ndata: %b\n%b\n" % (name, encode(body), known)


def _meter(view: MeterView) -> dict[str, Any]:
    """What changes of a meter from reading to reading, by the names of `/v1/meters/{name}`."""
    return {
        "name": view.meter,
        "time": None if view.at_ms is None else iso(view.at_ms),
        "availability": "online" if view.online else "offline",
        "quality": None if view.at_ms is None else view.quality,
        "alarms": shapes.alarms(view),
        "quantities": view.quantities,
        **{name: view.fields.get(name) for name in LIVE},
    }
