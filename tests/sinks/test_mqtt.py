"""The MQTT sink against a real mosquitto that is killed, stopped, locked and restarted."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from meterd.billing.closing import canonical
from meterd.events import (
    BillView,
    Event,
    Interval,
    MeterView,
    PeriodClosed,
    RecordRow,
    Sample,
)
from meterd.sinks.mqtt import MqttOptions, MqttSink, retained_topics
from meterd.sinks.mqtt_courier import ACK_TIMEOUT_MS, backoff_ms
from meterd.sinks.mqtt_facts import HOLD_MS
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec

if TYPE_CHECKING:
    from tests.sinks.conftest import Broker, MemoryOutbox, PatientClock, Subscriber

NOON_MS = 1_767_268_800_000
HUNG_S = 30


def columns(row: RecordRow) -> Mapping[str, Any]:
    return {"id": row.id, "status": row.status}


def event(number: int) -> Event:
    return Event(f"e{number}", NOON_MS + number, "spike", "main", "energy_import", {"n": number})


def view(power_kw: float, *, online: bool = True, at_ms: int = NOON_MS) -> MeterView:
    return MeterView(
        meter="main",
        online=online,
        at_ms=at_ms,
        quality="good",
        fields={"currentKw": power_kw},
        quantities={"active_power": power_kw},
        totals={"energy_import": 3_600_000},
        unbilled={},
    )


def bill(used: str, start: str) -> BillView:
    period = {"start": start, "end": "later", "status": "open", "used": used}
    return BillView("tenant", {"type": "energy", "unit": "kWh", "periods": [period]})


def sample(start_ms: int) -> Sample:
    part = Interval("main", "energy_import", "measured", "", start_ms, start_ms + 300_000, 3600)
    return Sample("tenant", "energy", NOON_MS, part)


BODY = canonical({"figures": {"status": "closed", "used": "9"}, "terms": BillSpec("tenant")})
CLOSED = PeriodClosed("tenant", NOON_MS, NOON_MS + 1, NOON_MS + 2, BODY, "a", "b")


class Site:
    """A sink and the transaction in front of it, as the daemon does it."""

    def __init__(self, options: MqttOptions, outbox: MemoryOutbox, clock: PatientClock) -> None:
        self.sink = MqttSink(options, outbox, clock, columns)
        self.outbox = outbox
        self._seq = max(outbox.rows, default=-1) + 1

    def commit(self, *outputs: Any, meters: Any = (), bills: Any = ()) -> None:
        facts = self.sink.facts(outputs, self._seq, "e0")
        self._seq += len(facts)
        self.outbox.add(facts)
        self.sink.tell(outputs, meters, bills)


def options_for(broker: Broker, **more: Any) -> MqttOptions:
    return MqttOptions(url=f"mqtt://127.0.0.1:{broker.port}", site="hq", **more)


@asynccontextmanager
async def running(sink: MqttSink) -> AsyncIterator[asyncio.Task[None]]:
    """The sink at work; closed at the end if the test has not ended it."""
    task = asyncio.create_task(sink.run())
    try:
        async with asyncio.timeout(HUNG_S):
            yield task
    finally:
        if not task.done():
            await sink.close()
        await asyncio.gather(task, return_exceptions=True)


async def drained(outbox: MemoryOutbox) -> None:
    async with asyncio.timeout(HUNG_S):
        await outbox.empty.wait()


async def soon(so: Callable[[], bool]) -> None:
    """Let everyone else work until it is so."""
    async with asyncio.timeout(HUNG_S):
        while not so():  # noqa: ASYNC110  # nobody tells; the sink counts
            await asyncio.sleep(0)


def seqs(witness: Subscriber) -> list[int]:
    return [message.body["seq"] for message in witness.on("/events")]


def first_heard(witness: Subscriber) -> list[int]:
    return list(dict.fromkeys(seqs(witness)))


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
    total = 1000
    async with running(site.sink):
        site.commit(*[event(n) for n in range(total)])
        await witness.until(lambda: len(witness.heard) > 100)
        await broker.kill()
        assert outbox.rows, "the broker was to be killed before it had everything"
        await broker.start()
        if not persistent:  # a subscription that a broker forgot hears nothing
            await witness.until(lambda: witness.subscriptions == 2)
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


async def test_the_state_comes_before_the_meter_is_called_online(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    site.commit(meters=[view(1.5, online=False)])
    async with running(site.sink):
        await witness.until(lambda: len(witness.heard) == 2)
        site.commit(meters=[view(1.5)])
        await witness.until(lambda: len(witness.heard) == 4)
        site.commit(meters=[view(0.0, online=False)])
        await witness.until(lambda: len(witness.heard) == 5)
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
        await witness.until(lambda: len(witness.heard) == 4)
        before = [message.topic for message in witness.heard]
        await broker.kill()
        await broker.start()
        await witness.until(lambda: witness.subscriptions == 2)
        clock.go()
        await witness.until(lambda: len(witness.heard) == 8)
    assert [message.topic for message in witness.heard[4:8]] == before


async def test_a_clean_end_says_offline_once_and_leaves_no_will(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await witness.until(lambda: len(witness.heard) == 1)
        await site.sink.close()
        await task
        await witness.until(lambda: len(witness.heard) == 2)
    assert [message.text for message in witness.heard] == ["online", "offline"]
    assert "Received DISCONNECT from meterd-meterd-hq" in "".join(broker.said)
    assert not site.sink.connected


async def test_a_process_that_dies_is_reported_by_its_will(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink) as task:
        await witness.until(lambda: len(witness.heard) == 1)
        task.cancel()
        await witness.until(lambda: len(witness.heard) == 2)
    assert [message.text for message in witness.heard] == ["online", "offline"]


async def test_a_stalled_broker_blocks_nobody_and_gets_only_the_newest_value(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    async with running(site.sink):
        await witness.until(lambda: len(witness.heard) == 1)
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
        await witness.until(lambda: len(witness.heard) == 1)
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


async def test_topics_that_left_the_configuration_are_emptied(
    broker: Broker,
    outbox: MemoryOutbox,
    clock: PatientClock,
    subscriber_type: type[Subscriber],
) -> None:
    await broker.start()
    site = Site(options_for(broker), outbox, clock)
    late = subscriber_type(broker.port, "late")
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
    await late.stop()
    assert [m.topic for m in late.heard if m.retained] == ["meterd/hq/status"]


async def test_a_closed_period_stays_on_its_topic_until_the_next_sample(
    broker: Broker,
    witness: Subscriber,
    outbox: MemoryOutbox,
    clock: PatientClock,
    subscriber_type: type[Subscriber],
) -> None:
    await broker.start()
    await witness.start()
    site = Site(options_for(broker), outbox, clock)
    late = subscriber_type(broker.port, "late", "#")
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
    await late.stop()
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


async def test_wrong_credentials_are_reported_once_and_tried_ever_less_often(
    broker: Broker, outbox: MemoryOutbox, clock: PatientClock, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "meter", "right"], check=True)  # noqa: ASYNC221
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
    assert all(900 <= nap <= 60_000 for nap in clock.naps)
    assert min(clock.naps[-3:]) >= 29_000 > max(clock.naps[:3])
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


@pytest.fixture
async def certificates(tmp_path: Path) -> Callable[[str], Awaitable[tuple[Path, Path]]]:
    """(certificate, key) of a fresh authority that vouches for 127.0.0.1 itself."""

    async def make(name: str) -> tuple[Path, Path]:
        certificate, key = tmp_path / f"{name}.crt", tmp_path / f"{name}.key"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        command += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0
        key.chmod(0o644)
        return certificate, key

    return make


async def test_tls_connects_to_whom_it_trusts_and_to_nobody_else(
    broker: Broker,
    outbox: MemoryOutbox,
    clock: PatientClock,
    certificates: Callable[[str], Awaitable[tuple[Path, Path]]],
) -> None:
    certificate, key = await certificates("trusted")
    stranger, _ = await certificates("stranger")
    broker.settings += [f"certfile {certificate}", f"keyfile {key}"]
    await broker.start()
    url = f"mqtts://127.0.0.1:{broker.port}"
    wary = Site(MqttOptions(url=url, site="hq", ca_file=str(stranger)), outbox, clock)
    async with running(wary.sink):
        await clock.asleep.wait()
        assert "certificate verify failed" in wary.sink.trouble
    lost = Site(MqttOptions(url=url, site="hq", ca_file="/nonexistent"), outbox, clock)
    clock.asleep.clear()
    async with running(lost.sink):
        await clock.asleep.wait()
        assert "No such file" in lost.sink.trouble
    site = Site(MqttOptions(url=url, site="hq", ca_file=str(certificate)), outbox, clock)
    async with running(site.sink):
        site.commit(event(0))
        await drained(outbox)


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


def test_a_register_of_the_users_own_is_told_in_its_declared_unit(
    outbox: MemoryOutbox, clock: PatientClock
) -> None:
    sink = MqttSink(MqttOptions(url="mqtt://localhost", site="hq"), outbox, clock, columns)
    registers = (RegisterSpec("energy_import"), RegisterSpec("night", unit="Wh"))
    sink.configure(SiteSpec("hq", "UTC", meters=(MeterSpec("main", registers=registers),)))
    assert sink._units == {"main": {"night": "Wh"}}


def test_backoff_grows_from_one_second_to_sixty() -> None:
    assert [backoff_ms(n, 0.0) for n in (1, 2, 3, 6, 60)] == [1000, 2000, 4000, 30_000, 30_000]
    assert [backoff_ms(n, 1.0) for n in (1, 2, 3, 6, 60)] == [2000, 4000, 8000, 60_000, 60_000]
