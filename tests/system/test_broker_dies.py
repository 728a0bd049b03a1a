"""The broker dies while the daemon has much to say: every fact arrives, in order, unchanged."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import Device, Dial
from tests.system.facts import expect_all_heard, heard_facts, outbox
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import pass_time, until
from tests.system.wire import Wire

DEATHS = often(3, 50)
CUTS = often(5, 50)
FAR = 3_000
"""A wire is cut within so many bytes: amid a message, its acknowledgement, or a login."""
BILLS = 20
"""Each gives a fact a second: enough that a broker always dies in the middle of them."""


@pytest.fixture
async def talkative(home: Home, device: Callable[..., Awaitable[Device]], broker: Broker) -> Home:
    """A site with much to say."""
    home.add("hall", await device(main=Dial()))
    home.add_record("Line 1", max_record_duration="30s")
    for number in range(BILLS):
        home.add_bill(f"tenant-{number}")
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    return home


async def test_a_broker_killed_mid_stream_costs_no_fact_no_order_and_no_byte(
    talkative: Home, broker: Broker, witness: Subscriber
) -> None:
    broker.persistent()
    await broker.start()
    await witness.start()
    daemon = await talkative.run()
    chance = random.Random(2)
    for death in range(1, DEATHS + 1):
        before = heard_facts(witness)
        await until(lambda: heard_facts(witness) > before)  # noqa: B023  # awaited within the turn
        await pass_time(chance.uniform(0, 0.5))
        await broker.kill()
        await pass_time(chance.uniform(0, 1.5))
        await broker.start()
        await daemon.logs("MQTT broker connected.", death + 1)
        await witness.until(lambda: witness.subscriptions > death)  # noqa: B023
    await expect_all_heard(talkative.store, witness)
    assert await daemon.end() == 0


@pytest.fixture
async def wire(broker: Broker) -> AsyncIterator[Wire]:
    one = Wire(broker.port)
    await one.lay()
    yield one
    await one.remove()


async def test_a_connection_cut_at_any_byte_costs_no_fact_no_order_and_no_byte(
    talkative: Home, broker: Broker, witness: Subscriber, wire: Wire
) -> None:
    broker.persistent()
    await broker.start()
    await witness.start()
    talkative.config["mqtt"]["url"] = f"mqtt://127.0.0.1:{wire.port}"
    daemon = await talkative.run()
    chance = random.Random(5)
    for cut in range(1, CUTS + 1):
        before = heard_facts(witness)
        await until(lambda: heard_facts(witness) > before)  # noqa: B023  # awaited within the turn
        wire.cut_after(chance.randrange(1, FAR))
        await until(lambda: wire.cuts == cut)  # noqa: B023
    await expect_all_heard(talkative.store, witness)
    assert await daemon.end() == 0


async def test_a_broker_that_forgot_knows_who_is_there_right_after_its_restart(
    talkative: Home, broker: Broker, witness: Subscriber
) -> None:
    await broker.start()
    daemon = await talkative.run()
    await daemon.shows(lambda seen: seen.all("meterd_meter_up") == [1])
    await daemon.logs("MQTT broker connected.")
    await broker.kill()
    await broker.start()
    await witness.start()
    await daemon.logs("MQTT broker connected.", 2)
    await witness.until(lambda: bool(witness.on("meters/main/availability")))
    assert [message.text for message in witness.on("hq/status")] == ["online"]
    assert {message.text for message in witness.on("availability")} == {"online"}
    assert witness.on("meters/main/state")
    assert await daemon.end() == 0
    await witness.until(lambda: witness.on("hq/status")[-1].text == "offline")


async def test_a_daemon_that_is_killed_is_called_offline_by_its_will(
    talkative: Home, broker: Broker, witness: Subscriber
) -> None:
    await broker.start()
    await witness.start()
    daemon = await talkative.run()
    await witness.until(lambda: bool(witness.on("hq/status")))
    await daemon.cleanup()
    await witness.until(lambda: witness.on("hq/status")[-1].text == "offline")
    await daemon.start()
    await witness.until(lambda: witness.on("hq/status")[-1].text == "online")


async def test_a_daemon_starts_without_its_broker_and_tells_it_all_when_it_comes(
    talkative: Home, broker: Broker, witness: Subscriber
) -> None:
    broker.persistent()
    await broker.start()
    await witness.start()  # so that the broker has a session of it
    await broker.stop()
    daemon = await talkative.run()
    await until(lambda: outbox(talkative.store) > BILLS)
    assert await daemon.status("/healthz") == 200
    await broker.start()
    await expect_all_heard(talkative.store, witness)
