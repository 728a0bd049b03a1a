"""What is recorded is read back as it was: the writer and the reader of recordings agree."""

from __future__ import annotations

import json

import pytest

from meterd.events import Reading
from meterd.readers.recording import readings
from meterd.shapes.recorded import Recorder
from meterd.specs import MeterSpec, RegisterSpec, SiteSpec

MAIN = MeterSpec(
    "main",
    units={"energy_import": "Wh", "active_power": "W", "own": "V", "model": ""},
    registers=(RegisterSpec("energy_import", unit="Wh"),),
)
WATER = MeterSpec("water", units={"volume": "m3"}, registers=(RegisterSpec("volume", unit="m3"),))
SITE = SiteSpec("hq", "UTC", meters=(MAIN, WATER))
READ = [
    Reading("main", 1000, {"energy_import": 3601}, {"active_power": 1.2345, "own": 230.0}),
    Reading("water", 1500, {"volume": 1_234_567}, {}),
    Reading("main", 2000, {}, {"own": 0.1}, serial="S-1", uptime_s=7.5, age_ms=1500),
]


@pytest.mark.parametrize("jsonl", [False, True])
def test_a_recording_is_read_back_as_it_was_written(jsonl: bool) -> None:
    recorder = Recorder(SITE, jsonl=jsonl)
    text = recorder.head() + "".join(map(recorder.row, READ))
    name, meters = "r.jsonl" if jsonl else "r.csv", {"main": MAIN, "water": WATER}
    again = list(readings(name, text.splitlines(), meters))
    assert recorder.count == 3
    assert [
        (one.meter, one.at_ms, one.registers, one.gauges, one.serial, one.uptime_s, one.age_ms)
        for one in again
        if isinstance(one, Reading)
    ] == [
        (one.meter, one.at_ms, one.registers, one.gauges, one.serial, one.uptime_s, one.age_ms)
        for one in READ
    ]


def test_texts_are_columns_too_and_what_was_not_read_is_left_out() -> None:
    recorder = Recorder(SITE, jsonl=True)
    row = json.loads(recorder.row(Reading("main", 0, {}, {}, texts={"model": "X1"})))
    assert row == {"time": "1970-01-01T00:00:00Z", "meter": "main", "model": "X1"}
