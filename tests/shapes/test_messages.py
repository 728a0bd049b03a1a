"""What a message of MQTT holds for the meters that publish it."""

from __future__ import annotations

import pytest

from meterd.events import Reading
from meterd.shapes.entries import EntryError
from meterd.shapes.messages import Wanted, heard
from meterd.specs import MeterSpec, RegisterSpec

NOON = 1_767_268_800_000
SPECS = {
    "plug": MeterSpec(
        "plug",
        units={"energy_import": "kWh", "active_power": "W"},
        registers=(RegisterSpec("energy_import"),),
        pushed=True,
    ),
    "room": MeterSpec("room", units={"temperature": "degC"}, pushed=True),
}
TOTAL = Wanted("plug", "energy_import", ("ENERGY", "Total"))
POWER = Wanted("plug", "active_power", ("ENERGY", "Power"))
ROOM = Wanted("room", "temperature", ("t",))


def test_one_message_is_one_reading_of_each_meter() -> None:
    payload = b'{"ENERGY": {"Total": 12.345678901, "Power": 1500}, "t": 21.5}'
    assert heard((TOTAL, POWER, ROOM), payload, SPECS, NOON) == [
        Reading("plug", NOON, {"energy_import": 44_444_444}, {"active_power": 1.5}),
        Reading("room", NOON, {}, {"temperature": 21.5}),
    ]


@pytest.mark.parametrize(
    "payload", [b'{"t": 1}', b'{"ENERGY": 5}', b'{"ENERGY": {"Total": null}}', b"[]"]
)
def test_what_it_does_not_hold_is_left_out(payload: bytes) -> None:
    assert heard((TOTAL,), payload, SPECS, NOON) == []


def test_a_payload_may_be_the_number() -> None:
    (reading,) = heard((Wanted("room", "temperature"),), b" 21.5\n", SPECS, NOON)
    assert reading.gauges == {"temperature": 21.5}


def test_a_meter_that_has_just_left_hears_nothing() -> None:
    assert heard((Wanted("gone", "temperature"),), b"1", SPECS, NOON) == []


@pytest.mark.parametrize(
    ("wanted", "payload", "why"),
    [
        (TOTAL, b"{", "is no JSON"),
        (TOTAL, b'{"ENERGY": {"Total": true}}', "energy_import is 'True', not a number"),
        (Wanted("room", "temperature"), b"warm", "temperature is 'warm', not a number"),
        (Wanted("room", "temperature"), b"\xff", "not a number"),
    ],
)
def test_what_is_no_number_is_said(wanted: Wanted, payload: bytes, why: str) -> None:
    with pytest.raises(EntryError, match=why):
        heard((wanted,), payload, SPECS, NOON)
