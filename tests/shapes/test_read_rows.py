"""A reading as rows."""

from __future__ import annotations

from meterd.events import Reading
from meterd.shapes.read_rows import rows_of
from meterd.specs import MeterSpec, RegisterSpec


def test_texts_and_counters_of_the_users_own_are_shown_too() -> None:
    spec = MeterSpec(
        "main",
        units={"bottles": "L", "flow_rate": "L/h"},
        registers=(RegisterSpec("bottles", unit="L"),),
    )
    reading = Reading(
        "main", 0, {"bottles": 1500}, {"flow_rate": 2.5}, missing=("flow",), texts={"state": "ok"},
        serial="A7", uptime_s=12.5,
    )  # fmt: skip
    assert rows_of(spec, reading) == [
        {"quantity": "bottles", "value": "1.5", "unit": "L"},
        {"quantity": "flow_rate", "value": 2.5, "unit": "L/h"},
        {"quantity": "serial_number", "value": "A7", "unit": None},
        {"quantity": "state", "value": "ok", "unit": None},
        {"quantity": "uptime", "value": 12.5, "unit": "s"},
        {"quantity": "flow", "value": None, "unit": None},
    ]
