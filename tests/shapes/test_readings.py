"""A row of cells as a reading; the recordings' own tests say more."""

from __future__ import annotations

import pytest

from meterd.events import PollFailed, Reading
from meterd.shapes.readings import Columns, cells, exact_amount, with_facts
from meterd.specs import MeterSpec, RegisterSpec
from meterd.units import UNITS

HEADER = ["time", "meter", "energy_import", "volume", "active_power", "voltage", "age_s"]
MAIN = MeterSpec(
    "main",
    units={"energy_import": "kWh", "volume": "gal", "active_power": "W", "voltage": ""},
    registers=(RegisterSpec("energy_import"), RegisterSpec("volume", unit="gal")),
)
ODD = MeterSpec("odd", units={"bales": "bales"}, registers=(RegisterSpec("bales", unit="bales"),))
ROWS = {
    "5,,,,": Reading("main", 0, {"energy_import": 18_000_000}, {}, ("volume",)),
    "0.1234567891,,,,": Reading("main", 0, {"energy_import": 444_444}, {}, ("volume",)),
    "1e3,2.5,,,": Reading("main", 0, {"energy_import": 3_600_000_000, "volume": 9464}, {}),
    "nan,1,1500,230,": Reading(
        "main", 0, {"volume": 3785}, {"active_power": 1.5, "voltage": 230.0}, ("energy_import",)
    ),
    ",,inf,230,2.5": Reading(
        "main", 0, {}, {"voltage": 230.0}, ("energy_import", "volume"), age_ms=2500
    ),
    ",,,,": PollFailed("main", 0, "empty row", False),
    ",,nan,,1": PollFailed("main", 0, "empty row", False),
}


@pytest.mark.parametrize(("row", "expected"), ROWS.items(), ids=ROWS.keys())
def test_a_row(row: str, expected: Reading | PollFailed) -> None:
    assert Columns(HEADER, MAIN).reading(["", "main", *row.split(",")], 0) == expected


def test_a_counter_of_a_unit_of_the_sites_own_counts_pieces() -> None:
    columns = Columns(["time", "meter", "bales", "unknown"], ODD)
    assert columns.reading(["", "odd", "2.5", "7"], 0) == Reading(
        "odd", 0, {"bales": 2_500_000}, {}
    )


def test_a_large_unit_has_whole_base_units_in_every_place() -> None:
    huge = MeterSpec(
        "grid",
        units={"energy_import": "GWh"},
        registers=(RegisterSpec("energy_import", unit="GWh"),),
    )
    row = Columns(["time", "meter", "energy_import"], huge).reading(["", "", "1.00000001"], 0)
    assert row == Reading("grid", 0, {"energy_import": 3_600_000_036_000}, {})


def test_facts_are_told_of_the_device() -> None:
    bare = Reading("main", 0, {}, {"voltage": 230.0})
    assert with_facts(bare, {}) is bare
    told = with_facts(bare, {"serial_number": 7, "uptime": "60"})
    assert (told.serial, told.texts, told.uptime_s) == ("7", {}, 60.0)


@pytest.mark.parametrize("text", ["1_000", "0x1", "1e100", "--1", "1" * 41])
def test_what_is_no_number_is_nonsense(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        exact_amount(text, "energy_import", UNITS["kWh"])


def test_an_object_has_cells() -> None:
    assert cells({"a": 1, "b": None, "c": "x"}) == ["1", "", "x"]
