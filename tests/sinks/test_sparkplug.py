"""A Sparkplug node at a real broker, and a subscriber that hears what a host would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.sinks.peers import HEX, HUNG_S, Broker, PatientClock, Subscriber
from tests.sinks.site import options_for, view
from tests.sinks.sparkplug_proto import command, read

from meterd.sinks.sparkplug import SparkplugOptions, SparkplugSink
from meterd.specs import MeterSpec, SiteSpec

SITE = SiteSpec(name="hq", timezone="UTC", meters=(MeterSpec("main"),))


@pytest.fixture
async def host(broker: Broker) -> AsyncIterator[Subscriber]:
    """Who hears everything; not yet running."""
    one = Subscriber(broker.port, "host", printed=HEX)
    yield one
    await one.stop()


def kinds(host: Subscriber) -> list[str]:
    return [message.topic.split("/")[2] for message in host.heard if "STATE" not in message.topic]


def bodies(host: Subscriber, kind: str) -> list[Any]:
    found = [m for m in host.heard if f"/{kind}/" in m.topic]
    assert not any(message.retained for message in found)
    return [read(bytes.fromhex(message.text)) for message in found]


async def publish(broker: Broker, topic: str, payload: bytes, *more: str) -> None:
    """As a host application would."""
    to = ["-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", topic, *more]
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/mosquitto_pub", *to, "-s", stdin=asyncio.subprocess.PIPE
    )
    await process.communicate(payload)
    assert process.returncode == 0


def sink_of(broker: Broker, clock: PatientClock, **more: str) -> SparkplugSink:
    sink = SparkplugSink(SparkplugOptions(options_for(broker), "plant", "hq", **more), clock)
    sink.configure(SITE)
    return sink


@asynccontextmanager
async def running(sink: SparkplugSink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(sink.run())
    try:
        async with asyncio.timeout(HUNG_S):
            yield task
    finally:
        await sink.close()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_node_is_born_speaks_and_leaves(
    broker: Broker, host: Subscriber, clock: PatientClock
) -> None:
    await broker.start()
    await host.start()
    sink = sink_of(broker, clock)
    assert sink.facts((), 1, "e") == []
    async with running(sink):
        sink.tell((), [view(1.0)], ())
        await host.hears(2)
        sink.tell((), [view(2.0)], ())
        await host.hears(3)
        sink.tell((), [view(2.0, online=False)], ())
        await host.hears(4)
    await host.hears(5)
    assert kinds(host) == ["NBIRTH", "DBIRTH", "DDATA", "DDEATH", "NDEATH"]
    assert [read(bytes.fromhex(m.text)).seq for m in host.heard] == [0, 1, 2, 3, 0]
    (birth,), (death,) = bodies(host, "NBIRTH"), bodies(host, "NDEATH")
    assert birth.metrics[0].long_value == death.metrics[0].long_value == 0
    (device,) = bodies(host, "DBIRTH")
    assert {m.name for m in device.metrics} == {
        "quality", "currentKw", "active_power", "energy_import"
    }  # fmt: skip


async def test_a_daemon_that_dies_is_dead_by_its_will_and_born_under_the_next_number(
    broker: Broker, host: Subscriber, clock: PatientClock
) -> None:
    await broker.start()
    await host.start()
    sink = sink_of(broker, clock)
    async with running(sink) as task:
        await host.hears(1)
        task.cancel()
        await host.hears(2)
        again = asyncio.create_task(sink.run())
        await host.hears(3)
        await sink.close()
        await again
        await host.hears(4)
    assert kinds(host) == ["NBIRTH", "NDEATH", "NBIRTH", "NDEATH"]
    assert [body.metrics[0].long_value for body in bodies(host, "NDEATH")] == [0, 1]
    assert [body.metrics[0].long_value for body in bodies(host, "NBIRTH")] == [0, 1]


async def test_a_host_asks_for_all_births_again(
    broker: Broker, host: Subscriber, clock: PatientClock
) -> None:
    await broker.start()
    await host.start()
    sink = sink_of(broker, clock)
    async with running(sink):
        sink.tell((), [view(1.0)], ())
        await host.hears(2)
        await publish(broker, "spBv1.0/plant/NCMD/hq", command("Node Control/Rebirth", True))
        await host.hears(5)
    assert kinds(host)[:5] == ["NBIRTH", "DBIRTH", "NCMD", "NBIRTH", "DBIRTH"]


async def test_a_meter_that_leaves_the_configuration_dies(
    broker: Broker, host: Subscriber, clock: PatientClock
) -> None:
    await broker.start()
    await host.start()
    sink = sink_of(broker, clock)
    async with running(sink):
        sink.tell((), [view(1.0)], ())
        await host.hears(2)
        sink.configure(SiteSpec(name="hq", timezone="UTC"))
        await host.hears(3)
        sink.tell((), [view(2.0)], ())
    await host.hears(4)
    assert kinds(host) == ["NBIRTH", "DBIRTH", "DDEATH", "NDEATH"]


async def test_without_its_primary_host_a_node_is_silent(
    broker: Broker, host: Subscriber, clock: PatientClock
) -> None:
    await broker.start()
    await host.start()
    topic = "spBv1.0/STATE/scada"

    def state(online: bool, timestamp: int) -> bytes:
        return json.dumps({"online": online, "timestamp": timestamp}).encode()

    sink = sink_of(broker, clock, primary_host="scada")
    async with running(sink):
        sink.tell((), [view(1.0)], ())
        await publish(broker, topic, state(False, 1), "-r")
        await host.hears(1)
        assert kinds(host) == []
        await publish(broker, topic, state(True, 2), "-r")
        await host.hears(4)
        await publish(broker, topic, state(False, 3), "-r")
        await host.hears(6)
        await clock.asleep.wait()
        assert sink.trouble == "the primary host scada has gone"
        assert not sink.connected
    assert kinds(host) == ["NBIRTH", "DBIRTH", "NDEATH"]
