"""What an MQTT sink tells a real mosquitto, and in which order, whatever happens to either."""

from __future__ import annotations

import asyncio
import signal

import msgspec
import pytest
from tests.sinks.peers import Broker, MemoryOutbox, PatientClock, Subscriber
from tests.sinks.site import (
    CLOSED,
    Site,
    bill,
    columns,
    drained,
    event,
    first_heard,
    options_for,
    running,
    sample,
    seqs,
    soon,
    view,
)

from meterd.sinks.mqtt import MqttOptions, MqttSink, retained_topics
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec


async def test_facts_that_were_waiting_arrive_once_in_order_with_their_own_times(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    site.commit(*[event(n) for n in range(250)])
    async with running(site.sink):
        await drained(outbox)
        await witness.until(lambda: len(witness.on("/events")) == 250)
    assert seqs(witness) == list(range(250))
    first = witness.on("/events")[0]
    assert (first.topic, first.retained) == ("meterd/hq/events", False)
    assert first.body["time"] == "2026-01-01T12:00:00Z"
    assert first.body["epoch"] == "e0"


@pytest.mark.parametrize("persistent", [True, False], ids=["persistent broker", "forgetful"])
async def test_a_broker_killed_mid_stream_costs_no_fact_and_no_order(
    broker: Broker,
    witness: Subscriber,
    outbox: MemoryOutbox,
    clock: PatientClock,
    persistent: bool,
) -> None:
    broker.settings.append("max_inflight_messages 0")  # what it acknowledged it has passed on
    if persistent:
        broker.persistent()
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    total = 800
    async with running(site.sink):
        site.commit(*[event(n) for n in range(total)])
        for deaths in (1, 2):
            await witness.hears(deaths * 200)
            broker.send(signal.SIGSTOP)
            await soon(lambda: len(site.sink._facts._sent) > 10)
            await broker.kill()
            await broker.start()
            if not persistent:  # a subscription that a broker forgot hears nothing
                await witness.subscribes(deaths + 1)
            await clock.asleep.wait()
            clock.go()
        await drained(outbox)
        await witness.until(lambda: set(seqs(witness)) == set(range(total)))
    assert first_heard(witness) == list(range(total))


async def test_a_new_process_sends_what_the_old_one_never_saw_acknowledged(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    old = Site(options_for(broker), outbox, clock)
    async with running(old.sink) as task:
        old.commit(*[event(n) for n in range(10)])
        await drained(outbox)
        broker.send(signal.SIGSTOP)
        old.commit(*[event(n) for n in range(10, 60)])
        task.cancel()
        await asyncio.wait({task})
    assert sorted(outbox.rows) == list(range(10, 60))
    broker.send(signal.SIGCONT)
    new = Site(options_for(broker), outbox, clock)
    async with running(new.sink):
        await drained(outbox)
        await witness.until(lambda: set(seqs(witness)) == set(range(60)))
    assert first_heard(witness) == list(range(60))


async def test_neither_a_burst_of_states_nor_a_backlog_of_facts_holds_up_the_other(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    meters = [msgspec.structs.replace(view(1.0), meter=f"m{n}") for n in range(60)]
    site.commit(*[event(n) for n in range(30)], meters=meters)
    async with running(site.sink):
        await witness.hears(1 + 2 * 60 + 30)
    kinds = ["fact" if m.topic.endswith("/events") else "state" for m in witness.heard]
    assert 20 < kinds[:60].count("fact") < 40


async def test_the_state_comes_before_the_meter_is_called_online(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    site.commit(meters=[view(1.5, online=False)])
    async with running(site.sink):
        await witness.hears(2)
        site.commit(meters=[view(1.5)])
        await witness.hears(4)
        site.commit(meters=[view(0.0, online=False)])
        await witness.hears(5)
    assert [(m.topic.removeprefix("meterd/hq/"), m.text[:8]) for m in witness.heard[:5]] == [
        ("status", "online"),
        ("meters/main/availability", "offline"),
        ("meters/main/state", '{"time":'),
        ("meters/main/availability", "online"),
        ("meters/main/availability", "offline"),
    ]


async def test_a_broker_that_forgot_is_told_everything_again_in_the_same_order(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink):
        site.commit(meters=[view(1.5)], bills=[bill("1", "a")])
        await witness.hears(4)
        before = [message.topic for message in witness.heard]
        await broker.kill()
        await broker.start()
        await witness.subscribes(2)
        clock.go()
        await witness.hears(8)
    assert [message.topic for message in witness.heard[4:8]] == before


async def test_topics_that_left_the_configuration_are_emptied(
    broker: Broker,
    outbox: MemoryOutbox,
    clock: PatientClock,
    late: Subscriber,
) -> None:
    await broker.start()
    site = Site(options_for(broker), outbox, clock)
    gone = retained_topics("meterd/hq", ["main"], ["tenant"])
    gone -= retained_topics("meterd/hq", [], [])
    async with running(site.sink):
        site.commit(sample(0), meters=[view(1.0)], bills=[bill("1", "a")])
        await drained(outbox)
        site.sink.clear_retained(gone)
        assert site.sink.uncleared() == gone
        await soon(lambda: not site.sink.uncleared())
        await late.start()
        await late.until(lambda: len(late.heard) > 0)
        site.commit(event(1))
        await late.until(lambda: bool(late.on("/events")))
    assert [m.topic for m in late.heard if m.retained] == ["meterd/hq/status"]


async def test_a_closed_period_stays_on_its_topic_until_the_next_sample(
    broker: Broker,
    witness: Subscriber,
    outbox: MemoryOutbox,
    clock: PatientClock,
    late: Subscriber,
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink):
        site.commit(bills=[bill("1", "jan")])
        site.commit(bills=[bill("1.5", "jan")])  # no sample: nothing new to say
        await witness.until(lambda: len(witness.on("/period")) == 1)
        site.commit(sample(0), bills=[bill("2", "jan")])
        await witness.until(lambda: len(witness.on("/period")) == 2)
        site.commit(sample(1), CLOSED, bills=[bill("0", "feb")])
        site.commit(bills=[bill("0", "feb")])
        await witness.until(lambda: len(witness.on("/period")) == 3)
        await late.start()
        await late.until(lambda: bool(late.on("/period")))
        site.commit(sample(2), bills=[bill("0.1", "feb")])
        await witness.until(lambda: len(witness.on("/period")) == 4)
    said = [(m.body["status"], m.body["used"]) for m in witness.on("/period")]
    assert said == [("open", "1"), ("open", "2"), ("closed", "9"), ("open", "0.1")]
    assert late.on("/period")[0].retained
    assert late.on("/period")[0].body["status"] == "closed"


async def test_a_closed_period_that_arrives_late_does_not_hide_the_open_one(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    site = Site(options_for(broker), outbox, clock)
    site.commit(CLOSED, bills=[bill("9", "jan")])
    site.commit(sample(1), bills=[bill("0.1", "feb")])
    await broker.start()
    await witness.start()
    async with running(site.sink):
        await drained(outbox)
        await witness.until(lambda: len(witness.on("/period")) == 3)
    assert witness.on("/period")[-1].body["status"] == "open"


def test_a_register_of_the_users_own_is_told_in_its_declared_unit(
    outbox: MemoryOutbox, clock: PatientClock
) -> None:
    sink = MqttSink(MqttOptions(url="mqtt://localhost", site="hq"), outbox, clock, columns)
    registers = (RegisterSpec("energy_import"), RegisterSpec("night", unit="Wh"))
    sink.configure(SiteSpec("hq", "UTC", meters=(MeterSpec("main", registers=registers),)))
    assert sink._units == {"main": {"night": "Wh"}}
