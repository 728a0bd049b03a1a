"""The host's clock jumps, begins in 1970, or stands still with the host: energy does not mind.

The wall clock is libfaketime's, as a file tells it while the daemon runs; the clocks that count
from the boot stay true, as the kernel's do.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.system.devices import JOULES, Device, Dial
from tests.system.home import Home
from tests.system.often import often
from tests.system.peers import pass_time, program, until

STEPS = ("+1h", "+0", "-1h", "+0", "+400d", "+0", "-400d", "+0")
ROUNDS = often(1, 10)
SLEEP_S = often(3, 60)


class FalseClock:
    """What the wall clock of a daemon shows. environ: makes it look here."""

    def __init__(self, file: Path) -> None:
        self._file = file
        program("faketime")
        (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        self.environ = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
        }

    def shows(self, time: str) -> None:
        """From now on; the file is never seen half written."""
        half = self._file.with_suffix(".half")
        half.write_text(f"{time}\n")
        half.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path) -> FalseClock:
    return FalseClock(tmp_path / "time")


@pytest.fixture
async def counted(home: Home, device: Callable[..., Awaitable[Device]]) -> tuple[Home, Dial]:
    """A site of one meter, that is billed; the daemon does not run yet."""
    dial = Dial()
    home.add("hall", await device(main=dial))
    home.add_record("Line 1", max_record_duration="1d")
    home.add_bill("tenant")
    return home, dial


async def expect_all_booked(home: Home, dial: Dial) -> None:
    """To the watt-hour, none of it unbilled, and the books balance."""
    dial.halt()
    await home.daemon.shows(lambda seen: seen.energy() == dial.stand * JOULES)
    assert await home.daemon.end() == 0
    audit = await home.rows("audit")
    assert audit["ok"], audit
    (counter,) = audit["counters"]
    assert Decimal(counter["last"]) * 1000 == dial.stand
    assert counter["unbilled"] == "0"
    assert "Traceback" not in home.daemon.log.read_text()


async def test_i5_steps_of_the_clock_move_no_energy(
    counted: tuple[Home, Dial], clock: FalseClock
) -> None:
    home, dial = counted
    clock.shows("+0")
    daemon = await home.run(**clock.environ)
    await daemon.shows(lambda seen: seen.energy())
    totals = []
    for step in STEPS * ROUNDS:
        clock.shows(step)
        read = len(dial.shown)
        await until(lambda: len(dial.shown) > read + 5)  # noqa: B023  # awaited within the turn
        totals.append((await daemon.metrics()).energy() or 0)
        answer = await daemon.ask("/healthz")
        assert answer is not None
        assert answer[0] == 200, answer[1]
    assert totals == sorted(totals)
    await expect_all_booked(home, dial)
    kinds = [row["kind"] for row in await home.rows("events")]
    assert kinds.count("clock_stepped") >= len(STEPS) * ROUNDS


async def test_i4_a_boot_in_1970_waits_for_the_clock_and_dates_nothing_wrongly(
    counted: tuple[Home, Dial], clock: FalseClock
) -> None:
    home, dial = counted
    clock.shows("@1970-01-01 00:00:30")
    home.write()
    await home.daemon.start(**clock.environ)
    await home.daemon.logs("The host's clock is not set; nothing is read until it is.")
    clock.shows("+0")
    await home.daemon.ready()
    await home.daemon.shows(lambda seen: seen.energy())
    await home.daemon.shows(lambda seen: len(seen.all("meterd_bill_used")))
    await expect_all_booked(home, dial)
    for name in ("events", "intervals --meter main", "records"):
        assert "1970" not in (await home.verb(*name.split())).out
    (bill,) = await home.rows("bills")
    assert len(bill["periods"]) == 1


async def test_i9_a_host_that_was_suspended_reads_on_without_a_burst(
    counted: tuple[Home, Dial],
) -> None:
    home, dial = counted
    daemon = await home.run()
    await daemon.shows(lambda seen: seen.energy())
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    await pass_time(SLEEP_S)
    read = len(dial.shown)
    daemon.process.send_signal(signal.SIGCONT)
    await pass_time(1)
    assert len(dial.shown) - read < 4 * 10, "two tables ten times a second, and not all it missed"
    await expect_all_booked(home, dial)
    rows = await home.rows("intervals", "--meter", "main")
    assert [row["start"] for row in rows[1:]] == [row["end"] for row in rows[:-1]]
