"""How properties are put into requests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meterd.readers.bacnet_ip.planning import (
    APDU_MAX,
    answer_bytes,
    count,
    fewer,
    plan,
    request_bytes,
)
from meterd.readers.bacnet_ip.services import Item, read_properties

HEALTH = (85, 111, 103, 81)


def test_a_few_objects_are_one_request() -> None:
    items = [Item((0, n), HEALTH) for n in range(22)]
    assert plan(items) == [tuple(items)]
    assert plan([]) == []


def test_more_are_as_many_requests_as_their_answers_need() -> None:
    items = [Item((0, n), HEALTH) for n in range(50)]
    blocks = plan(items)
    assert [len(block) for block in blocks] == [23, 23, 4]
    assert all(answer_bytes(block) <= APDU_MAX for block in blocks)


def test_the_value_and_the_flags_of_an_object_stay_together_where_they_fit() -> None:
    items = [Item((0, 1), HEALTH), Item((0, 2), HEALTH)]
    assert plan(items, most=6) == [(items[0],), (items[1],)]
    assert plan(items, most=2)[0] == (Item((0, 1), (85, 111)),)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), max_size=40),
    st.integers(1, 200),
    st.integers(50, 1476),
)
def test_nothing_is_lost_and_nothing_is_too_long(
    objects: list[tuple[int, int]], most: int, apdu_max: int
) -> None:
    items = [Item((0, n), tuple(range(many))) for n, (_, many) in enumerate(objects)]
    blocks = plan(items, most, apdu_max)
    asked = [(i.oid, number) for block in blocks for i in block for number in i.properties]
    assert asked == [(item.oid, number) for item in items for number in item.properties]
    for block in blocks:
        assert count(block) <= most
        assert count(block) == 1 or answer_bytes(block) <= apdu_max
        assert len(read_properties(block)) + 4 <= request_bytes(block)


def test_after_a_refusal_half_as_many() -> None:
    assert fewer((Item((0, 1), HEALTH), Item((0, 2), HEALTH))) == 4
    assert fewer((Item((0, 1), (85,)),)) == 1
