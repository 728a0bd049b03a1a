"""What the daemon tells of itself: links, the queue, the outboxes, the commits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as families
from tests.daemon.config import loaded, written
from tests.daemon.house import NOON_MS, Clock, reading

from meterd.daemon.daemon import Daemon
from meterd.daemon.figures import LOOK_MS
from meterd.daemon.supervise import end
from meterd.daemon.world import World
from meterd.events import Event
from meterd.readers.line import DeviceStats, LinkStats
from meterd.sinks.mqtt import MqttOptions, MqttSink
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore


def page(daemon: Daemon) -> dict[tuple[str, ...], float]:
    """(name, label values...) -> value."""
    text = daemon.figures.exposition(NOON_MS, False).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(text)
        for sample in family.samples
    }


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """One that stands still."""
    store = SqliteStore.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
    yield Daemon(loaded(tmp_path, written()), store, Clock(), {})
    store.close()


async def test_a_links_figures_are_those_of_its_meters_together(daemon: Daemon) -> None:
    daemon.links.stats["hall"] = LinkStats(
        "hall",
        meters={
            "a": DeviceStats(polls=3, failures={"timeout": 1}, duration_sum_ms=500, late_ms=20),
            "b": DeviceStats(polls=4, failures={"timeout": 2}, duration_sum_ms=250, late_ms=70),
        },
    )
    daemon.links.stats["roof"] = LinkStats("roof", up=False, dropped=5, busy_s=1.25)
    seen = page(daemon)
    assert seen["meterd_polls_total", "hall"] == 7
    assert seen["meterd_poll_failures_total", "hall", "timeout"] == 3
    assert seen["meterd_poll_failures_total", "hall", "refused"] == 0
    assert seen["meterd_poll_duration_seconds_sum", "hall"] == 0.75
    assert seen["meterd_poll_lateness_seconds", "hall"] == 0.07
    assert (seen["meterd_connection_up", "hall"], seen["meterd_connection_up", "roof"]) == (1, 0)
    assert seen["meterd_polls_total", "roof"] == 0
    assert seen["meterd_connection_busy_seconds_total", "roof"] == 1.25
    assert ("meterd_connection_busy_seconds_total", "hall") not in seen
    assert seen["meterd_queue_drops_total", "inputs"] == 5
    del daemon.links.stats["hall"]
    assert ("meterd_polls_total", "hall") not in page(daemon)


async def test_what_waits_in_the_queue_and_what_was_committed(daemon: Daemon) -> None:
    for n in range(3):
        daemon.drive.emit(reading(n, n))
    assert page(daemon)["meterd_queue_depth", "inputs"] == 3
    daemon.drive.stop()
    await daemon.drive.run()
    seen = page(daemon)
    assert seen["meterd_queue_depth", "inputs"] == 0
    assert seen[("meterd_commit_duration_seconds_count",)] == 1


async def test_an_outbox_is_looked_into_now_and_then(daemon: Daemon) -> None:
    store, clock = daemon._store, Clock()
    options = MqttOptions(url="mqtt://127.0.0.1:1", site="hq", name="far")
    sink = MqttSink(options, store, clock, store.seed_columns)
    daemon.brokers.sinks["far"] = sink
    daemon.drive.attach(sink, 0)
    event = Event("e1", NOON_MS, "spike", "main")
    facts = sink.facts([event], 1, store.epoch)
    assert page(daemon)["meterd_outbox_depth", "far"] == 0
    store.commit_now(Batch([event], [], {"far": facts}, NOON_MS))
    watching = asyncio.create_task(daemon.figures.watch(store, clock))
    while len(clock.naps) < 2:  # noqa: ASYNC110  # the clock counts
        await asyncio.sleep(0)
    await end(watching)
    assert set(clock.naps) == {LOOK_MS}
    seen = page(daemon)
    assert seen["meterd_outbox_depth", "far"] == 1
    assert seen["meterd_sink_up", "far"] == 0


async def test_a_lines_share_of_the_time_is_what_it_was_not_free_for(daemon: Daemon) -> None:
    clock = Clock()
    stats = daemon.links.stats
    stats["hall"] = LinkStats("hall", busy_s=5.0, since_ms=clock.mono_ms() - 20_000)
    stats["new"] = LinkStats("new", busy_s=0.0, since_ms=clock.mono_ms())
    stats["pdus"] = LinkStats("pdus")
    lines = World(daemon, daemon._store, clock).lines
    assert [line.busy_share for line in lines] == [0.25, None, None]
