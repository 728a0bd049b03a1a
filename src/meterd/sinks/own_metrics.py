"""The daemon's own metrics: what it polled, what failed, how late it was, what waits.

The readers, queues and sinks keep their own counts, which only rise; they are handed in as
they are. Labels come from the configuration or from a fixed list, never from an error text
or an address, and every series exists from the start: their number is a function of the
configuration (`declare`). The only file that knows prometheus_client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from prometheus_client import CollectorRegistry, Histogram, Info, generate_latest
from prometheus_client import disable_created_metrics as without_created
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

REASONS: Final = (
    "timeout", "connect", "unreachable", "refused", "garbled", "wrong_unit", "wrong_function",
    "wrong_length", "foreign_tid", "other",
)  # fmt: skip
"""Why a poll failed, in a word; what a device said exactly is in the log and the events."""

_COMMIT_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class LinkFigures(msgspec.Struct, frozen=True):
    """How a connection has gone since the start. late_ms: behind its grid, at its last polls."""

    up: bool = False
    polls: int = 0
    failures: Mapping[str, int] = {}
    duration_sum_ms: int = 0
    late_ms: int = 0


class QueueFigures(msgspec.Struct, frozen=True):
    """What waits in a queue, and what it has dropped or replaced since the start."""

    depth: int = 0
    dropped: int = 0


class SinkFigures(msgspec.Struct, frozen=True):
    """Facts that a sink has yet to deliver, and whether it reaches its peer."""

    up: bool = False
    outbox: int = 0


class OwnMetrics(Collector):
    """A registry of its own, and what to show of each connection, queue and sink by name."""

    def __init__(self, version: str) -> None:
        without_created()  # type: ignore[no-untyped-call]
        self.links: dict[str, LinkFigures] = {}
        self.queues: dict[str, QueueFigures] = {}
        self.sinks: dict[str, SinkFigures] = {}
        self._registry = CollectorRegistry()
        build = Info("meterd_build", "The running program.", registry=self._registry)
        build.info({"version": version})
        self._commits = Histogram(
            "meterd_commit_duration_seconds",
            "Time a transaction took.",
            registry=self._registry,
            buckets=_COMMIT_S,
        )
        self._registry.register(self)

    def declare(
        self, connections: Iterable[str], queues: Iterable[str], sinks: Iterable[str]
    ) -> None:
        """Show these names, from zero where they are new, and no others."""
        self.links = {name: self.links.get(name, LinkFigures()) for name in connections}
        self.queues = {name: self.queues.get(name, QueueFigures()) for name in queues}
        self.sinks = {name: self.sinks.get(name, SinkFigures()) for name in sinks}

    def committed(self, took_s: float) -> None:
        """A transaction has been written."""
        self._commits.observe(took_s)

    def render(self, openmetrics: bool) -> bytes:
        """All of it as text; the OpenMetrics one without its `# EOF`."""
        if openmetrics:
            text: bytes = generate_openmetrics(self._registry)  # type: ignore[no-untyped-call]
            return text.removesuffix(b"# EOF\n")
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """What is shown now; called by the registry."""
        link = ["connection"]
        up = GaugeMetricFamily("meterd_connection_up", "Whether it can be used.", labels=link)
        late = GaugeMetricFamily(
            "meterd_poll_lateness_seconds", "Behind the grid at the last polls.", labels=link
        )
        polls = CounterMetricFamily("meterd_polls", "Polls of devices.", labels=link)
        failures = CounterMetricFamily(
            "meterd_poll_failures", "Polls that gave no reading.", labels=[*link, "reason"]
        )
        took = SummaryMetricFamily(
            "meterd_poll_duration_seconds", "Time that polls took.", labels=link
        )
        for name, figures in self.links.items():
            up.add_metric([name], figures.up)
            late.add_metric([name], figures.late_ms / 1000)
            polls.add_metric([name], figures.polls)
            for reason, count in _by_reason(figures.failures).items():
                failures.add_metric([name, reason], count)
            took.add_metric([name], figures.polls, figures.duration_sum_ms / 1000)
        yield from (up, late, polls, failures, took)
        yield from self._waiting()

    def _waiting(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("meterd_queue_depth", "What waits.", labels=["queue"])
        drops = CounterMetricFamily(
            "meterd_queue_drops", "Dropped, or replaced before it was sent.", labels=["queue"]
        )
        for name, queue in self.queues.items():
            depth.add_metric([name], queue.depth)
            drops.add_metric([name], queue.dropped)
        outbox = GaugeMetricFamily("meterd_outbox_depth", "Facts to deliver.", labels=["sink"])
        reached = GaugeMetricFamily("meterd_sink_up", "Whether it is reached.", labels=["sink"])
        for name, sink in self.sinks.items():
            outbox.add_metric([name], sink.outbox)
            reached.add_metric([name], sink.up)
        yield from (depth, drops, outbox, reached)


def _by_reason(failures: Mapping[str, Any]) -> dict[str, int]:
    """Failures under every reason of the list; those with another under `other`."""
    counts = dict.fromkeys(REASONS, 0)
    for reason, count in failures.items():
        counts[reason if reason in counts else "other"] += count
    return counts
