"""Messages that meters publish at our brokers, on their way into the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import structlog

from meterd.clock import Clock
from meterd.daemon.drive import Drive
from meterd.shapes.entries import EntryError
from meterd.shapes.messages import Wanted, heard
from meterd.specs import MeterSpec, SiteSpec

log = structlog.get_logger()


class Hearing:
    """dropped: readings that a full queue did not take."""

    def __init__(self, drive: Drive, clock: Clock) -> None:
        self.dropped = 0
        self._drive = drive
        self._clock = clock
        self._wanted: Mapping[str, tuple[Wanted, ...]] = {}
        self._specs: dict[str, MeterSpec] = {}
        self._odd: set[str] = set()

    def become(self, wanted: Mapping[str, tuple[Wanted, ...]], site: SiteSpec) -> Collection[str]:
        """Make readings of these from now on; the topics to listen to."""
        self._wanted = wanted
        self._specs = {spec.name: spec for spec in site.meters}
        self._odd &= wanted.keys()
        return wanted.keys()

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a message. One that holds nothing is said once until one does."""
        try:
            found = heard(self._wanted.get(topic, ()), payload, self._specs, self._clock.now_ms())
        except EntryError as error:
            if topic not in self._odd:
                self._odd.add(topic)
                log.warning("An MQTT message holds no reading.", topic=topic, why=str(error))
            return
        self._odd.discard(topic)
        for reading in found:
            try:
                self._drive.emit(reading)
            except asyncio.QueueFull:
                self.dropped += 1
