"""A24: a device that says Wh before an update and kWh after it, or the other way round."""

from __future__ import annotations

import msgspec
import pytest
from tests.metering.days import KWH, T0, counter

from meterd.events import GOOD, MISSING, QUESTIONABLE, Event
from meterd.metering.counter import Counter
from meterd.metering.journal import Journal
from meterd.metering.register import Mark
from meterd.metering.replacement import replace
from meterd.metering.unit_change import judged
from meterd.orders import ReplacementOrdered
from meterd.specs import RECONCILE, STRICT

MINUTES_6: int = 360_000


class Life:
    """A counter that is read every six minutes; values in kWh."""

    def __init__(self, *, policy: str = RECONCILE, ceiling_kw: int | None = 100) -> None:
        self.counter: Counter = counter(on_decrease=policy)
        per_hour = None if ceiling_kw is None else ceiling_kw * KWH
        self.counter.spec = msgspec.structs.replace(
            self.counter.spec, count=KWH // 1000, per_hour=per_hour
        )
        self.journal = Journal(str)
        self.at_ms = T0

    def read(self, *values: float, rebooted: bool = False) -> list[tuple[float, str]]:
        """What each books, and its quality."""
        said: list[tuple[float, str]] = []
        for value in values:
            self.counter.state.rebooted = rebooted
            self.at_ms += MINUTES_6
            booked = self.counter.observe(Mark(round(value * KWH), self.at_ms), self.journal)
            judged_ = judged(self.counter, booked, self.journal)
            said += [(one.amount / KWH, one.quality) for one in judged_]
        return said

    def suspected(self) -> list[dict[str, str]]:
        """The numbers of what was told of units."""
        events = [one for one in self.journal.outputs if isinstance(one, Event)]
        return [one.numbers for one in events if one.kind == "unit_suspected"]


def test_a24_a_thousandth_of_the_last_value_is_told_and_what_follows_is_in_doubt() -> None:
    life = Life()
    life.read(8_000, 8_002)
    assert life.read(8.004) == []  # a fall: the next reading decides
    assert life.read(8.006) == [(0, MISSING), (0.002, QUESTIONABLE)]
    (told,) = life.suspected()
    assert told == {"value": "8.004", "baseline": "8002", "unit": "kWh", "factor": "0.001"}
    assert life.read(8.008) == [(0.002, QUESTIONABLE)]


def test_a24_a_thousand_times_the_last_value_is_told_too() -> None:
    life = Life()
    life.read(8_000, 8_002, 8_004_000)
    assert life.read(8_004_005) == [(0, MISSING), (5, QUESTIONABLE)]
    assert [told["factor"] for told in life.suspected()] == ["1000"]


def test_a24_a_reboot_with_the_update_is_no_other_case() -> None:
    life = Life()
    life.read(8_000, 8_002)
    assert life.read(8.004, rebooted=True) == [(0, MISSING)]
    assert len(life.suspected()) == 1
    assert life.read(8.006) == [(0.002, QUESTIONABLE)]


def test_a24_under_strict_the_doubt_is_the_same() -> None:
    life = Life(policy=STRICT)
    life.read(8_000, 8_002, 8.004, 8.006)
    assert len(life.suspected()) == 1
    assert life.read(8.008) == [(0.002, QUESTIONABLE)]


def test_a24_the_unit_comes_back_and_so_does_trust() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006, *(8.006 + n / 1000 for n in range(1, 20)))
    assert len(life.suspected()) == 1
    life.read(8_026, 8_027)  # a new scale in the configuration, or the update taken back
    assert len(life.suspected()) == 1
    assert life.read(8_028) == [(1, GOOD)]


def test_a24_taken_back_at_once_it_was_never_left() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006)
    assert life.read(8_008) == [(8_008 - 8_002 - 0.002, GOOD)]
    assert life.counter.state.swap is None


def test_a24_another_counter_ends_the_doubt() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006)
    assert life.read(2, 3) == [(0, MISSING), (1, GOOD)]
    assert len(life.suspected()) == 1


def test_a24_people_who_say_that_it_was_replaced_end_the_doubt() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006)
    order = ReplacementOrdered(
        "m", life.at_ms, "ann", swapped_ms=life.at_ms - MINUTES_6, new_initial=8 * KWH, serial="B"
    )
    replace(life.counter, order, life.journal)
    assert life.read(8.008) == [(0.002, GOOD)]
    assert len(life.suspected()) == 1


def test_a24_a_device_that_people_have_replaced_begins_where_it_likes() -> None:
    life = Life()
    life.read(8_000, 8_002)
    order = ReplacementOrdered("m", life.at_ms + 1, "ann", old_final=8_002 * KWH, serial="B")
    replace(life.counter, order, life.journal)
    life.read(8.004, 8.006)
    assert life.suspected() == []
    assert life.read(8.008) == [(0.002, GOOD)]


def test_a24_what_was_counted_too_little_can_be_added() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006, *(8.006 + n / 1000 for n in range(1, 20)))
    life.read(8_026, 8_027)  # the scale was mended: 8,002 kWh and 25 more is what there is
    booked = life.counter.state.booked / KWH
    assert booked == pytest.approx(2 + 0.021 + 1)
    order = ReplacementOrdered(
        "m", life.at_ms, "ann", swapped_ms=life.at_ms - MINUTES_6,
        new_initial=round(8_002.021 * KWH), force=True,
    )  # fmt: skip
    replace(life.counter, order, life.journal)
    assert life.counter.state.booked == 27 * KWH


def test_a24_a_long_silence_is_in_doubt_too() -> None:
    life = Life()
    life.read(8_000, 8_002, 8.004, 8.006)
    life.at_ms += 3_600_000
    assert life.read(8.1) == [(0.094, QUESTIONABLE)]  # and not a gap alone


@pytest.mark.parametrize(
    "values",
    [
        (8_000, 8_002, 0.4, 0.5),  # a reset
        (8_000, 8_002, 7.9, 8.1),  # nearly a thousandth, but less than had been counted
        (8_000, 8_002, 8.1, 8.2),  # and more than can have been
        (8_000, 8_002, 9_000, 9_001),  # a new level
        (8_000, 8_002, 7_990_000, 7_990_005),  # a thousand times what had been passed before
        (100, 102, 0.102, 0.103),  # too little had been counted to prove anything
    ],
)
def test_a24_what_only_was_cleared_is_believed(values: tuple[float, ...]) -> None:
    life = Life()
    life.read(*values)
    assert life.counter.state.swap is not None
    assert life.suspected() == []
    ((amount, quality),) = life.read(values[-1] + 0.1)
    assert quality == GOOD
    assert amount == pytest.approx(0.1)


@pytest.mark.parametrize(("low", "suspected"), [(8.001, 0), (8.002, 1), (8.012, 1), (8.013, 0)])
def test_a24_a_thousandth_may_have_lost_its_last_digit_and_no_more(
    low: float, suspected: int
) -> None:
    life = Life()
    life.read(8_000, 8_002.9, low, low + 0.001)
    assert len(life.suspected()) == suspected


def test_a24_a_few_counts_prove_nothing() -> None:
    life = Life()
    life.counter.spec = msgspec.structs.replace(life.counter.spec, count=KWH)
    life.read(8_000, 8_002, 8, 9)
    assert life.counter.state.swap is not None
    assert life.suspected() == []


def test_a24_without_a_ceiling_nothing_can_be_proved() -> None:
    life = Life(ceiling_kw=None)
    life.read(8_000, 8_002, 8.004, 8.006)
    assert life.counter.state.swap is not None
    assert life.suspected() == []
