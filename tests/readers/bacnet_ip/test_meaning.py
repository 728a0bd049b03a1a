"""What answers are worth."""

from __future__ import annotations

import struct
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.readers.bacnet_ip.said import ENERGY, POWER, point

from meterd.metering.dial import Dial
from meterd.readers.bacnet_ip import meaning
from meterd.readers.bacnet_ip.services import Answers, Refusal
from meterd.readers.bacnet_ip.tags import CONTEXT, Tag

WELL = (0, 0, 0, 0)
CENT = Tag(0, CONTEXT, struct.pack(">f", 0.01))


def said(oid: tuple[int, int], **properties: Any) -> Answers:
    numbers = {"value": 85, "flags": 111, "reliability": 103, "out": 81, "units": 117,
               "scale": 187, "most": 65}  # fmt: skip
    return {(oid, numbers[name]): value for name, value in properties.items()}


SOUND: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"flags": WELL, "reliability": 0, "out": 0}, True),
    ({"flags": (1, 0, 0, 0)}, True),  # in alarm
    ({"flags": (0, 1, 0, 0)}, False),
    ({"flags": (0, 0, 1, 0)}, False),
    ({"flags": (0, 0, 0, 1)}, False),
    ({"flags": WELL, "reliability": 1}, False),
    ({"flags": WELL, "out": 1}, False),
    ({"flags": Refusal(2, 32), "reliability": Refusal(2, 32)}, True),  # it has none
    ({"flags": Refusal(0, 0)}, False),  # it has, and does not tell
    ({"reliability": Refusal(5, 83)}, False),
]


@pytest.mark.parametrize(("properties", "sound"), SOUND)
def test_whether_an_object_is_believed(properties: dict[str, Any], sound: bool) -> None:
    answers = said(POWER.oid, value=1.5, **properties)
    assert meaning.is_sound(POWER.oid, answers) is sound
    assert meaning.value(POWER, answers) == (1.5 if sound else None)


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), "12", b"12", (1, 0), Refusal(2, 32)]
)
def test_what_is_no_number_is_absent(value: Any) -> None:
    assert meaning.value(POWER, said(POWER.oid, value=value)) is None


def test_text_is_printable_or_absent() -> None:
    serial = point("serial_number", 8, 7, number=372)
    for raw, text in (("M-1", "M-1"), (4711, "4711"), ("\x07", None), ("", None), (1.5, None)):
        assert meaning.value(serial, {((8, 7), 372): raw}) == text


def test_a_scale_is_its_shortest_decimal_or_a_power_of_ten() -> None:
    assert meaning.scale_of(CENT) == Fraction(1, 100)
    assert meaning.scale_of(Tag(0, CONTEXT, struct.pack(">f", 1 / 3))) == Fraction("0.33333334")
    assert meaning.scale_of(Tag(1, CONTEXT, b"\xfd")) == Fraction(1, 1000)
    nothing = (None, 1.0, Tag(0, CONTEXT, bytes(4)), Tag(0, CONTEXT, b"\x7f\xc0\0\0"),
               Tag(1, CONTEXT, b"\x7f"), Tag(1, CONTEXT), Tag(2, CONTEXT, b"\1"))  # fmt: skip
    assert [meaning.scale_of(one) for one in nothing] == [None] * 7


def converted(one: Any, answers: Answers, raw: float, *, register: bool) -> Any:
    made = meaning.conversion(one, answers, register=register)
    return None if made is None else (made.line(raw), made.dial)


def test_an_accumulator_is_present_value_times_scale_and_wraps_after_its_largest() -> None:
    answers = said(ENERGY.oid, scale=CENT, units=19, most=999_999)
    assert converted(ENERGY, answers, 12_345, register=True) == (
        444_420_000, Dial(36_000, 36_000_000_000),
    )  # fmt: skip


@pytest.mark.parametrize("most", [None, 0, -5, "x", Refusal(2, 32)])
def test_without_a_largest_value_nothing_is_known_of_the_wrap(most: Any) -> None:
    answers = said(ENERGY.oid, scale=CENT, units=19, most=most)
    assert converted(ENERGY, answers, 1, register=True) == (36_000, Dial(36_000))


def test_the_files_unit_and_scale_win_over_the_objects() -> None:
    mine = point("energy_import", 23, 1, unit="Wh", scale=Decimal(10), times=Fraction(80))
    answers = said(ENERGY.oid, scale=CENT, units=19, most=9)
    assert converted(mine, answers, 3, register=True) == (
        3 * 10 * 3600 * 80, Dial(2_880_000, 28_800_000),
    )  # fmt: skip


def test_an_accumulator_without_a_scale_counts_ones_but_a_scale_not_told_is_absent() -> None:
    lacks = said(ENERGY.oid, scale=Refusal(2, 32), units=19)
    assert converted(ENERGY, lacks, 2, register=True) == (7_200_000, Dial(3_600_000))
    for scale in (Refusal(0, 0), None, Tag(1, CONTEXT)):
        answers = said(ENERGY.oid, scale=scale, units=19)
        assert converted(ENERGY, answers, 2, register=True) is None


def test_gauges_are_in_their_canonical_unit() -> None:
    watts, room = said(POWER.oid, units=47), point("temperature", 0, 4)
    assert converted(POWER, watts, 1500.0, register=False) == (1.5, None)
    assert converted(room, said(room.oid, units=64), 68.0, register=False) == (20.0, None)
    assert converted(point("batch", 0, 4), said(room.oid, units=64), 68.0, register=False) == (
        68.0, None,
    )  # fmt: skip


def test_a_unit_of_another_dimension_is_no_unit() -> None:
    assert converted(POWER, said(POWER.oid, units=19), 1.0, register=False) is None


def test_what_is_asked_of_an_object() -> None:
    assert meaning.in_a_cycle(POWER) == (85, 111, 103, 81)
    assert meaning.in_a_cycle(ENERGY) == (85, 111, 103, 81, 187, 192)
    assert meaning.in_a_cycle(point("serial_number", 8, 7, number=372)) == (372,)
    assert meaning.once(POWER) == (117,)
    assert meaning.once(ENERGY) == (117, 65)
    assert meaning.once(point("energy_import", 23, 1, unit="kWh")) == (65,)
    assert meaning.once(point("voltage", 0, 1, unit="V")) == ()
