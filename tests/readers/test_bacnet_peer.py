"""What bacpypes3 itself encodes and serves, read by ours: logs, presets, subscriptions, a BBMD."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from bacpypes3.apdu import ReadRangeACK
from bacpypes3.app import Application
from bacpypes3.basetypes import (
    DateTime,
    IPMode,
    LogRecord,
    LogRecordLogDatum,
    ResultFlags,
    StatusFlags,
)
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.constructeddata import SequenceOf
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.primitivedata import Date, Time
from tests.readers.bacnet_ip.said import ENERGY, POWER, device, link, live
from tests.readers.bms import INSTANCE, Running, host, server

from meterd.clock import SystemClock
from meterd.events import Reading
from meterd.readers.bacnet import read_once
from meterd.sim import bacnet_server

KWH = 3_600_000
MINUTE_MS = 60_000
LOG = msgspec.structs.replace(ENERGY, trend=(20, 5))
METER = device(ENERGY, POWER, address=host(10), every_ms=100)


# -- trend logs -----------------------------------------------------------------------------


def moment(at: datetime) -> DateTime:
    """A date and a time of BACnet's, to the hundredth."""
    date = Date((at.year - 1900, at.month, at.day, at.isoweekday()))
    time = Time((at.hour, at.minute, at.second, at.microsecond // 10_000))
    return DateTime(date=date, time=time)


def record(at: datetime, count: int, *, fault: bool = False) -> LogRecord:
    """A row of an accumulator's log."""
    datum = LogRecordLogDatum(unsignedValue=count)
    flags = StatusFlags([0, int(fault), 0, 0])
    return LogRecord(timestamp=moment(at), logDatum=datum, statusFlags=flags)


def serve_log(monkeypatch: pytest.MonkeyPatch, rows: list[tuple[datetime, LogRecord]]) -> list[Any]:
    """Let devices answer ReadRange by time, which bacpypes3 leaves to others."""
    asked: list[Any] = []

    async def do_read_range(self: Application, apdu: Any) -> None:
        asked.append(apdu.objectIdentifier)
        by_time = apdu.range.byTime
        date, time = by_time.referenceTime.date, by_time.referenceTime.time
        shown = "{}-{}-{} {}:{}:{}".format(1900 + date[0], *date[1:3], *time[:3])
        since = datetime.strptime(shown, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - as it shows it
        since += timedelta(milliseconds=10 * time[3])
        found = [row for at, row in rows if at > since][: by_time.count]
        answer = ReadRangeACK(context=apdu)
        answer.objectIdentifier = apdu.objectIdentifier
        answer.propertyIdentifier = apdu.propertyIdentifier
        answer.resultFlags = ResultFlags([1, 1, 0])
        answer.itemCount = len(found)
        answer.itemData = AnyValue(SequenceOf(LogRecord)(found))
        await self.response(answer)

    monkeypatch.setattr(bacnet_server._Device, "do_ReadRangeRequest", do_read_range, raising=False)
    return asked


async def test_the_rows_of_an_outage_are_told_before_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - a device shows its local time
    now_ms = SystemClock().now_ms()
    at = [now - timedelta(minutes=15 * n) for n in (4, 3, 2, 1)]
    rows = [(one, record(one, 12_000 + 10 * n, fault=n == 2)) for n, one in enumerate(at)]
    asked = serve_log(monkeypatch, rows)
    wanted = device(LOG, address=host(10), every_ms=1_000)
    async with server():
        bms = Running(wanted)
        bms._surroundings = bms._surroundings._replace(last_ms=lambda _: now_ms - 50 * MINUTE_MS)
        async with bms.running():
            await bms.until(lambda: len(bms.readings()) >= 3)
    told = [one.registers["energy_import"] * 100 // KWH for one in bms.readings()]
    assert told[:3] == [12_010, 12_030, 12_345], "not the row of a fault, nor the one before"
    ages = [round((now_ms - one.at_ms) / MINUTE_MS) for one in bms.readings()]
    assert ages[:2] == [45, 15]
    assert len(asked) == 2


# -- accumulators that are set ----------------------------------------------------------------


async def test_both_ends_of_a_preset_are_told() -> None:
    async with server() as one, Running(METER).running() as bms:
        energy = one.objects["Energy"]
        energy.valueChangeTime = moment(datetime(2026, 2, 1, 12))  # noqa: DTZ001 - as above
        energy.valueBeforeChange = energy.valueSet = 0
        await bms.until(lambda: len(bms.readings()) >= 2)
        energy.valueBeforeChange, energy.valueSet = 12_350, 7
        energy.valueChangeTime = moment(datetime(2026, 2, 1, 13))  # noqa: DTZ001 - as above
        energy.presentValue = 10
        await bms.until(lambda: bool(bms.around.orders))
    (order,) = bms.around.orders
    ends = (order.old_final, order.new_initial)
    assert ends == (12_350 * KWH // 100, 7 * KWH // 100)


# -- subscriptions ----------------------------------------------------------------------------


async def test_a_subscription_is_renewed_before_it_ends() -> None:
    subscribed = device(
        msgspec.structs.replace(POWER, cov=True), address=host(10), every_ms=3_600_000
    )
    async with server() as one, Running(subscribed, lifetime_s=1).running() as bms:
        await bms.until(lambda: one.asked.get("SubscribeCOVRequest", 0) >= 4)
        one.set("Power", 2500.0)
        await bms.until(lambda: bool(bms.readings()) and _power(bms.readings()[-1]) == 2.5)


def _power(reading: Reading) -> float | None:
    return reading.gauges.get("active_power")


# -- another subnet ---------------------------------------------------------------------------


@asynccontextmanager
async def bbmd(number: int) -> AsyncIterator[Any]:
    """A BBMD of bacpypes3; its table of foreign devices."""
    own = DeviceObject(
        objectIdentifier=("device", INSTANCE + 40), objectName="bbmd", vendorIdentifier=999
    )
    port = NetworkPortObject(
        f"{host(number)}/8", objectIdentifier=("network-port", 1), objectName="port"
    )
    port.bacnetIPMode = IPMode.bbmd
    port.bbmdAcceptFDRegistrations = True
    port.bbmdForeignDeviceTable = []
    port.bbmdBroadcastDistributionTable = []
    app = Application.from_object_list([own, port])
    (layer,) = app.link_layers.values()
    layer.bbmdBDT.append(layer.bbmdAddress)
    await layer.server._local_transport_ready.wait()
    try:
        yield layer.bbmdFDT
    finally:
        layer._fdt_clock_handle.cancel()
        app.close()


async def test_a_foreign_device_finds_by_who_is_through_a_bbmd() -> None:
    wanted = device(ENERGY, POWER, address=str(INSTANCE))
    async with server(), bbmd(30) as table:
        asked = link(wanted, bind=host(1), bbmd=host(30), ttl_s=30, timeout_ms=1_000)
        async with asyncio.timeout(20):
            reading = await read_once(asked, wanted, (), live().all)
        assert reading.gauges == {"active_power": 1.5}
        assert [str(entry.fdTTL) for entry in table] == ["30"]
