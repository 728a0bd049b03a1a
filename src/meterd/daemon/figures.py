"""What the daemon tells Prometheus of itself, gathered when it is asked and every few seconds.

Everything is in memory but the depth of an outbox, which the store is asked for now and then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from meterd.clock import Clock
from meterd.daemon.brokers import Brokers
from meterd.daemon.drive import Drive
from meterd.daemon.links import Links
from meterd.readers.line import LinkStats
from meterd.sinks.demandflow import DemandFlowSink
from meterd.sinks.mqtt import MqttSink
from meterd.sinks.own_metrics import LinkFigures, OwnMetrics, QueueFigures, SinkFigures
from meterd.sinks.prometheus import PrometheusSink
from meterd.sinks.sparkplug import SparkplugSink
from meterd.stores.sqlite import SqliteStore
from meterd.views import SiteView
from meterd.web.viewers import Viewers

LOOK_MS: Final = 5_000
"""How often the outboxes are looked into."""
INPUTS: Final = "inputs"


class Figures:
    """Feeds the daemon's own metrics. refused: what the web has, by what was too much."""

    def __init__(self, own: OwnMetrics, drive: Drive, links: Links, brokers: Brokers) -> None:
        self.prometheus = PrometheusSink(own, drive.pipeline.site)
        self._own = own
        self._drive = drive
        self._links = links
        self._brokers = brokers
        self._outboxes: dict[str, int] = {}
        self.refused: Callable[[], Mapping[str, int]] = dict
        drive.observe_commit = own.committed

    def exposition(self, now_ms: int, openmetrics: bool) -> bytes:
        """The page of metrics, as of now."""
        own = self._own
        told = (MqttSink, SparkplugSink, DemandFlowSink)
        sinks = {n: sink for n, sink in self._drive.sinks.items() if isinstance(sink, told)}
        own.links = {name: _link(stats) for name, stats in self._links.stats.items()}
        dropped = sum(stats.dropped for stats in self._links.stats.values())
        own.queues = {INPUTS: QueueFigures(self._drive.depth(), dropped)}
        own.queues |= {name: QueueFigures(0, sink.dropped) for name, sink in sinks.items()}
        if isinstance(viewers := self._drive.sinks.get(Viewers.name), Viewers):
            own.queues[Viewers.name] = QueueFigures(viewers.waiting, viewers.dropped)
        own.sinks = {
            name: SinkFigures(sink.connected, self._outboxes.get(name, 0))
            for name, sink in sinks.items()
        }
        own.refused = self.refused()
        self._tell_whole(self._drive.whole)
        return self.prometheus.exposition(now_ms, openmetrics)

    def _tell_whole(self, view: SiteView) -> None:
        """PUE where it is known, and what parents and children differ by."""
        known = ((one, one.ratio) for one in view.pue if one.ratio is not None)
        self.prometheus.tell_pue({(one.window, str(one.category)): n for one, n in known})
        balances = {one.meter: one.parent_j - one.children_j for one in view.balances}
        self.prometheus.tell_unaccounted(balances)

    async def watch(self, store: SqliteStore, clock: Clock) -> None:
        """Look into the outboxes, for ever."""
        while True:
            names = list(self._brokers.sinks)
            self._outboxes = {name: await store.outbox_depth(name) for name in names}
            await clock.sleep_until(clock.mono_ms() + LOOK_MS)


def _link(stats: LinkStats) -> LinkFigures:
    failures: dict[str, int] = {}
    for meter in stats.meters.values():
        for reason, count in meter.failures.items():
            failures[reason] = failures.get(reason, 0) + count
    meters = stats.meters.values()
    return LinkFigures(
        up=stats.up,
        polls=sum(meter.polls for meter in meters),
        failures=failures,
        duration_sum_ms=sum(meter.duration_sum_ms for meter in meters),
        late_ms=max((meter.late_ms for meter in meters), default=0),
        busy_s=stats.busy_s,
    )
