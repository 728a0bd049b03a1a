"""The daemon's own metrics: what it polled, what failed, how late it was, what waits.

The readers, queues and sinks keep their own counts, which only rise; they are handed in as
they are. Labels come from the configuration or from a fixed list, never from an error text
or an address, and every series exists from the start: their number is a function of the
configuration (`declare`). The only file that knows prometheus_client.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from prometheus_client import CollectorRegistry, Histogram, Info, generate_latest
from prometheus_client import disable_created_metrics as without_created
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from meterd.sinks.prometheus_families import Family
from meterd.sinks.prometheus_text import Lines, labelled, seconds, text

FAMILIES: Final = (
    Family("meterd_connection_up", "gauge", "Whether it can be used."),
    Family(
        "meterd_poll_lateness_seconds", "gauge", "Behind the grid at the last polls.", "seconds"
    ),
    Family("meterd_polls", "counter", "Polls of devices."),
    Family("meterd_poll_failures", "counter", "Polls that gave no reading."),
    Family("meterd_poll_duration_seconds", "summary", "Time that polls took.", "seconds"),
    Family(
        "meterd_connection_busy_seconds",
        "counter",
        "Time in which its line was not free.",
        "seconds",
    ),
    Family("meterd_queue_depth", "gauge", "What waits."),
    Family("meterd_queue_drops", "counter", "Dropped, or replaced before it was sent."),
    Family("meterd_outbox_depth", "gauge", "Facts to deliver."),
    Family("meterd_sink_up", "gauge", "Whether it is reached."),
    Family("meterd_http_refused", "counter", "What was too much of over HTTP, and not served."),
)
"""What there is of every connection, queue and sink; written as text by ourselves, because a
host may have hundreds of connections, and a scrape is not to be felt."""

REFUSALS: Final = ("connections", "questions", "tokens", "passwords")
"""What there can be too much of: at once, or wrong ones in a minute."""
REASONS: Final = (
    "timeout", "connect", "unreachable", "refused", "garbled", "wrong_unit", "wrong_function",
    "wrong_length", "foreign_tid", "wire_break", "over_range", "line_lost", "other",
)  # fmt: skip
"""Why a poll failed, in a word; what a device said exactly is in the log and the events."""

SERIES_MAX: Final = 20_000
"""Label texts remembered; a reload may bring other names."""

_LINK: Final = "connection"
_COMMIT_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class LinkFigures(msgspec.Struct, frozen=True):
    """How a connection has gone since the start. late_ms: behind its grid, at its last polls.
    busy_s: seconds in which its line was not free; None where requests do not take turns."""

    up: bool = False
    polls: int = 0
    failures: Mapping[str, int] = {}
    duration_sum_ms: int = 0
    late_ms: int = 0
    busy_s: float | None = None


class QueueFigures(msgspec.Struct, frozen=True):
    """What waits in a queue, and what it has dropped or replaced since the start."""

    depth: int = 0
    dropped: int = 0


class SinkFigures(msgspec.Struct, frozen=True):
    """Facts that a sink has yet to deliver, and whether it reaches its peer."""

    up: bool = False
    outbox: int = 0


class OwnMetrics:
    """A registry of its own, and what to show of each connection, queue and sink by name."""

    def __init__(self, version: str) -> None:
        without_created()  # type: ignore[no-untyped-call]
        self.links: dict[str, LinkFigures] = {}
        self.queues: dict[str, QueueFigures] = {}
        self.sinks: dict[str, SinkFigures] = {}
        self.refused: Mapping[str, int] = {}
        self._registry = CollectorRegistry()
        build = Info("meterd_build", "The running program.", registry=self._registry)
        build.info({"version": version})
        self._commits = Histogram(
            "meterd_commit_duration_seconds",
            "Time a transaction took.",
            registry=self._registry,
            buckets=_COMMIT_S,
        )

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
            head: bytes = generate_openmetrics(self._registry)  # type: ignore[no-untyped-call]
            head = head.removesuffix(b"# EOF\n")
        else:
            head = generate_latest(self._registry)
        return head + text(self._lines(), openmetrics, FAMILIES).encode()

    def _lines(self) -> Lines:
        lines: Lines = defaultdict(list)
        for name, link in self.links.items():
            _add_link(lines, name, link)
        for name, queue in self.queues.items():
            _add(lines, ("meterd_queue_depth", "", "queue"), name, queue.depth)
            _add(lines, ("meterd_queue_drops", "_total", "queue"), name, queue.dropped)
        for name, sink in self.sinks.items():
            _add(lines, ("meterd_outbox_depth", "", "sink"), name, sink.outbox)
            _add(lines, ("meterd_sink_up", "", "sink"), name, int(sink.up))
        for name in REFUSALS:
            count = self.refused.get(name, 0)
            _add(lines, ("meterd_http_refused", "_total", "reason"), name, count)
        return lines


def _add_link(lines: Lines, name: str, link: LinkFigures) -> None:
    took = "meterd_poll_duration_seconds"
    _add(lines, ("meterd_connection_up", "", _LINK), name, int(link.up))
    _add(lines, ("meterd_poll_lateness_seconds", "", _LINK), name, seconds(link.late_ms))
    _add(lines, ("meterd_polls", "_total", _LINK), name, link.polls)
    _add(lines, (took, "_count", _LINK), name, link.polls)
    _add(lines, (took, "_sum", _LINK), name, seconds(link.duration_sum_ms))
    if link.busy_s is not None:
        busy = ("meterd_connection_busy_seconds", "_total", _LINK)
        _add(lines, busy, name, f"{link.busy_s:.6f}")
    starts = _failures(name)
    counts = _by_reason(link.failures)
    lines["meterd_poll_failures"] += [f"{starts[reason]}{n}" for reason, n in counts.items()]


def _add(lines: Lines, series: tuple[str, str, str], name: str, value: str | int) -> None:
    """One line. series: (family, what its sample's name has besides, label)."""
    lines[series[0]].append(f"{_start(series, name)}{value}")


@lru_cache(maxsize=SERIES_MAX)
def _start(series: tuple[str, str, str], name: str) -> str:
    family, suffix, label = series
    return labelled(family + suffix, {label: name})


@lru_cache(maxsize=SERIES_MAX)
def _failures(name: str) -> dict[str, str]:
    """Reason -> the start of the line of a connection."""
    family = "meterd_poll_failures_total"
    return {reason: labelled(family, {_LINK: name, "reason": reason}) for reason in REASONS}


def _by_reason(failures: Mapping[str, Any]) -> dict[str, int]:
    """Failures under every reason of the list; those with another under `other`."""
    counts = dict.fromkeys(REASONS, 0)
    for reason, count in failures.items():
        counts[reason if reason in counts else "other"] += count
    return counts
