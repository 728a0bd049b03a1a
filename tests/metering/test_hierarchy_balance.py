"""A parent against the sum of its children: the energy nobody accounts for."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterd.events import Interval
from meterd.metering.alarm import Turned
from meterd.metering.calendar import parse_iso
from meterd.metering.hierarchy import PENDING_MAX, Balance, BalanceState
from meterd.specs import ChainMeter

NOON = parse_iso("2026-01-10T12:00:00Z")
FIVE = 300_000
KWH = 3_600_000
CLASS_1 = "1.0"
MAIN = ChainMeter("main", accuracy_class=CLASS_1)
RACKS = (
    ChainMeter("rack1", parent="main", accuracy_class=CLASS_1),
    ChainMeter("rack2", parent="main", accuracy_class=CLASS_1),
)


def used(meter: str, index: int, amount: float, **more: Any) -> Interval:
    """Five minutes of a meter, in kWh."""
    start_ms = NOON + index * FIVE
    row = Interval(
        meter, "energy_import", "measured", "", start_ms, start_ms + FIVE, round(amount * KWH)
    )
    return msgspec.structs.replace(row, **more)


def five_minutes(balance: Balance, index: int, *kwh: float) -> list[Turned]:
    """All meters of a balance, the parent first."""
    turned = []
    for meter, amount in zip(balance.meters, kwh, strict=True):
        turned += balance.take(used(meter, index, amount))
    return turned


def fresh(**state: Any) -> Balance:
    return Balance(MAIN, RACKS, BalanceState(**state))


def test_what_is_accounted_for_is_no_alarm() -> None:
    balance = fresh()
    for index in range(20):
        assert five_minutes(balance, index, 10.0, 6.0, 3.9) == []
    state = balance.state
    assert (state.compared, state.skipped, state.pending) == (20, 0, {})
    assert (state.parent_j, state.children_j) == (200 * KWH, 198 * KWH)
    assert balance.active() == []


def test_energy_that_nobody_accounts_for_is_told_after_three_intervals() -> None:
    balance = fresh()
    told = [five_minutes(balance, index, 10.0, 5.0, 4.0) for index in range(5)]
    assert [len(one) for one in told] == [0, 0, 1, 0, 0]
    numbers = {
        "value": "1",
        "limit": "0.2",
        "unit": "kWh",
        "parent": "10",
        "children": "9",
        "since": "2026-01-10T12:00:00Z",
    }
    raised = told[2][0]
    assert raised == (
        "alarm_raised", "unaccounted_energy", "warning", numbers, NOON + 3 * FIVE,
    )  # fmt: skip
    unseen = {"acknowledged": None, "acknowledged_by": None}
    assert balance.active() == [("unaccounted_energy", "warning", NOON, numbers | unseen)]
    ended = [five_minutes(balance, index, 10.0, 6.0, 4.0) for index in range(5, 9)]
    assert [[one.kind for one in turned] for turned in ended] == [[], [], ["alarm_cleared"], []]
    assert balance.active() == []


def test_children_that_exceed_their_parent_are_told_with_a_sign() -> None:
    balance = fresh()
    for index in range(3):
        turned = five_minutes(balance, index, 10.0, 8.0, 4.0)
    assert turned[0].numbers["value"] == "-2"


def test_no_storm_at_the_tolerance() -> None:
    balance = fresh()
    told = []
    for index in range(40):
        told += five_minutes(balance, index, 10.0, 9.8 - 0.001 * (index % 2 == 0), 0.0)
    assert [one.kind for one in told] == ["alarm_raised"]


def test_next_to_nothing_is_no_alarm() -> None:
    balance = fresh()
    for index in range(9):
        assert five_minutes(balance, index, 0.01, 0.0, 0.0) == []
    assert balance.state.alarm.beyond is False
    assert five_minutes(balance, 9, 0.0101, 0.0, 0.0) == []
    assert balance.state.alarm.beyond is True


def test_a_coarse_counter_has_its_count_for_tolerance() -> None:
    coarse = ChainMeter("main", accuracy_class=CLASS_1, count_j=KWH)
    balance = Balance(coarse, RACKS, BalanceState())
    five_minutes(balance, 0, 1.0, 0.0, 0.0)
    assert balance.state.alarm.beyond is False


@pytest.mark.parametrize(
    "flaw",
    [
        {"missing_ms": 1},
        {"questionable": 1},
        {"gap_from_ms": NOON, "gap_to_ms": NOON + 2 * FIVE},
        {"end_ms": NOON + FIVE + 1},
    ],
)
def test_only_whole_and_aligned_intervals_are_compared(flaw: dict[str, int]) -> None:
    balance = fresh()
    balance.take(used("main", 0, 10.0))
    balance.take(used("rack1", 0, 1.0))
    assert balance.take(used("rack2", 0, 1.0, **flaw)) == []
    assert (balance.state.compared, balance.state.skipped) == (0, 1)
    five_minutes(balance, 1, 10.0, 6.0, 4.0)
    assert (balance.state.compared, balance.state.skipped) == (1, 1)


def test_meters_may_be_late_but_not_for_longer_than_a_day() -> None:
    balance = fresh()
    for index in range(PENDING_MAX + 10):
        for meter in ("main", "rack1"):
            balance.take(used(meter, index, 5.0))
    assert (len(balance.state.pending), balance.state.skipped) == (PENDING_MAX, 10)
    for index in range(PENDING_MAX + 10):
        balance.take(used("rack2", index, 0.0))
    assert (balance.state.pending, balance.state.compared) == ({}, PENDING_MAX)
    assert balance.state.skipped == 10


def test_what_a_meter_has_passed_without_a_word_is_not_waited_for() -> None:
    balance = fresh()
    balance.take(used("main", 0, 5.0))
    balance.take(used("rack1", 0, 5.0))
    five_minutes(balance, 1, 10.0, 6.0, 4.0)
    assert (balance.state.pending, balance.state.compared, balance.state.skipped) == ({}, 1, 1)
    assert balance.take(used("rack2", 0, 5.0)) == []
    assert balance.state.pending == {}


def test_with_other_children_what_waits_is_given_up() -> None:
    balance = fresh()
    balance.take(used("main", 0, 10.0))
    again = Balance(MAIN, RACKS, balance.state)
    assert len(again.state.pending) == 1
    fewer = Balance(MAIN, RACKS[:1], balance.state)
    assert fewer.state.pending == {}
    five_minutes(fewer, 1, 10.0, 10.0)
    assert fewer.state.compared == 1


@settings(deadline=None)
@given(st.data(), st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=4, max_size=40))
def test_neither_the_order_of_meters_nor_a_restart_changes_anything(
    data: st.DataObject, kwh: list[tuple[int, ...]]
) -> None:
    plain = fresh()
    expected = [one for index, row in enumerate(kwh) for one in five_minutes(plain, index, *row)]
    turns = data.draw(st.permutations([n for n in range(3) for _ in kwh]))
    balance, told, at = fresh(), [], [0, 0, 0]
    for meter in turns:
        index = at[meter]
        at[meter] += 1
        told += balance.take(used(balance.meters[meter], index, kwh[index][meter]))
        body = msgspec.msgpack.encode(balance.state)
        balance = Balance(MAIN, RACKS, msgspec.msgpack.decode(body, type=BalanceState))
    assert told == expected
    assert balance.state == plain.state
    assert all(one.kind != other.kind for one, other in pairwise(told))
