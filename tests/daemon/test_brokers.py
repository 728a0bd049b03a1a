"""The brokers follow the configuration, and none keeps what has left it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.config import Written, sound, written
from tests.daemon.house import NOON_MS, Clock, reading
from tests.sinks.peers import HEX, Broker, Subscriber

from meterd.clock import SystemClock
from meterd.config.secret import SecretUrl
from meterd.config.site import MqttConfig
from meterd.daemon.brokers import Brokers, broker_name
from meterd.daemon.drive import Drive
from meterd.events import Tick
from meterd.pipeline import Pipeline
from meterd.stores.sqlite import SqliteStore


class House:
    """A drive with brokers; one life of the daemon after the other on the same store."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.folder = folder
        self.store = SqliteStore.open(":memory:", now_ms=NOON_MS, new_epoch="0123456789")
        self.url = f"mqtt://127.0.0.1:{broker.port}"
        self.begin()

    def begin(self) -> None:
        """A new life."""
        _config, site = sound(self.folder, written())
        self.drive = Drive(Pipeline(site, self.store.load()), self.store, Clock())
        self.brokers = Brokers(self.drive, self.store, SystemClock())

    async def become(self, config: Written) -> None:
        """Take a configuration, as the daemon does."""
        found, site = sound(self.folder, config)
        self.store.register_configurations(site.records)
        self.drive.pipeline = self.drive.pipeline.reconfigured(site, self.store.load())
        await self.brokers.become(found, site)

    def config(self, *topics: str, **more: Any) -> Written:
        """One broker under each of these names."""
        return written(mqtt=[{"url": self.url, "topic": topic} for topic in topics], **more)


@pytest.fixture
async def house(tmp_path: Path, broker: Broker) -> AsyncIterator[House]:
    one = House(tmp_path, broker)
    yield one
    await one.brokers.stop()
    one.store.close()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mqtt://127.0.0.1:1884", "127.0.0.1:1884/plant"),
        ("mqtt://someone:secret@broker", "broker:mqtt/plant"),
        ("mqtts://broker", "broker:mqtts/plant"),
    ],
)
def test_a_broker_goes_by_where_it_is_and_never_by_its_password(url: str, name: str) -> None:
    assert broker_name(MqttConfig(url=SecretUrl(url), topic="plant")) == name


async def test_a_broker_that_comes_is_told_what_there_is(house: House, witness: Subscriber) -> None:
    house.drive.show_all()
    await house.become(house.config("one"))
    await witness.until(lambda: bool(witness.on("main/availability")))
    assert [message.text for message in witness.on("one/hq/status")] == ["online"]
    await house.become(written())
    await witness.until(lambda: witness.on("one/hq/status")[-1].text == "offline")
    assert house.brokers.sinks == {}
    assert house.drive.sinks == {}


async def test_a_broker_that_did_not_change_keeps_its_connection(
    house: House, witness: Subscriber
) -> None:
    await house.become(house.config("one", "two"))
    await witness.until(lambda: len(witness.on("status")) == 2)
    await house.become(house.config("one", "three"))
    await witness.until(lambda: bool(witness.on("three/hq/status")))
    assert [message.text for message in witness.on("one/hq/status")] == ["online"]
    assert [message.text for message in witness.on("two/hq/status")] == ["online", "offline"]


async def test_facts_are_kept_for_each_broker_and_numbered_on_in_its_next_life(
    house: House, witness: Subscriber
) -> None:
    await house.become(house.config("one"))
    for at_s in (0, 2):
        house.drive.emit(reading(at_s, at_s))
    house.drive.stop()
    await house.drive.run()
    await witness.until(lambda: len(witness.on("tenant/sample")) == 2)
    told = len([m for m in witness.heard if "seq" in m.text])
    await house.brokers.stop()
    house.begin()
    await house.become(house.config("one"))
    (name,) = house.brokers.sinks
    assert house.drive.seqs == {name: told}


async def test_records_of_a_later_configuration_are_told_too(
    house: House, witness: Subscriber
) -> None:
    await house.become(house.config("one"))
    records = [{"name": "Line 1", "usage": "main.energy_import", "max_record_duration": "30s"}]
    await house.become(house.config("one", records=records))
    for at_s in (0, 40):
        house.drive.emit(reading(at_s, at_s))
    house.drive.emit(Tick(NOON_MS + 50_000))
    house.drive.stop()
    await house.drive.run()
    await witness.until(lambda: bool(witness.on("records/Line 1")))
    assert witness.on("records/Line 1")[0].body["status"] == "COMPLETED"


@pytest.mark.parametrize("between_runs", [False, True])
async def test_what_left_the_configuration_is_emptied_once(
    house: House, witness: Subscriber, between_runs: bool
) -> None:
    house.drive.show_all()
    await house.become(house.config("one"))
    await witness.until(lambda: bool(witness.on("main/availability")))
    if between_runs:
        await house.brokers.stop()
        house.begin()
    await house.become(house.config("one", meters=[], bills=[]))
    for topic in ("main/state", "main/availability", "tenant/period"):
        await witness.until(lambda: [m.text for m in witness.on(topic)][-1:] == [""])  # noqa: B023
    await house.brokers.stop()
    count = len(witness.heard)
    house.begin()
    await house.become(house.config("one", meters=[], bills=[]))
    await witness.until(lambda: len(witness.heard) > count)
    assert [message.topic for message in witness.heard[count:]] == ["one/hq/status"]


async def test_a_sparkplug_node_comes_and_goes_with_its_broker(
    house: House, broker: Broker
) -> None:
    host = Subscriber(broker.port, topic="spBv1.0/#", printed=HEX)
    await host.start()
    house.drive.show_all()
    one = {"url": house.url, "topic": "one", "sparkplug": {"group": "plant"}}
    await house.become(written(mqtt=one))
    await host.hears(1)
    assert len(house.drive.sinks) == 2
    await house.become(written(mqtt=one))
    await house.become(house.config("one"))
    await host.hears(2)
    assert len(house.drive.sinks) == 1
    topics = [message.topic for message in host.heard]
    assert topics == ["spBv1.0/plant/NBIRTH/hq", "spBv1.0/plant/NDEATH/hq"]
    await host.stop()
