"""What is sent of one instant in several rows is one reading."""

from __future__ import annotations

from meterd.events import Reading
from meterd.shapes.entries import joined

NOON = 1_767_268_800_000
TAKEN = Reading("m", NOON, {"volume": 1}, {})


def test_what_was_sent_in_pieces_is_one_reading() -> None:
    one = Reading("m", NOON, {"volume": 1}, {}, missing=("temperature",), uptime_s=0.0, age_ms=5)
    other = Reading("m", NOON, {}, {"temperature": 8.0}, serial="B", texts={"serial_number": "B"})
    whole = Reading(
        "m", NOON, {"volume": 1}, {"temperature": 8.0}, serial="B", uptime_s=0.0, age_ms=5,
        texts={"serial_number": "B"},
    )  # fmt: skip
    assert joined(one, other) == whole
    assert joined(other, one) == whole
    assert joined(one, TAKEN) is None
