"""A device is unplugged while its counter runs on, and plugged in again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from tests.sinks.peers import Broker, Subscriber
from tests.system.home import Home
from tests.system.peers import JOULES, Device, Dial, Scrape

from meterd.metering.calendar import parse_iso

OFFLINE_MS = 10_000
"""Offline after three failed polls or 10 s, whichever is later (contract, section 1)."""


def gauges(seen: Scrape, meter: str) -> list[float]:
    """What /metrics says of the meter's present."""
    return seen.all("meterd_power_watts", meter=meter)


async def test_a_silent_meter_is_offline_without_gauges_and_the_gap_is_booked_when_it_returns(
    home: Home,
    device: Callable[..., Awaitable[Device]],
    broker: Broker,
    witness: Subscriber,
) -> None:
    hall, roof = await device(main=Dial()), await device(other=Dial())
    home.add("hall", hall)
    home.add("roof", roof)
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    await broker.start()
    await witness.start()
    daemon = await home.run()
    before = await daemon.shows(lambda seen: gauges(seen, "main") and gauges(seen, "other"))
    last_ms = round(1000 * before.one("meterd_last_reading_timestamp_seconds", meter="main"))

    await hall.unplug()
    silent = await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 0)
    assert gauges(silent, "main") == []
    assert gauges(silent, "other"), "the other line goes on"
    assert silent.one("meterd_meter_up", meter="other") == 1
    stand = hall.dials["main"].shown[-1]
    assert silent.energy() == stand * JOULES, "the counter stays"
    await witness.until(lambda: [m.text for m in witness.on("main/availability")][-1] == "offline")

    await hall.plug()
    back = await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 1)
    assert gauges(back, "main")
    await witness.until(lambda: [m.text for m in witness.on("main/availability")][-1] == "online")
    assert [m.text for m in witness.on("other/availability")] == ["online"]
    hall.dials["main"].halt()
    await daemon.shows(lambda seen: seen.energy() == hall.dials["main"].stand * JOULES)

    events = await home.rows("events", "--meter", "main")
    (offline,) = [row for row in events if row["kind"] == "offline"]
    assert parse_iso(offline["time"]) - last_ms >= OFFLINE_MS
    await expect_gap(home, hall.dials["main"])
    assert {row["kind"] for row in await home.rows("events", "--meter", "other")} == {
        "baseline_set", "online",
    }  # fmt: skip


async def expect_gap(home: Home, dial: Dial) -> None:
    """All that was counted is booked; the part of the silence as a gap, in one stretch."""
    (counter,) = [c for c in (await home.rows("audit"))["counters"] if c["meter"] == "main"]
    assert Decimal(counter["last"]) * 1000 == dial.stand
    assert (counter["unbilled"], counter["difference"]) == ("0", "0")
    rows: list[dict[str, Any]] = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
    gap = [index for index, row in enumerate(rows) if row["quality"] == "gap"]
    assert gap, "the energy of ten seconds of silence has no shape"
    assert gap == list(range(gap[0], gap[-1] + 1))
    hull = {(rows[index]["gap_start"], rows[index]["gap_end"]) for index in gap}
    assert len(hull) == 1, "every interval of it names the whole gap"
    ((start, end),) = hull
    whole = [rows[index] for index in gap if start <= rows[index]["start"] and
             rows[index]["end"] <= end]  # fmt: skip
    amounts = {round(Decimal(row["gap"]), 6) for row in whole}
    assert max(amounts) - min(amounts) <= Decimal("0.000001"), "in proportion to time"
    booked = sum(Decimal(rows[index]["gap"]) for index in gap) * 1000
    assert any(
        abs(after - before - booked) < Decimal("0.001")
        for before, after in zip(dial.shown, dial.shown[1:], strict=False)
    ), "exactly what the counter moved between the two readings"


async def test_a_device_that_was_never_there_holds_nobody_up(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    gone, there = await device(main=Dial()), await device(other=Dial())
    home.add("hall", gone)
    home.add("roof", there)
    await gone.unplug()
    daemon = await home.run()
    seen = await daemon.shows(lambda seen: gauges(seen, "other"))
    assert seen.one("meterd_meter_up", meter="main") == 0
    assert seen.energy("main") is None, "nothing is known, and nothing is said"
    assert await daemon.status("/readyz") == 200
    await gone.plug()
    await daemon.shows(lambda seen: gauges(seen, "main"))
