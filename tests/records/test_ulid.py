"""Ids."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.records.ulid import dashed, named_ulid, ulid, undashed

TIMES = st.integers(0, 2**48 - 1)
ENTROPIES = st.integers(0, 2**80 - 1)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_the_known_ends_of_the_range() -> None:
    assert ulid(0, 0) == "0" * 26
    assert ulid(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25


@pytest.mark.parametrize(
    ("at_ms", "start"), [(1469918176385, "01ARYZ6S41"), (1469922850259, "01ARZ3NDEK")]
)
def test_the_times_of_the_specification_s_examples(at_ms: int, start: str) -> None:
    assert ulid(at_ms, 0) == start + "0" * 16


@settings(deadline=None)
@given(TIMES, ENTROPIES)
def test_an_id_holds_its_time_and_its_entropy(at_ms: int, entropy: int) -> None:
    number = 0
    for letter in ulid(at_ms, entropy):
        number = number * 32 + LETTERS.index(letter)
    assert divmod(number, 2**80) == (at_ms, entropy)


@settings(deadline=None)
@given(TIMES, ENTROPIES, TIMES, ENTROPIES)
def test_ids_sort_by_time_then_entropy(a_ms: int, a: int, b_ms: int, b: int) -> None:
    assert (ulid(a_ms, a) < ulid(b_ms, b)) == ((a_ms, a) < (b_ms, b))


def test_only_eighty_bits_of_entropy_are_used() -> None:
    assert ulid(7, 2**80 + 5) == ulid(7, 5)


@pytest.mark.parametrize("at_ms", [-1, 2**48])
def test_a_time_that_does_not_fit_is_impossible(at_ms: int) -> None:
    with pytest.raises(AssertionError):
        ulid(at_ms, 0)


def test_ids_are_printed_ten_eight_eight() -> None:
    assert dashed("01JAP8RJBN8ZTPXSGYJ9GSDPE1") == "01JAP8RJBN-8ZTPXSGY-J9GSDPE1"


@pytest.mark.parametrize("text", ["01JAP8RJBN-8ZTPXSGY-J9GSDPE1", " 01jap8rjbn8ztpxsgyj9gsdpe1\n"])
def test_an_id_is_understood_with_and_without_dashes(text: str) -> None:
    assert undashed(text) == "01JAP8RJBN8ZTPXSGYJ9GSDPE1"


@pytest.mark.parametrize("text", ["", "01JAP8RJBN", "01JAP8RJBN-8ZTPXSGY-J9GSDPE?", "x" * 27])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no id; ids look like"):
        undashed(text)


def test_a_named_thing_has_one_id_everywhere() -> None:
    assert dashed(named_ulid("unit", "kWh")) == "0000000000-ZXD8PH87-D1V01CHP"
    names = [("unit", "water"), ("meter_type", "water"), ("unit", "m3"), ("un", "itwater")]
    assert len({named_ulid(*name) for name in names}) == len(names)
