"""What the daemon tells of itself: links, the queue, the outboxes, the commits."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client.parser import text_string_to_metric_families as families
from tests.daemon.house import NOON_MS, Clock, House, reading

from meterd.daemon.brokers import Brokers
from meterd.daemon.figures import LOOK_MS, Figures
from meterd.daemon.links import Links
from meterd.daemon.supervise import end
from meterd.events import Event
from meterd.readers.line import DeviceStats, LinkStats
from meterd.sinks.mqtt import MqttOptions, MqttSink
from meterd.sinks.own_metrics import OwnMetrics
from meterd.stores import Batch


def page(figures: Figures) -> dict[tuple[str, ...], float]:
    """(name, label values...) -> value."""
    text = figures.exposition(NOON_MS, False).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(text)
        for sample in family.samples
    }


class Place:
    """A house with figures."""

    def __init__(self) -> None:
        self.house = House()
        drive = self.house.drive
        self.links = Links(drive.emit, self.house.clock)
        self.brokers = Brokers(drive, self.house.ledger.store, self.house.clock)
        self.figures = Figures(OwnMetrics("0.1.0"), drive, self.links, self.brokers)


async def test_a_links_figures_are_those_of_its_meters_together() -> None:
    place = Place()
    place.links.stats["hall"] = LinkStats(
        "hall",
        meters={
            "a": DeviceStats(polls=3, failures={"timeout": 1}, duration_sum_ms=500, late_ms=20),
            "b": DeviceStats(polls=4, failures={"timeout": 2}, duration_sum_ms=250, late_ms=70),
        },
    )
    place.links.stats["roof"] = LinkStats("roof", up=False, dropped=5)
    seen = page(place.figures)
    assert seen["meterd_polls_total", "hall"] == 7
    assert seen["meterd_poll_failures_total", "hall", "timeout"] == 3
    assert seen["meterd_poll_failures_total", "hall", "refused"] == 0
    assert seen["meterd_poll_duration_seconds_sum", "hall"] == 0.75
    assert seen["meterd_poll_lateness_seconds", "hall"] == 0.07
    assert (seen["meterd_connection_up", "hall"], seen["meterd_connection_up", "roof"]) == (1, 0)
    assert seen["meterd_polls_total", "roof"] == 0
    assert seen["meterd_queue_drops_total", "inputs"] == 5
    del place.links.stats["hall"]
    assert ("meterd_polls_total", "hall") not in page(place.figures)


async def test_what_waits_in_the_queue_and_what_was_committed() -> None:
    place = Place()
    for n in range(3):
        place.house.drive.emit(reading(n, n))
    assert page(place.figures)["meterd_queue_depth", "inputs"] == 3
    await place.house.work()
    seen = page(place.figures)
    assert seen["meterd_queue_depth", "inputs"] == 0
    assert seen[("meterd_commit_duration_seconds_count",)] == 1


async def test_an_outbox_is_looked_into_now_and_then() -> None:
    place = Place()
    store, clock = place.house.ledger.store, Clock()

    def columns(_row: Any) -> dict[str, Any]:
        raise AssertionError("no record here")

    sink = MqttSink(MqttOptions(url="mqtt://127.0.0.1:1", site="hq"), store, clock, columns)
    place.brokers.sinks["far"] = sink
    event = Event("e1", NOON_MS, "spike", "main")
    facts = sink.facts([event], 1, store.epoch)
    assert page(place.figures)["meterd_outbox_depth", "far"] == 0
    store.commit_now(Batch([event], [], {"far": facts}, NOON_MS))
    watching = asyncio.create_task(place.figures.watch(store, clock))
    while len(clock.naps) < 2:  # noqa: ASYNC110  # the clock counts
        await asyncio.sleep(0)
    await end(watching)
    assert set(clock.naps) == {LOOK_MS}
    seen = page(place.figures)
    assert seen["meterd_outbox_depth", "far"] == 1
    assert seen["meterd_sink_up", "far"] == 0
