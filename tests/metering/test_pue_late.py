"""PUE when meters are late: what comes late counts, and no order or restart matters."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metering.facility import (
    BERLIN,
    DAY,
    FIVE,
    HOUR,
    MEMBERS,
    MIDNIGHT,
    fresh,
    hours,
    shown,
    used,
)

from meterd.metering import pue
from meterd.metering.pue import Pue, PueState


def test_energy_that_comes_late_makes_its_days_whole() -> None:
    made = fresh()
    for index in range(5 * 288):
        for meter, amount in (("grid", 15), ("pdu1", 5)):
            made.take(used(meter, MIDNIGHT + index * FIVE, amount))
    first = made.state.days[MIDNIGHT]
    assert (first.sides[1].energy_j, first.sides[1].lacking_ms) == (288 * 5, DAY)
    assert len(made.state.pending) == pue.PENDING_MAX
    assert shown(made)["day"] == "incomplete"
    for index in range(5 * 288):
        made.take(used("pdu2", MIDNIGHT + index * FIVE, 5))
    assert [day.sides[1].lacking_ms for day in made.state.days.values()] == [0] * 5
    assert (shown(made)["day"], made.state.pending, made.state.dropped) == (1.5, {}, 0)
    assert sum(day.sides[1].energy_j for day in made.state.days.values()) == 5 * 288 * 10


def test_what_is_later_than_any_day_that_is_kept_is_counted_as_dropped() -> None:
    made = fresh((("grid",), ("pdu",)))
    hours(made, 24, 1, grid=3, pdu=2)
    made.take(used("pdu", MIDNIGHT, 2))
    assert (made.state.dropped, list(made.state.days)) == (1, [MIDNIGHT + DAY])


def test_an_interval_of_another_length_goes_to_its_day() -> None:
    made = fresh((("grid",), ("pdu",)))
    hours(made, 0, 1, grid=3, pdu=2)
    made.take(used("grid", MIDNIGHT + HOUR, 3, HOUR))
    made.take(used("pdu", MIDNIGHT + HOUR, 2, FIVE))
    hours(made, 2, 1, grid=3, pdu=2)
    day = made.state.days[MIDNIGHT]
    assert (day.seen_ms, day.sides[0].energy_j, day.sides[1].energy_j) == (3 * HOUR, 9, 6)
    assert day.sides[1].lacking_ms == HOUR


def test_with_other_meters_what_waits_is_entered_and_the_past_is_kept() -> None:
    made = fresh()
    hours(made, 0, 1, grid=15, pdu1=5, pdu2=5)
    hours(made, 1, 1, grid=15, pdu1=5)
    same = Pue(3, MEMBERS, BERLIN, made.state)
    assert len(same.state.pending) == 1
    other = Pue(3, (("grid",), ("pdu1",)), BERLIN, made.state)
    day = other.state.days[MIDNIGHT]
    assert (other.state.pending, day.seen_ms, day.sides[1].energy_j) == ({}, 2 * HOUR, 15)
    assert day.sides[1].lacking_ms == HOUR
    hours(other, 2, 1, grid=15, pdu1=5)
    assert day.sides[1].energy_j == 20


@settings(deadline=None)
@given(
    st.data(),
    st.lists(
        st.tuples(*[st.integers(0, 1000)] * 3, *[st.sampled_from([0, 0, FIVE // 100])] * 3),
        min_size=1, max_size=30,
    ),
)  # fmt: skip
def test_the_order_of_meters_and_restarts_do_not_matter(
    data: st.DataObject, rows: list[tuple[int, ...]]
) -> None:
    names = ("grid", "pdu1", "pdu2")
    turns = data.draw(st.permutations([n for n in range(3) for _ in rows]))
    made, at = fresh(), [0, 0, 0]
    first_ms = MIDNIGHT + DAY - 10 * FIVE  # over a midnight
    for meter in turns:
        index, at[meter] = at[meter], at[meter] + 1
        start_ms = first_ms + index * FIVE
        missing_ms = rows[index][3 + meter]
        made.take(used(names[meter], start_ms, rows[index][meter], missing_ms=missing_ms))
        body = msgspec.msgpack.encode(made.state)
        made = Pue(3, MEMBERS, BERLIN, msgspec.msgpack.decode(body, type=PueState))
    totals = [sum(row[side] for row in rows) for side in range(3)]
    lacks = [sum(row[3 + side] for row in rows) for side in range(3)]
    year = made.figures()[2]
    assert (year.facility_j, year.it_j) == (totals[0], totals[1] + totals[2])
    assert year.end_ms == first_ms + len(rows) * FIVE
    whole_ms = year.end_ms - year.start_ms
    seen_ms = len(rows) * FIVE
    assert year.facility_coverage == (seen_ms - lacks[0]) / whole_ms
    assert year.it_coverage == (seen_ms - lacks[1] - lacks[2]) / whole_ms
