"""Devices as a real mosquitto keeps them for Home Assistant, whatever happens to either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.sinks.home_assistant_rules import entities
from tests.sinks.peers import Broker, MemoryOutbox, PatientClock, Subscriber
from tests.sinks.site import Site, bill, drained, event, options_for, running, sample, soon, view

from meterd.sinks.mqtt_announcer import ANSWER_MS, BIRTH_WAIT_MS
from meterd.specs import BillSpec, MeterSpec, RegisterSpec, SiteSpec, SourceSpec
from meterd.views import BillView

BIRTHS = "homeassistant/status"
TELLS = {"discovery": "homeassistant", "birth_topic": BIRTHS}
METER = MeterSpec(
    "main",
    units={"energy_import": "kWh", "active_power": "kW"},
    registers=(RegisterSpec("energy_import"),),
    every_ms=10_000,
)
HQ = SiteSpec("hq", "UTC", meters=(METER,), bills=(BillSpec("tenant"),))
DEVICES = ["meterd_hq", "meterd_hq_meter_main", "meterd_hq_bill_tenant"]
ALL_TOLD = 3 + 1 + 2 + 1
"""Devices, the daemon's status, a meter's state and availability, a bill's period."""


def short(topic: str) -> str:
    return topic.removeprefix("meterd/hq/").removeprefix("homeassistant/device/")


def heard(witness: Subscriber) -> list[str]:
    return [short(message.topic) for message in witness.heard]


def announced(witness: Subscriber) -> list[str]:
    return [message.topic.split("/")[-2] for message in witness.on("/config")]


def open_site(broker: Broker, outbox: MemoryOutbox, clock: PatientClock, spec: SiteSpec) -> Site:
    site = Site(options_for(broker, **TELLS), outbox, clock)
    site.sink.configure(spec)
    site.commit(meters=[view(1.0)], bills=[bill("1", "a")])
    return site


async def give_time(site: Site, clock: PatientClock, by_ms: int) -> None:
    """Let so much time pass for the sink."""
    clock.skipped_ms += by_ms
    site.sink._courier.wake.set()
    await asyncio.sleep(0)


@pytest.fixture
async def site(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> AsyncIterator[Site]:
    """A sink that has told a broker everything."""
    await broker.start()
    await witness.start()
    site = open_site(broker, outbox, clock, HQ)
    async with running(site.sink):
        await soon(lambda: site.sink.connected)
        await give_time(site, clock, ANSWER_MS)
        await witness.hears(ALL_TOLD)
        yield site


async def test_devices_come_before_states_and_states_before_availability(
    site: Site, witness: Subscriber
) -> None:
    assert heard(witness) == [
        *(f"{name}/config" for name in DEVICES),
        "status",
        "meters/main/state",
        "meters/main/availability",
        "bills/tenant/period",
    ]
    for message in witness.on("/config"):
        assert entities(message.text.encode())
    assert site.sink.retained(HQ) == {message.topic for message in witness.heard}


async def test_facts_do_not_wait_for_the_broker_to_answer(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    site = open_site(broker, outbox, clock, HQ)
    async with running(site.sink):
        site.commit(event(1))
        await witness.hears(1)
    assert heard(witness)[0] == "events"


async def test_a_broker_is_asked_in_the_middle_of_a_full_window(
    broker: Broker, witness: Subscriber, outbox: MemoryOutbox, clock: PatientClock
) -> None:
    await broker.start()
    await witness.start()
    many = tuple(msgspec.structs.replace(METER, name=f"m{n}") for n in range(500))
    site = open_site(broker, outbox, clock, SiteSpec("hq", "UTC", meters=many))
    site.commit(*[event(n) for n in range(100)])
    async with running(site.sink):
        await drained(outbox)
        await give_time(site, clock, ANSWER_MS)
        await witness.hears(100 + 1 + len(many) + 1)
    assert announced(witness) == ["meterd_hq", *(f"meterd_hq_meter_m{n}" for n in range(500))]
    assert not site.sink.trouble


async def test_a_new_life_tells_a_broker_that_remembers_no_device_again(
    site: Site, broker: Broker, witness: Subscriber, clock: PatientClock
) -> None:
    await site.sink.close()
    await witness.hears(ALL_TOLD + 1)
    new = open_site(broker, MemoryOutbox(), clock, HQ)
    async with running(new.sink):
        await witness.hears(ALL_TOLD + 1 + ALL_TOLD - len(DEVICES))
    assert announced(witness) == DEVICES, "once"


async def test_a_new_life_tells_what_has_changed_meanwhile(
    site: Site, broker: Broker, witness: Subscriber, clock: PatientClock
) -> None:
    await site.sink.close()
    less = msgspec.structs.replace(METER, units={"energy_import": "kWh"})
    new = open_site(broker, MemoryOutbox(), clock, msgspec.structs.replace(HQ, meters=(less,)))
    async with running(new.sink):
        await witness.until(lambda: len(announced(witness)) > len(DEVICES))
        await witness.until(lambda: heard(witness)[-1] == "bills/tenant/period")
    assert announced(witness) == [*DEVICES, "meterd_hq_meter_main"]
    gone = witness.on("/config")[-1].body["components"]["active_power"]
    assert gone == {"platform": "sensor"}


async def test_a_broker_that_forgot_is_told_all_devices_again_before_all_states(
    site: Site, broker: Broker, witness: Subscriber, clock: PatientClock
) -> None:
    before = heard(witness)
    await broker.kill()
    await broker.start()
    await witness.subscribes(2)
    await clock.asleep.wait()
    clock.go()
    await soon(lambda: site.sink.connected)
    await give_time(site, clock, ANSWER_MS)
    await witness.hears(2 * ALL_TOLD)
    assert heard(witness)[ALL_TOLD:] == before


async def test_at_a_birth_everything_is_told_again_in_the_same_order(
    site: Site, broker: Broker, witness: Subscriber, clock: PatientClock
) -> None:
    before = heard(witness)
    await publish(broker, BIRTHS, "online")
    await soon(lambda: site.sink._announcer._born)
    await give_time(site, clock, BIRTH_WAIT_MS)
    await witness.hears(ALL_TOLD + 1 + ALL_TOLD)
    assert heard(witness)[ALL_TOLD + 1 :] == before


async def test_what_leaves_is_taken_from_home_assistant_before_its_states_go(
    site: Site, witness: Subscriber, late: Subscriber
) -> None:
    empty = SiteSpec("hq", "UTC")
    gone = site.sink.retained(HQ)
    site.sink.configure(empty)
    gone -= site.sink.retained(empty)
    site.sink.clear_retained(gone)
    assert site.sink.uncleared() == gone
    await witness.hears(ALL_TOLD + len(gone))
    assert {message.text for message in witness.heard[ALL_TOLD:]} == {""}
    assert [name.endswith("/config") for name in heard(witness)[ALL_TOLD:]] == [
        True, True, False, False, False,
    ]  # fmt: skip
    await soon(lambda: not site.sink.uncleared())
    await late.start()
    await late.hears(2)
    assert set(heard(late)) == {"status", "meterd_hq/config"}


async def test_a_meter_that_comes_is_announced_before_anything_is_told_of_it(
    site: Site, witness: Subscriber
) -> None:
    second = msgspec.structs.replace(METER, name="second")
    seen: Any = msgspec.structs.replace(view(2.0), meter="second")
    site.commit(meters=[seen])
    site.sink.configure(msgspec.structs.replace(HQ, meters=(METER, second)))
    site.commit(meters=[view(1.0), seen])
    await witness.hears(ALL_TOLD + 3)
    assert heard(witness)[ALL_TOLD:] == [
        "meterd_hq_meter_second/config", "meters/second/state", "meters/second/availability",
    ]  # fmt: skip


async def test_a_quantity_is_announced_when_it_is_read_for_the_first_time(
    site: Site, witness: Subscriber
) -> None:
    more = msgspec.structs.replace(METER, units={**METER.units, "flow": "m3/h", "voltage": "V"})
    site.sink.configure(msgspec.structs.replace(HQ, meters=(more,)))
    for flow in (1.0, 2.0):
        now = msgspec.structs.replace(view(flow), quantities={"active_power": 1.0, "flow": flow})
        site.commit(meters=[now])
    await witness.until(lambda: '"flow":2.0' in witness.on("main/state")[-1].text)
    assert announced(witness) == [*DEVICES, "meterd_hq_meter_main"]
    found = entities(witness.on("meter_main/config")[-1].text.encode())
    assert "flow" in found
    assert "voltage" not in found


async def publish(broker: Broker, topic: str, text: str) -> None:
    """As another client of the broker."""
    process = await asyncio.create_subprocess_exec(
        "mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", topic, "-m", text
    )
    assert await process.wait() == 0


async def test_a_bills_cost_is_announced_in_the_currency_of_its_open_period(
    site: Site, witness: Subscriber
) -> None:
    def paid(currency: str, used: str) -> BillView:
        seen = bill(used, "a")
        seen.body["periods"][-1]["cost"] = {"currency": currency, "lines": [], "total": used}
        return seen

    rated = BillSpec("tenant", sources=(SourceSpec("main", rate_per_kwh=Decimal(1)),))
    site.sink.configure(msgspec.structs.replace(HQ, bills=(rated,)))
    site.commit(bills=[paid("EUR", "2")])
    await witness.until(lambda: len(witness.on("bill_tenant/config")) == 2)
    dollars = msgspec.structs.replace(rated, currency="USD")
    site.sink.configure(msgspec.structs.replace(HQ, bills=(dollars,)))
    await asyncio.sleep(0)  # the sink may say what it likes
    site.commit(event(1), sample(1), bills=[paid("EUR", "3")])
    await witness.until(lambda: '"total":"3"' in witness.on("tenant/period")[-1].text)
    assert len(witness.on("bill_tenant/config")) == 2
    site.commit(bills=[paid("USD", "4")])
    await witness.until(lambda: len(witness.on("bill_tenant/config")) == 3)
    told = [entities(m.text.encode()) for m in witness.on("bill_tenant/config")[1:]]
    assert [one["cost"]["unit_of_measurement"] for one in told] == ["EUR", "USD"]
