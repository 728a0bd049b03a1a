"""The kernel's counter subsystem, as a tree of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.readers.modbus.devices import around
from tests.readers.pulses import KWH, link, point

from meterd.metering.dial import Dial
from meterd.readers.kernel_counter import Counters
from meterd.readers.line import ReadFailed

PULSE = KWH // 1000


def tree(folder: Path, **files: str) -> str:
    """The count's file, in a folder with these."""
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n", "ascii")
    return str(folder / "count")


def counters(path: str, **more: Any) -> Counters:
    asked = link(point(None, path=path, **more))
    return Counters(asked.devices[0], around()[0])


async def test_a_count_is_a_register_and_tells_how_long_the_host_is_up(tmp_path: Path) -> None:
    reading = await counters(tree(tmp_path, count="42", enable="1")).read(None)
    assert (reading.registers, reading.dials) == ({"energy_import": 42 * PULSE}, {})
    assert (reading.uptime_s, reading.boot, reading.mono_ms) == (100.0, "boot", 100_000)


async def test_its_ceiling_is_where_it_wraps(tmp_path: Path) -> None:
    path = tree(tmp_path, count="42", ceiling="65535")
    assert (await counters(path).read(None)).dials == {"energy_import": Dial(PULSE, 65_536 * PULSE)}
    assert (await counters(path, start=5).read(None)).dials == {}
    for most in ("0", str(2**64 - 1)):
        assert (await counters(tree(tmp_path, ceiling=most)).read(None)).dials == {}


async def test_one_that_does_not_count_is_told_how_to(tmp_path: Path) -> None:
    path = tree(tmp_path, count="42", enable="0")
    with pytest.raises(ReadFailed, match=r"write 1 into .*enable") as caught:
        await counters(path).read(None)
    assert caught.value.reason == "disabled"


async def test_one_that_cannot_be_read_is_missing_beside_one_that_can(tmp_path: Path) -> None:
    good = point(None, path=tree(tmp_path, count="42"))
    gone = point(None, "volume", path=str(tmp_path / "gone"))
    device = link(good, gone).devices[0]
    reading = await Counters(device, around()[0]).read(None)
    assert (reading.registers, reading.missing) == ({"energy_import": 42 * PULSE}, ("volume",))
