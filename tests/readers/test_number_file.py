"""Numbers in files, and the IIO channels among them."""

from __future__ import annotations

import asyncio
import os
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from meterd.readers.line import ReadFailed
from meterd.readers.number_file import Aside, converted, number

NUMBERS = {"12": "12", " -4.25\n": "-4.25", "1e3": "1000", ".5": "0.5", "+7.": "7"}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read_exactly(text: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(text, "ascii")
    assert number(str(tmp_path / "x")) == Fraction(NUMBERS[text])


@pytest.mark.parametrize("data", [b"", b"nan", b"1,5", b".", b"1 2", b"\xff", b"1" * 200])
def test_what_is_no_number_is_shown(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ReadFailed, match="and no number") as caught:
        number(str(tmp_path / "x"))
    assert caught.value.reason == "no_number"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("gone", "No such file"), ("pipe", "is no file that holds a number")):
        with pytest.raises(ReadFailed, match=why) as caught:
            number(str(tmp_path / name))
        assert caught.value.reason == "unreadable"


TREES: dict[str, tuple[dict[str, str], str]] = {
    "its own scale and offset": (
        {"in_current0_raw": "2000", "in_current0_scale": "0.005", "in_current0_offset": "400"},
        "12",
    ),
    "a shared scale": ({"in_current1_raw": "2400", "in_current_scale": "0.005"}, "12"),
    "its own before a shared one": (
        {"in_voltage2_raw": "30", "in_voltage2_scale": "100", "in_voltage_scale": "7"}, "3000",
    ),
    "none": ({"in_current0_raw": "12"}, "12"),
    "a named channel": ({"in_current0_loop_raw": "24", "in_current_loop_scale": "0.5"}, "12"),
}  # fmt: skip


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
def test_a_raw_channel_is_converted_as_iio_says(
    tree: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    files, expected = tree
    for name, text in files.items():
        (tmp_path / name).write_text(text, "ascii")
    assert converted(str(tmp_path / next(iter(files)))) == Fraction(expected)


async def test_a_file_that_hangs_is_waited_for_once() -> None:
    aside, goes = Aside(timeout_ms=20), threading.Event()
    with pytest.raises(ReadFailed, match="no answer within 20 ms"):
        await aside.do(goes.wait)
    with pytest.raises(ReadFailed, match="still hangs"):
        await aside.do(goes.wait)
    goes.set()
    assert aside._hung is not None
    await asyncio.wait((aside._hung,))
    assert await Aside(timeout_ms=1000).do(lambda: 7) == 7
    assert await aside.do(lambda: 8) == 8
