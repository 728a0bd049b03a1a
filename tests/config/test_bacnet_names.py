"""BACnet's names."""

from __future__ import annotations

import pytest
from bacpypes3.primitivedata import ObjectType, PropertyIdentifier

from meterd.config.bacnet_names import (
    OBJECT_TYPES,
    PROPERTIES,
    is_real,
    object_id,
    object_name,
    property_id,
)


@pytest.mark.parametrize(
    ("text", "oid"),
    [("analog-input,3", (0, 3)), ("accumulator:1", (23, 1)), ("130,5", (130, 5)),
     ("analog-input", None), ("analog-inptu,3", None), ("1024,1", None), ("device,4194303", None),
     ("analog-input,-1", None)],
)  # fmt: skip
def test_an_object(text: str, oid: tuple[int, int] | None) -> None:
    assert object_id(text) == oid


def test_a_name_is_read_as_it_is_written() -> None:
    assert [object_name(oid) for oid in ((23, 1), (130, 5))] == ["accumulator,1", "130,5"]
    assert [property_id(t) for t in ("present-value", "4194303", "presnt", "123456789")] == [
        85, 4_194_303, None, None,
    ]  # fmt: skip


def test_what_is_a_float32() -> None:
    reals = ["analog-input,1", "pulse-converter,2", "accumulator,1", None, "x,1"]
    assert [is_real(text) for text in reals] == [True, True, False, False, False]


def test_the_numbers_are_the_standards() -> None:
    for name, number in OBJECT_TYPES.items():
        assert int(ObjectType(name)) == number, name
    for name, number in PROPERTIES.items():
        assert int(PropertyIdentifier(name)) == number, name
