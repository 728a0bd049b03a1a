"""BACnet/IP against virtual devices: bacpypes3 on loopback."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
import uvloop
from tests.readers.bacnet_ip.said import ENERGY, POWER, device, link, live, point
from tests.readers.bms import INSTANCE, Running, host, server

from meterd.config.bacnet import BacnetDevice
from meterd.events import PollFailed, Reading
from meterd.metering.dial import Dial
from meterd.readers.bacnet import plan_cycle, read_once, scan
from meterd.readers.line import ReadFailed
from meterd.sim.bacnet_server import BacnetServer

TRUTH = ({"energy_import": 444_420_000}, {"active_power": 1.5})
BIND = {"bind": f"{host(1)}/8"}
METER = device(ENERGY, POWER, address=host(10))


async def read(one: BacnetDevice = METER) -> Reading:
    return await read_once(link(one, **BIND), one, (), live().all)


def values(reading: Reading) -> tuple[dict[str, int], dict[str, float]]:
    return reading.registers, reading.gauges


async def test_a_device_at_an_address() -> None:
    async with server() as one:
        reading = await read()
        assert values(reading) == TRUTH
        assert reading.dials == {"energy_import": Dial(36_000, 36_000_000_000)}
        assert one.asked == {"ReadPropertyMultipleRequest": 1}


async def test_a_device_found_by_who_is() -> None:
    async with server():
        assert values(await read(device(ENERGY, POWER, address=str(INSTANCE)))) == TRUTH


async def test_nobody_has_the_instance() -> None:
    with pytest.raises(ReadFailed) as caught:
        await read(device(ENERGY, address=str(INSTANCE + 1)))
    assert caught.value.reason == "no_such_device"


async def test_a_device_without_read_property_multiple() -> None:
    async with server() as one:
        one.faults.single = True
        assert values(await read()) == TRUTH
        assert one.asked["ReadPropertyRequest"] > 5


@pytest.mark.parametrize("answer_bytes", [300, 100, 50, 24])
async def test_a_device_that_can_answer_only_so_much(answer_bytes: int) -> None:
    async with server() as one:
        one.faults.answer_bytes = answer_bytes
        assert values(await read()) == TRUTH


async def test_a_device_that_is_silent() -> None:
    async with server() as one:
        one.faults.silent = True
        with pytest.raises(ReadFailed, match=r"no answer within 0\.4 s") as caught:
            await read()
        assert (caught.value.reason, caught.value.link_down) == ("timeout", False)


@pytest.mark.parametrize(
    "said",
    [{"outOfService": True}, {"flags": (0, 1, 0, 0)}, {"reliability": "over-range"},
     {"flags": (0, 0, 1, 0)}, {"flags": (0, 0, 0, 1)}],
)  # fmt: skip
async def test_what_is_out_of_service_or_faulty_is_absent(said: dict[str, Any]) -> None:
    async with server() as one:
        one.spoil("Energy", **said)
        reading = await read()
        assert values(reading) == ({}, {"active_power": 1.5})
        assert reading.missing == ("energy_import",)
        well = {"outOfService": False, "reliability": "no-fault-detected"}
        one.spoil("Energy", (1, 0, 0, 0), **well)
        assert values(await read()) == TRUTH, "in alarm is no reason to doubt"


async def test_a_name_that_is_none() -> None:
    with pytest.raises(ReadFailed) as caught:
        await read(device(ENERGY, address="a" * 70 + ".example"))
    assert caught.value.reason == "resolve"


async def test_a_dead_device_delays_nobody() -> None:
    dead = device(ENERGY, address=host(99), meter="dead", every_ms=100)
    alive = device(ENERGY, POWER, address=host(10), every_ms=100)
    async with server(), Running(dead, alive).running() as bms:
        await bms.until(lambda: len(bms.readings()) >= 30)
        failed = [one for one in bms.told if isinstance(one, PollFailed)]
        assert {one.meter for one in failed} <= {"dead"}
        assert len(failed) <= 4
        assert bms.stats.meters["main"].late_max_ms < 400


async def test_a_device_that_comes_back_is_read_again() -> None:
    async with server() as one:
        every = msgspec.structs.replace(METER, every_ms=100)
        async with Running(every, timeout_ms=100).running() as bms:
            await bms.until(lambda: bool(bms.readings()))
            one.faults.silent = True
            await bms.until(lambda: isinstance(bms.told[-1], PollFailed))
            one.faults.silent = False
            await one.reboot()
            before = len(bms.readings())
            await bms.until(lambda: len(bms.readings()) > before)
            assert values(bms.readings()[-1]) == TRUTH


async def test_a_change_of_value_is_read_at_once() -> None:
    subscribed = device(ENERGY, msgspec.structs.replace(POWER, cov=True), address=host(10),
                        every_ms=3_600_000)  # fmt: skip
    async with server() as one, Running(subscribed).running() as bms:
        await bms.until(lambda: bool(bms.readings()))
        one.set("Power", 2500.0)
        await bms.until(lambda: bms.readings()[-1].gauges["active_power"] == 2.5)
        assert one.asked["SubscribeCOVRequest"] == 1


async def test_a_device_that_takes_no_subscription_is_polled() -> None:
    subscribed = device(msgspec.structs.replace(POWER, cov=True), address=host(10), every_ms=100)
    async with server() as one:
        one.faults.no_cov = True
        async with Running(subscribed).running() as bms:
            await bms.until(lambda: len(bms.readings()) >= 5)
            assert one.asked["SubscribeCOVRequest"] == 1


async def test_reading_once_does_not_need_the_port_of_a_running_daemon() -> None:
    port = 47_900
    async with (
        server(),
        Running(device(POWER, address=host(10), every_ms=100), port=port).running() as bms,
    ):
        await bms.until(lambda: bool(bms.readings()))
        one = device(ENERGY, POWER, address=str(INSTANCE))
        found = await read_once(link(one, **BIND, port=port), one, (), live().all)
        assert values(found) == TRUTH


async def test_an_address_that_is_not_ours_is_a_link_that_is_down() -> None:
    with pytest.raises(ReadFailed, match=r"192.0.2.1:\d+: .*another BACnet program") as caught:
        await read_once(link(METER, bind="192.0.2.1"), METER, (), live().all)
    assert (caught.value.reason, caught.value.link_down) == ("bind", True)


async def test_a_scan_proposes_meters_with_their_values() -> None:
    async with server():
        found, failures = await scan(link(**BIND, timeout_ms=300), [], live().all)
        (one,) = [one for one in found if one.address == INSTANCE]
        assert failures == []
        assert one.title.startswith(f"device {INSTANCE} at {host(10)}")
        assert [(p.quantity, p.keys, p.value, p.unit) for p in one.points] == [
            ("energy_import", {"object": "accumulator,1"}, 123.45, "kWh"),
            ("active_power", {"object": "analog-input,3"}, 1500.0, "W"),
        ]


async def test_a_scan_looks_where_it_is_told_and_says_what_failed() -> None:
    one = BacnetServer(INSTANCE + 7, [])
    await one.start(f"{host(12)}/32")
    try:
        asked = [host(12), "a" * 70]
        found, failures = await scan(link(METER, **BIND, timeout_ms=300), asked, live().all)
        assert [f.points for f in found if f.address == host(12)] == [()]
        assert len(failures) == 1
        assert "a" * 70 in failures[0]
    finally:
        one.stop()


def test_it_is_the_same_on_uvloop() -> None:
    async def a_day() -> object:
        async with server() as one:
            good = values(await read())
            one.faults.silent = True
            with pytest.raises(ReadFailed):
                await read()
            one.faults.silent = False
            return [good, values(await read(device(ENERGY, POWER, address=str(INSTANCE))))]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(a_day()) == [TRUTH, TRUTH]


def test_the_plan_of_a_cycle() -> None:
    many = device(*(point(f"v{n}", 2, n) for n in range(30)), meter="many", address="12")
    found = [
        (p.meter, p.unit, p.address, p.count, p.request_bytes, p.reply_bytes, len(p.points))
        for p in plan_cycle(link(METER, many))
    ]
    assert found == [
        ("main", host(10), "accumulator,1", 10, 54, 163, 2),
        ("many", "12", "analog-value,0", 92, 447, 1458, 23),
        ("many", "12", "analog-value,23", 28, 143, 450, 7),
    ]
