"""Pulses: counted from where the store left off, with the time nobody listened declared."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest
from tests.readers.pulses import KWH, Bench, Chip, link, point

from meterd.events import PollFailed, Reading
from meterd.orders import LossDeclared
from meterd.readers import pulse
from meterd.readers.line import LinkStats, ReadFailed

WATER = point(4, "volume", rate="flow", per_s=point().per_s)


async def test_a_meter_that_was_never_read_begins_where_its_dial_stands() -> None:
    chip = Chip()
    bench = Bench(link(point(start=5 * KWH)), chip)
    await bench.line.open()
    (first,) = bench.told
    assert isinstance(first, Reading)
    assert (first.registers, first.gauges) == ({"energy_import": 5 * KWH}, {})
    chip.pulse(17, 3)
    assert (await bench.read()).registers == {"energy_import": 5 * KWH + 3 * KWH // 1000}
    assert chip.asked == [("/dev/gpiochip0", [17])]
    bench.line.close()


async def test_a_restart_goes_on_from_what_is_committed_and_declares_the_loss() -> None:
    chip = Chip()
    bench = Bench(link(point(), WATER), chip, {"energy_import": 70 * KWH})
    await bench.line.open()
    loss, first = bench.told
    assert loss == LossDeclared(
        "main", 1_000_000, ("energy_import",), "nobody listened to the line"
    )
    assert isinstance(first, Reading)
    assert first.registers == {"energy_import": 70 * KWH, "volume": 0}
    chip.pulse(17)
    chip.pulse(4)
    read = await bench.read()
    assert read.registers == {"energy_import": 70 * KWH + KWH // 1000, "volume": KWH // 1000}
    assert (read.boot, read.mono_ms) == ("boot", 101_000)
    bench.line.close()


async def test_the_spacing_tells_the_power_and_its_bound_while_none_comes() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip)
    await bench.line.open()
    chip.pulse(17)
    assert (await bench.read(1)).gauges == {}
    chip.pulse(17, 2, after_s=2)
    assert (await bench.read(1)).gauges == {"active_power": 1.8}
    assert (await bench.read(8_000 - 1)).gauges == {"active_power": 0.45}
    bench.line.close()


async def test_the_last_pulses_are_told_when_the_line_is_closed() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip)
    await bench.line.open()
    chip.pulse(17, 5)
    bench.line._hear()
    bench.line.close()
    bench.line.close()
    last = bench.told[-1]
    assert isinstance(last, Reading)
    assert last.registers == {"energy_import": 5 * KWH // 1000}
    assert chip.released == 1


async def test_a_full_queue_is_counted_at_the_end() -> None:
    bench = Bench(link(point()), Chip())
    await bench.line.open()
    bench.full.append(asyncio.QueueFull())
    bench.line.close()
    assert bench.stats.dropped == 1


async def test_a_full_queue_at_the_start_means_to_try_again() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip, {"energy_import": 1})
    bench.full.append(asyncio.QueueFull())
    with pytest.raises(ReadFailed, match="the queue is full") as caught:
        await bench.line.open()
    assert (caught.value.link_down, chip.released, bench.told) == (True, 1, [])
    await bench.line.open()
    assert len(bench.told) == 2
    bench.line.close()


async def test_what_goes_wrong_while_asking_the_store_gives_the_lines_back() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip)
    bench.full.append(KeyError("main"))
    with pytest.raises(KeyError):
        await bench.line.open()
    assert chip.released == 1


async def test_a_chip_that_is_pulled_out_is_told_and_opened_again_with_a_loss() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip)
    await bench.line.open()
    chip.pulse(17, 2)
    bench.line._hear()
    chip.hang_up()
    with pytest.raises(ReadFailed, match="gpiochip0: it has closed the lines") as caught:
        await bench.read()
    assert (caught.value.reason, caught.value.link_down) == ("line_lost", True)
    last = bench.told[-1]
    assert isinstance(last, Reading)
    bench.known = last.registers
    reading = await bench.line.read(bench.device)
    assert reading.registers == {"energy_import": 2 * KWH // 1000}
    assert isinstance(bench.told[-2], LossDeclared)
    assert bench.stats.opened == 2
    bench.line.close()


async def test_a_read_error_is_a_line_that_is_lost() -> None:
    chip = Chip()
    bench = Bench(link(point()), chip)
    await bench.line.open()
    pipe, chip.fd, chip.pen = chip.fd, chip.pen, -1  # reading from the writing end is an error
    with pytest.raises(ReadFailed, match="Bad file descriptor"):
        await bench.read()
    asyncio.get_running_loop().remove_reader(pipe)
    os.close(pipe)


async def test_the_loop_wakes_us_by_itself() -> None:
    chip = Chip()
    bench = Bench(link(point(), every_ms=100), chip)
    await bench.line.open()
    chip.pulse(17)
    for _ in range(3):
        await asyncio.sleep(0)
    assert bench.line._lines.by_number[17].count == 1
    bench.line._hear()  # woken for nothing
    bench.line.close()


async def test_counters_of_the_kernel_need_no_chip(tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("12\n", "ascii")
    chip = Chip()
    bench = Bench(link(point(None, path=str(count), rate="")), chip)
    await bench.line.open()
    reading = await bench.line.read(bench.device)
    assert (reading.registers, chip.asked) == ({"energy_import": 12 * KWH // 1000}, [])
    bench.line.close()


async def test_a_meter_may_have_both(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("12\n", "ascii")
    both = link(point(), point(None, "volume", path=str(tmp_path / "count"), rate=""))
    bench = Bench(both, Chip())
    reading = await bench.line.read(bench.device)
    assert reading.registers == {"energy_import": 0, "volume": 12 * KWH // 1000}
    bench.line.close()


async def test_a_chip_that_is_not_there_is_a_line_that_is_down_and_is_tried_again() -> None:
    asked = link(point(), every_ms=100)
    bench = Bench(asked, Chip())
    failed = asyncio.Event()

    def emit(item: Reading | PollFailed) -> None:
        bench.told.append(item)
        failed.set()

    around = bench.around._replace(emit=emit)
    stats = LinkStats("gpio")
    task = asyncio.ensure_future(pulse.run(asked, {}, around, stats))
    await failed.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert bench.told[0] == PollFailed("main", bench.told[0].at_ms, "open", offline=False)
    assert not stats.up


async def test_one_live_reading_is_of_the_kernels_counters_alone(tmp_path: Path) -> None:
    asked = link(point())
    bench = Bench(asked, Chip())
    with pytest.raises(ReadFailed, match="a line has no count"):
        await pulse.read_once(asked, asked.devices[0], (), bench.around)
    (tmp_path / "count").write_text("3", "ascii")
    asked = link(point(None, path=str(tmp_path / "count")))
    reading = await pulse.read_once(asked, asked.devices[0], (), bench.around)
    assert reading.registers == {"energy_import": 3 * KWH // 1000}
    assert pulse.plan_cycle(asked) == []
