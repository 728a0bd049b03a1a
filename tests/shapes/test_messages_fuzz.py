"""Hostile payloads of MQTT: each holds readings, nothing, or is said to hold none."""

from __future__ import annotations

from math import isfinite

from tests.damage import many
from tests.shapes.test_messages import NOON, POWER, ROOM, SPECS, TOTAL

from meterd.shapes.entries import EntryError
from meterd.shapes.messages import Wanted, heard

CASES = 3_000
SOUND = [
    b'{"ENERGY": {"Total": 12.345678901, "Power": 1500}, "t": 21.5}',
    b'{"t": "21.5", "ENERGY": {"Total": null, "Power": -3e2}}',
    b"21.5",
]
INSERTS = [
    b"null", b"true", b"1e999", b"-1", b"NaN", b"Infinity", b'"', b"\\ud800", b"[" * 3000,
    b"9" * 400, b'{"t":' * 800, b"\xff\xfe", b"1_000", b"\0", b",", b"{}",
    b"\xef\xbb\xbf", b"\xd9\xa1",
]  # fmt: skip
WANTED = (TOTAL, POWER, ROOM, Wanted("room", "temperature"))


def test_a_payload_holds_readings_or_says_why_not() -> None:
    good = 0
    for payload in many(4, CASES, SOUND, INSERTS):
        for wanted in ((TOTAL, POWER, ROOM), WANTED[3:]):
            try:
                readings = heard(wanted, payload, SPECS, NOON)
            except EntryError:
                continue
            for reading in readings:
                good += 1
                assert all(isinstance(amount, int) for amount in reading.registers.values())
                assert all(map(isfinite, reading.gauges.values())), payload
    assert good > CASES // 100
