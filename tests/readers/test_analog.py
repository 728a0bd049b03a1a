"""Current loops: scaled exactly, absent where the loop is broken or short."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.readers.modbus.devices import around

from meterd.config.analog import AnalogDevice, AnalogLink, AnalogPoint
from meterd.events import PollFailed, Reading
from meterd.readers import analog
from meterd.readers.line import LinkStats, ReadFailed

LOOP: dict[str, Any] = {
    "times": Fraction(500, 16),
    "plus": Fraction(-125),
    "low": Fraction("3.6"),
    "high": Fraction(21),
}


def point(path: Path, quantity: str = "active_power", **more: Any) -> AnalogPoint:
    """4 to 20 mA for 0 to 500 kW."""
    return AnalogPoint(quantity=quantity, path=str(path), **{**LOOP, **more})


def link(*points: AnalogPoint, every_ms: int = 10_000) -> AnalogLink:
    return AnalogLink(
        name="loops", devices=(AnalogDevice(meter="m", points=points, every_ms=every_ms),)
    )


LOOPS = {"4": 0.0, "12": 250.0, "20": 500.0, "3.6": -12.5, "21": 531.25, "12.001": 250.03125}


@pytest.mark.parametrize("text", LOOPS)
def test_a_loop_is_a_straight_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(text, "ascii")
    assert analog.value(point(tmp_path / "x")) == LOOPS[text]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("3.599", "wire_break"), ("0", "wire_break"), ("21.001", "over_range"), ("x", "no_number")],
)
def test_a_loop_outside_its_range_has_no_value(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(text, "ascii")
    with pytest.raises(ReadFailed) as caught:
        analog.value(point(tmp_path / "x"))
    assert caught.value.reason == reason


def test_a_number_may_be_a_counter_and_too_large_to_keep(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("12.5", "ascii")
    said = {"times": Fraction(3_600_000), "plus": Fraction(0), "low": None, "high": None}
    counter = point(tmp_path / "x", "energy_import", register=True, **said)
    assert analog.value(counter) == 45_000_000
    (tmp_path / "x").write_text("1e30", "ascii")
    with pytest.raises(ReadFailed, match="too large to keep"):
        analog.value(counter)


async def test_a_broken_loop_is_missing_said_once_and_counted_each_time(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("12", "ascii")
    bad.write_text("1", "ascii")
    both = link(point(good), point(bad, "flow"))
    surroundings, _ = around()
    stats = LinkStats("loops")
    line = analog.AnalogLine(both, surroundings, stats)
    with capture_logs() as logs:
        await line.open()
        for _ in range(2):
            reading = await line.read(both.devices[0])
        bad.write_text("4", "ascii")
        mended = await line.read(both.devices[0])
        line.close()
    assert (reading.gauges, reading.missing) == ({"active_power": 250.0}, ("flow",))
    assert mended.gauges == {"active_power": 250.0, "flow": 0.0}
    assert stats.faults == {"wire_break": 2}
    assert [(row["quantity"], row["log_level"]) for row in logs] == [
        ("flow", "warning"), ("flow", "info"),
    ]  # fmt: skip


async def test_a_meter_whose_only_loop_is_broken_is_a_failed_poll(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("0.1", "ascii")
    broken = link(point(tmp_path / "x"), every_ms=100)
    surroundings, _ = around()
    with pytest.raises(ReadFailed, match=r"0\.1 is below the loop's range"):
        await analog.read_once(broken, broken.devices[0], (), surroundings)
    assert analog.plan_cycle(broken) == []
    failed = asyncio.Event()
    told: list[Reading | PollFailed] = []

    def emit(item: Reading | PollFailed) -> None:
        told.append(item)
        failed.set()

    stats = LinkStats("loops")
    running = analog.run(broken, {}, surroundings._replace(emit=emit), stats)
    task = asyncio.ensure_future(running)
    await failed.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert told[0] == PollFailed("m", told[0].at_ms, "wire_break", offline=False)
    assert stats.meters["m"].failures["wire_break"] >= 1
