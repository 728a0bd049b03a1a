"""What Sparkplug is told of a meter."""

from __future__ import annotations

from decimal import Decimal

from meterd.sinks.sparkplug_metrics import Told, told
from meterd.sinks.sparkplug_payload import BOOLEAN, DOUBLE, STRING, UINT64
from meterd.specs import MeterSpec
from meterd.views import MeterView

SPEC = MeterSpec("main", units={"active_power": "W", "pressure": "bar", "heat": "MWh"})


def view(**more: object) -> MeterView:
    first = {"at_ms": 1_767_268_800_000, "quality": "good", "fields": {}, "quantities": {}}
    given = {"meter": "main", "online": True, **first, "totals": {}, "unbilled": {}, **more}
    return MeterView(**given)  # type: ignore[arg-type]  # a row of the test's own


def test_before_a_reading_there_is_nothing_to_tell() -> None:
    assert told(view(at_ms=None), SPEC) == {}


def test_values_have_the_units_they_are_kept_in() -> None:
    found = told(view(quantities={"active_power": 1.5, "pressure": 3.0, "odd": 1.0}), SPEC)
    assert found == {
        "quality": Told(STRING, "good"),
        "active_power": Told(DOUBLE, 1.5, "kW"),
        "pressure": Told(DOUBLE, 3.0, "bar"),
        "odd": Told(DOUBLE, 1.0),
    }


def test_counters_are_whole_and_never_rounded_up() -> None:
    totals = {"energy_import": 7_199, "volume": 1_999, "count": 2_000_000, "heat": 3_600, "odd": 5}
    found = told(view(totals=totals), SPEC)
    assert found["energy_import"] == Told(UINT64, 1, "Wh")
    assert found["volume"] == Told(UINT64, 1, "L")
    assert found["count"] == Told(UINT64, 2, "1")
    assert found["heat"] == Told(UINT64, 1, "Wh")
    assert "odd" not in found


def test_fields_of_the_seed_keep_their_names() -> None:
    fields = {
        "currentKw": Decimal("1.25"),
        "kwhToday": 3,
        "peakDemandDate": "2026-01-01T12:00:00Z",
        "lastReadingTime": "2026-01-01T12:00:00Z",
        "voltage": None,
        "spare": [1],
        "flag": True,
    }
    found = told(view(fields=fields), SPEC)
    assert found == {
        "quality": Told(STRING, "good"),
        "currentKw": Told(DOUBLE, 1.25),
        "kwhToday": Told(DOUBLE, 3.0),
        "peakDemandDate": Told(STRING, "2026-01-01T12:00:00Z"),
        "flag": Told(BOOLEAN, True),
    }
