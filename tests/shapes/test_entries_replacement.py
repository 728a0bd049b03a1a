"""A replacement that people tell of: its values, its counter, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.shapes.test_entries import KWH, MAIN, NOON, PLANNED, WATER

from meterd.orders import ReplacementOrdered
from meterd.shapes.entries import EntryError, replacement
from meterd.specs import MeterSpec

# -- replacements -------------------------------------------------------------------------


def test_a_replacement_has_its_values_in_the_unit_of_the_only_counter() -> None:
    item = {
        "old_final": "99.5", "new_initial": 0, "serial": "B", "at": "2026-01-10T11:59:00Z",
        "force": True,
    }  # fmt: skip
    assert replacement(WATER, item, NOON, "ann") == ReplacementOrdered(
        "water-1", NOON, "ann", "volume", NOON - 60_000, 99_500_000, 0, "B", True
    )


def test_a_replacement_of_one_of_several_counters() -> None:
    item = {"quantity": "energy_export", "old_final": "1.5"}
    order = replacement(MAIN, item, NOON, "ann")
    assert (order.quantity, order.old_final) == ("energy_export", 1500 * KWH)
    assert (order.swapped_ms, order.new_initial, order.serial, order.force) == (
        None, None, None, False,
    )  # fmt: skip


def test_a_replacement_without_values_is_of_all_counters() -> None:
    assert replacement(MAIN, {"serial": "B"}, NOON, "ann").quantity == ""
    assert replacement(MAIN, {"old_final": None}, NOON, "ann").old_final is None


REPLACEMENTS = {
    "an unknown word": (MAIN, {"final": 1}, "final is not known here; did you mean 'old_final'?"),
    "several counters": (
        MAIN, {"new_initial": 0}, "quantity is missing; main has energy_import and energy_export"
    ),
    "no such counter": (
        MAIN,
        {"quantity": "energy_imprt"},
        "quantity is no counter of main; did you mean 'energy_import'?",
    ),
    "a quantity that is no text": (
        MAIN, {"quantity": 1}, "quantity is no printable text of up to 100 characters"
    ),
    "an empty serial number": (
        WATER, {"serial": ""}, "serial is no printable text of up to 100 characters"
    ),
    "no number": (WATER, {"old_final": "x"}, "old_final is 'x', not a number"),
    "NaN": (WATER, {"new_initial": "NaN"}, "new_initial is no number"),
    "no time": (WATER, {"at": ""}, "at is no time with an offset; write 2026-01-31T12:00:00Z"),
    "a force that is none": (WATER, {"force": "yes"}, "force is neither true nor false"),
    "a meter that is not followed": (
        PLANNED, {"serial": "B"}, "later is planned; what it reads is not followed"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REPLACEMENTS.values(), ids=REPLACEMENTS.keys())
def test_a_replacement_that_cannot_be_is_refused_by_its_field(
    case: tuple[MeterSpec, dict[str, Any], str],
) -> None:
    spec, item, why = case
    with pytest.raises(EntryError) as error:
        replacement(spec, item, NOON, "ann")
    assert str(error.value) == why
