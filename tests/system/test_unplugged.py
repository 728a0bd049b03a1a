"""A device is unplugged while its counter runs on, and plugged in again."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import JOULES, Device, Dial
from tests.system.home import Home
from tests.system.peers import Scrape

from meterd.metering.calendar import iso, parse_iso

OFFLINE_MS = 10_000
"""Offline after three failed polls or 10 s, whichever is later (contract, section 1)."""
AWAY_MS = 1_500_000
"""More than the quarter of an hour after which a source is stale."""


def gauges(seen: Scrape, meter: str) -> list[float]:
    """What /metrics says of the meter's present."""
    return seen.all("meterd_power_watts", meter=meter)


def availability(witness: Subscriber, meter: str) -> list[str]:
    """What has been said of the meter's availability."""
    return [message.text for message in witness.on(f"{meter}/availability")]


@pytest.fixture
async def two_lines(
    home: Home, device: Callable[..., Awaitable[Device]], broker: Broker, witness: Subscriber
) -> tuple[Home, Device]:
    """A running daemon with `main` in the hall and `other` on the roof; and the hall."""
    hall, roof = await device(main=Dial()), await device(other=Dial())
    home.add("hall", hall)
    home.add("roof", roof)
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}"}
    await broker.start()
    await witness.start()
    await home.run()
    return home, hall


async def test_a_silent_meter_is_offline_without_gauges_and_all_is_booked_when_it_returns(
    two_lines: tuple[Home, Device], witness: Subscriber
) -> None:
    home, hall = two_lines
    daemon, dial = home.daemon, hall.dials["main"]
    before = await daemon.shows(lambda seen: gauges(seen, "main") and gauges(seen, "other"))
    last_ms = round(1000 * before.one("meterd_last_reading_timestamp_seconds", meter="main"))

    await hall.unplug()
    silent = await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 0)
    assert gauges(silent, "main") == []
    cycle = dial.shown[-2:]  # both tables are asked for, and it counts in between
    assert silent.energy() in {stand * JOULES for stand in cycle}, "the counter stays"
    assert gauges(silent, "other"), "the other line goes on"
    await witness.until(lambda: availability(witness, "main")[-1] == "offline")

    await hall.plug()
    back = await daemon.shows(lambda seen: seen.one("meterd_meter_up", meter="main") == 1)
    assert gauges(back, "main")
    await witness.until(lambda: availability(witness, "main")[-1] == "online")
    dial.halt()
    await daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    await expect_silence_told(home, witness, last_ms)
    await expect_silence_booked(home, dial)


async def expect_silence_told(home: Home, witness: Subscriber, last_ms: int) -> None:
    """Main went offline when the rule says so; the other one never did."""
    events = await home.rows("events", "--meter", "main")
    (offline,) = [row for row in events if row["kind"] == "offline"]
    assert parse_iso(offline["time"]) - last_ms >= OFFLINE_MS
    others = await home.rows("events", "--meter", "other")
    assert [row["kind"] for row in others] == ["baseline_set", "online"]
    assert availability(witness, "other") in (["online"], ["offline", "online"])


async def expect_silence_booked(home: Home, dial: Dial) -> None:
    """All that was counted is booked, that of the silence in equal parts in equal times."""
    (counter,) = [c for c in (await home.rows("audit"))["counters"] if c["meter"] == "main"]
    assert Decimal(counter["last"]) * 1000 == dial.stand
    assert (counter["unbilled"], counter["difference"]) == ("0", "0")
    rows: list[dict[str, Any]] = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
    runs = runs_of_equals([Decimal(row["amount"]) for row in rows])
    silence = max(runs, key=len)
    assert len(silence) >= OFFLINE_MS / 1000 - 2, "the seconds that lie wholly in the silence"
    assert min(silence) > Decimal("0.09"), "the dial ran on at 0.1 kWh a second"


def runs_of_equals(amounts: list[Decimal]) -> list[list[Decimal]]:
    """Neighbours that are the same but for the joule that cannot be split, together."""
    runs: list[list[Decimal]] = [[]]
    for amount in amounts:
        if runs[-1] and abs(runs[-1][0] - amount) > Decimal("0.000001"):
            runs.append([])
        runs[-1].append(amount)
    return runs


async def test_what_was_used_while_the_daemon_was_away_is_a_gap_across_just_that_time(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    dial = Dial(first=150_000)
    home.add("hall", await device(main=dial))
    home.config["sampling"] = "5m"
    home.add_bill("tenant")
    left_ms = time.time_ns() // 1_000_000 - AWAY_MS
    recording = home.folder / "before.csv"
    recording.write_text(f"time,meter,energy_import\n{iso(left_ms)},main,140\n")
    home.write()
    await home.verb("replay", "--readings", str(recording), "--store", home.config["store"])
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.energy() in {stand * JOULES for stand in dial.shown})
    rows = [r for r in await home.rows("intervals", "--meter", "main") if r["quality"] == "gap"]
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
    ((start, end),) = {(row["gap_start"], row["gap_end"]) for row in rows}
    assert parse_iso(start) == left_ms
    span_ms = parse_iso(end) - left_ms
    assert AWAY_MS <= span_ms < AWAY_MS + 30_000
    used = Decimal(dial.shown[0] - 140_000) / 1000
    for row in rows[1:]:
        share = used * 300_000 / span_ms
        assert abs(Decimal(row["gap"]) - share) < Decimal("0.000001")
    (bill,) = await home.rows("bills")
    assert Decimal(bill["periods"][-1]["shares"]["gap"]) > Decimal("0.99")


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
