"""A courier and its broker: stalled, locked, dead, strange, or just not there yet."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.sinks.peers import Broker, MemoryOutbox, PatientClock, Subscriber
from tests.sinks.site import (
    NOON_MS,
    Site,
    drained,
    event,
    first_heard,
    options_for,
    running,
    soon,
    view,
)

from meterd.sinks import mqtt_courier
from meterd.sinks.mqtt_courier import ACK_TIMEOUT_MS
from meterd.sinks.mqtt_facts import HOLD_MS


async def test_a_clean_end_says_offline_once_and_leaves_no_will(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await witness.hears(1)
        await site.sink.close()
        await task
        await witness.hears(2)
    assert [message.text for message in witness.heard] == ["online", "offline"]
    said = "Received DISCONNECT from meterd-meterd-hq"
    await soon(lambda: said in "".join(broker.said))
    assert not site.sink.connected


async def test_a_process_that_dies_is_reported_by_its_will(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await witness.hears(1)
        task.cancel()
        await witness.hears(2)
    assert [message.text for message in witness.heard] == ["online", "offline"]


async def test_a_stalled_broker_blocks_nobody_and_gets_only_the_newest_value(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink):
        await witness.hears(1)
        broker.send(signal.SIGSTOP)
        for n in range(5000):
            site.commit(meters=[view(float(n), at_ms=NOON_MS + n)])
            await asyncio.sleep(0)
        assert site.sink.dropped > 4000
        broker.send(signal.SIGCONT)
        await witness.until(lambda: '"active_power":4999.0' in witness.heard[-1].text)
    assert len(witness.heard) < 40


async def test_a_broker_that_acknowledges_nothing_is_given_up(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink):
        await witness.hears(1)
        broker.send(signal.SIGSTOP)
        site.commit(event(0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        clock.skipped_ms += ACK_TIMEOUT_MS + 1
        while not clock.asleep.is_set():
            site.commit()
            await asyncio.sleep(0)
        assert site.sink.trouble == "the broker acknowledges nothing any more"
        broker.send(signal.SIGCONT)
        clock.go()
        await drained(outbox)


async def test_wrong_credentials_are_reported_once_and_tried_ever_less_often(
    broker: Broker, outbox: MemoryOutbox, clock: PatientClock, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    command = ("mosquitto_passwd", "-b", "-c", str(passwords), "meter", "right")
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
    passwords.chmod(0o644)
    broker.settings[1:2] = ["allow_anonymous false", f"password_file {passwords}"]
    await broker.start()
    login = {"username": "meter", "password": "wr0ng", "allow_plaintext": True}
    site = Site(options_for(broker, **login), outbox, clock)
    with capture_logs() as logs:
        async with running(site.sink):
            for _ in range(12):
                await clock.asleep.wait()
                clock.asleep.clear()
                clock.go()
            await clock.asleep.wait()
            trouble = site.sink.trouble
    assert "refuses us" in trouble
    assert [entry["event"] for entry in logs] == ["MQTT broker not connected."]
    assert "wr0ng" not in str(logs)
    assert all(900 <= nap <= 10_000 for nap in clock.naps)
    assert min(clock.naps[-3:]) >= 5_000 > max(clock.naps[:2])
    right = Site(options_for(broker, **{**login, "password": "right"}), outbox, clock)
    async with running(right.sink):
        right.commit(event(0))
        await drained(outbox)


async def test_a_fact_that_the_broker_refuses_is_kept_and_offered_again(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock, tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    rules.write_text("topic read #\ntopic write meterd/hq/status\n")
    rules.chmod(0o644)
    broker.settings.append(f"acl_file {rules}")
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    with capture_logs() as logs:
        async with running(site.sink):
            site.commit(event(0), event(1))
            await soon(lambda: site.sink.refused == 2)
            assert sorted(outbox.rows) == [0, 1]
            rules.write_text("topic readwrite #\n")
            broker.send(signal.SIGHUP)
            await soon(lambda: "Reloading config" in "".join(broker.said))
            clock.skipped_ms += HOLD_MS
            site.commit(event(2))
            await drained(outbox)
            await witness.until(lambda: len(witness.on("/events")) == 3)
    assert first_heard(witness) == [0, 1, 2]
    refusals = [entry for entry in logs if entry["event"] == "MQTT broker refuses a topic."]
    assert [entry["topic"] for entry in refusals] == ["meterd/hq/events"]


async def test_a_broker_that_is_down_is_waited_for(
    broker: Broker, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    site = Site(options_for(broker), outbox, clock)
    with capture_logs() as logs:
        async with running(site.sink):
            site.commit(event(0))
            for _ in range(5):
                await clock.asleep.wait()
                clock.asleep.clear()
                clock.go()
            await broker.start()
            clock.go()
            await drained(outbox)
            assert site.sink.connected
    assert [entry["event"] for entry in logs] == [
        "MQTT broker not connected.",
        "MQTT broker connected.",
    ]


async def test_close_ends_a_sink_that_waits_for_its_broker(
    broker: Broker, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    site = Site(options_for(broker), outbox, clock)
    await site.sink.close()  # before it ran
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await clock.asleep.wait()
        await site.sink.close()
        await task


async def test_a_broker_that_does_not_hear_the_last_words_publishes_the_will(
    broker: Broker,
    witness: Subscriber,
    outbox: MemoryOutbox,
    clock: PatientClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mqtt_courier, "LEAVE_TIMEOUT_S", 0.01)
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await witness.hears(1)
        broker.send(signal.SIGSTOP)
        site.commit(event(0))
        await site.sink.close()
        await task
        broker.send(signal.SIGCONT)
        await witness.until(lambda: witness.heard[-1].text == "offline")
    assert not any("DISCONNECT from meterd" in line for line in broker.said)
    assert sorted(outbox.rows) == [0]
