"""What operators order of a running daemon: records, replacements, readings by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import until

from meterd.cli.control import ask


@pytest.fixture
async def dial() -> Dial:
    return Dial()


@pytest.fixture
async def line(dial: Dial, device: Callable[..., Awaitable[Device]]) -> Device:
    return await device(main=dial)


@pytest.fixture
async def running(home: Home, line: Device) -> Home:
    """A daemon that reads `main`, keeps a record of it, and knows a meter that people read."""
    home.add("hall", line)
    home.config["connections"]["clip"] = {"protocol": "manual"}
    points = {"volume": {"unit": "m3", "max_per_hour": 10_000}}
    home.config["meters"].append({"name": "water-1", "connection": "clip", "points": points})
    home.add_record("Line 1")
    home.config["records"].append({"name": "Water", "usage": "water-1.volume"})
    await home.run()
    await shows(home, "Line 1", "RUNNING")
    return home


async def record(home: Home, configuration: str) -> dict[str, Any]:
    """The newest record of a configuration."""
    rows = await home.rows("records", "--configuration", configuration)
    found: dict[str, Any] = rows[-1]
    return found


async def shows(home: Home, configuration: str, status: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        rows = await home.rows("records", "--configuration", configuration)
        return next((row for row in rows[-1:] if row["status"] == status), None)

    return await until(look)


async def test_orders_are_carried_out_by_the_running_daemon(running: Home) -> None:
    await running.verb("pause", "Line 1")
    await shows(running, "Line 1", "PAUSED")
    refused = await running.verb("pause", "Line 1", code=1)
    assert "its record is PAUSED" in refused.err
    await running.verb("resume", "Line 1")
    first = await shows(running, "Line 1", "RUNNING")
    await running.verb("cancel", "Line 1")

    async def cancelled() -> bool:
        return bool((await record(running, "Line 1"))["run"] == first["run"] + 1)

    await until(cancelled)
    kinds = [row["kind"] for row in await running.rows("events")]
    for kind in ("record_paused", "record_resumed", "record_cancelled", "record_order_refused"):
        assert kinds.count(kind) == 1, kind
    assert (await running.rows("audit"))["ok"]


async def test_a_record_waits_for_its_first_reading_and_readings_come_by_hand(
    running: Home,
) -> None:
    assert (await record(running, "Water"))["status"] == "IDLE"
    await running.verb("reading", "water-1", "100", "--at", "2026-01-01T00:00:00Z")
    await running.verb("reading", "water-1", "101.5", "--at", "2026-01-02T00:00:00Z")
    again = await running.verb(
        "reading", "water-1", "101.5", "--at", "2026-01-02T00:00:00Z", code=1
    )
    assert "duplicate" in again.err
    found = await record(running, "Water")
    assert (found["status"], found["usage_value"], found["run"]) == ("RUNNING", 1.5, 1)
    assert (await running.rows("audit"))["ok"]


async def test_a_replaced_device_is_told_and_the_new_one_goes_on(
    running: Home, line: Device, dial: Dial
) -> None:
    dial.halt()
    final = f"{dial.stand / 1000:.3f}"

    async def is_kept() -> bool:
        counters = (await running.rows("audit"))["counters"]
        return any(Decimal(row["last"]) == Decimal(final) for row in counters)

    await until(is_kept)
    await line.unplug()
    told = await running.rows("replace", "main", "--old-final", final, "--serial", "B")
    assert [row["kind"] for row in told] == ["meter_replaced"]
    found = await record(running, "Line 1")
    assert found["run"] == 2
    await running.verb("replace", "main", "--old-final", "0", code=1)
    await line.plug()
    await shows(running, "Line 1", "RUNNING")
    assert (await running.rows("audit"))["ok"]


async def test_a_restart_is_seen_until_the_next_reading_and_a_reload_is_not(
    running: Home, line: Device
) -> None:
    await running.verb("reload")
    assert (await record(running, "Line 1"))["status"] == "RUNNING"
    await line.unplug()
    assert await running.daemon.end() == 0
    await running.run()
    await shows(running, "Line 1", "UNKNOWN")
    await line.plug()
    await shows(running, "Line 1", "RUNNING")


async def test_what_an_operator_writes_stays_while_the_record_runs(running: Home) -> None:
    found = await record(running, "Line 1")
    path = f"/v1/records/{found['id']}"
    body = {"notes": "cleaned", "spare1": "x"}
    answer = await asyncio.to_thread(ask, str(running.store), "PATCH", path, body)
    assert answer is not None
    assert (answer[0], answer[1]["notes"], answer[1]["modified_by"] is None) == (
        200, "cleaned", False,
    )  # fmt: skip

    async def moved() -> dict[str, Any] | None:
        now = await record(running, "Line 1")
        return now if now["usage_value"] > found["usage_value"] else None

    now = await until(moved)
    assert (now["notes"], now["spare1"]) == ("cleaned", "x")
