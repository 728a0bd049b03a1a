"""Orders about a replacement that cannot be: what is said, and that nothing changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.metering.days import counter
from tests.metering.replacing import READ, SERIAL, lived, told

COMPLETED = {"serial": "B", "old_final": 509, "new_initial": 12}

CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "never read": (
        "",
        {"old_final": 1},
        "m.energy_import was never read; its first reading sets it",
    ),
    "below nothing": (READ, {"new_initial": -1}, "m.energy_import can never show -1 kWh"),
    "not yet": (READ, {"swapped": 721}, "2023-11-14T22:25:21Z has not come yet"),
    "a step back": (
        READ,
        {"old_final": 504, "new_initial": 0},
        "504 kWh is below 505 kWh, which m.energy_import showed at 2023-11-14T22:19:20Z",
    ),
    "more than could be used": (
        READ,
        {"old_final": 516, "new_initial": 0},
        (
            "11 kWh in 360 s is more than m.energy_import can count (10 kWh); correct it, or force "
            "it to be booked"
        ),
    ),
    "before readings that show no replacement": (
        READ,
        {"swapped": 300, "old_final": 505, "new_initial": 0},
        (
            "m.energy_import was read until 2023-11-14T22:19:20Z, after 2023-11-14T22:18:20Z, and "
            "shows no replacement there; leave out the time if it is replaced now"
        ),
    ),
    "the old serial number": (
        "0 A:500 baseline_set 0",
        {"serial": "A", "old_final": 505},
        "m.energy_import has the serial number A already; name the new one",
    ),
    "the old one's reading, and the readings have shown it": (
        SERIAL,
        {"old_final": 15, "new_initial": 12},
        (
            "15 kWh is below 16 kWh, which m.energy_import showed at 2023-11-14T22:31:20Z; if the "
            "readings show the replacement, name its time or the new serial number"
        ),
    ),
    "a new serial number, at a time before its first reading": (
        SERIAL,
        {"serial": "C", "swapped": 700, "old_final": 509},
        (
            "m.energy_import was read until 2023-11-14T22:31:20Z, after 2023-11-14T22:25:00Z, and "
            "shows no replacement there; leave out the time if it is replaced now"
        ),
    ),
    "nothing to add": (
        SERIAL,
        {"serial": "B"},
        (
            "the replacement of m.energy_import after 2023-11-14T22:19:20Z is booked; give its old "
            "final or its new initial reading"
        ),
    ),
    "the old one ended lower": (
        SERIAL,
        {"serial": "B", "old_final": 504},
        "504 kWh is below 505 kWh, which m.energy_import showed at 2023-11-14T22:19:20Z",
    ),
    "the new one began higher": (
        SERIAL,
        {"serial": "B", "new_initial": 15},
        (
            "15 kWh is above 14 kWh, the first reading of the new m.energy_import at "
            "2023-11-14T22:25:20Z"
        ),
    ),
    "both together are more than could be used": (
        SERIAL,
        {"serial": "B", "old_final": 510, "new_initial": 8},
        (
            "11 kWh in 360 s is more than m.energy_import can count (10 kWh); correct it, or force "
            "it to be booked"
        ),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_it_says_why_and_changes_nothing(case: tuple[str, dict[str, Any], str]) -> None:
    day, fields, why = case
    register = lived(day) if day else counter()
    before = msgspec.msgpack.encode(register.state)
    bookings, event = told(register, 720 if day != SERIAL else 5000, **fields)
    assert (bookings, event.kind) == ([], "replacement_refused")
    assert event.numbers == {"why": why, "actor": "ann"}
    assert msgspec.msgpack.encode(register.state) == before


@pytest.mark.parametrize("value", [1000, 1001])
def test_no_counter_shows_its_modulus(value: int) -> None:
    register = lived(READ, modulus=1000)
    _bookings, event = told(register, 720, old_final=value)
    assert event.numbers["why"] == f"m.energy_import can never show {value} kWh"


@pytest.mark.parametrize("field", ["old_final", "new_initial"])
def test_what_was_told_once_is_not_told_again(field: str) -> None:
    register = lived(SERIAL)
    told(register, 5000, **COMPLETED)
    _bookings, event = told(register, 5001, serial="B", **{field: COMPLETED[field]})
    word = "old final" if field == "old_final" else "new initial"
    assert event.numbers["why"].endswith(f"has its {word} reading already")


def test_the_same_order_again_books_nothing() -> None:
    register = lived(READ)
    first, _event = told(register, 720, **COMPLETED)
    again, event = told(register, 730, **COMPLETED)
    assert (len(first), again, event.kind) == (1, [], "replacement_refused")


def test_what_is_forced_is_not_too_much() -> None:
    register = lived(SERIAL)
    (booking,), _event = told(register, 5000, serial="B", old_final=700, new_initial=0, force=True)
    assert booking.amount // 3_600_000 == 209
