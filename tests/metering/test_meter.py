"""A metering point: what each reading does to its registers and its identity."""

from typing import Any

import msgspec
import pytest
from tests.metering.living import FIVE, KWH, MINUTE, NOON, Living, register, spec

from meterd.events import GAP, QUESTIONABLE
from meterd.metering.facts import UPTIME_WRAP_S
from meterd.metering.meter_state import MeterState

ENERGY = "energy_import"


def living(**more: Any) -> Living:
    return Living(spec(register(**more)))


def test_a_rise_is_booked_and_closes_intervals() -> None:
    life = living()
    life.read(0, 500)
    life.read(6, 506)
    (booking,) = life.meter.bookings
    (interval,) = life.meter.intervals
    assert (booking.amount, booking.start_ms, booking.end_ms) == (6 * KWH, NOON, NOON + 6 * MINUTE)
    assert (interval.amount, interval.start_ms, interval.end_ms) == (5 * KWH, NOON, NOON + FIVE)
    assert (interval.quantity, interval.method, interval.phase) == (ENERGY, "measured", "")


def test_what_the_last_reading_decided_is_forgotten_at_the_next() -> None:
    life = living()
    for minute, kwh in [(0, 500), (6, 506), (6, 506)]:
        life.read(minute, kwh)
    assert life.meter.bookings == []
    assert life.meter.intervals == []
    assert life.told() == ["baseline_set", "online", "duplicate"]


def test_a_register_that_was_not_asked_for_is_left_alone() -> None:
    life = living()
    life.read(0, 500)
    life.read(5)
    assert life.told() == ["baseline_set", "online"]
    life.read(10, missing=(ENERGY,))
    life.read(15, missing=(ENERGY,))
    assert life.told() == ["read_failed"]
    life.read(20, 503)
    assert life.booked() == 3
    assert life.meter.bookings[0].quality == GAP


def test_what_the_device_itself_has_not_refreshed_is_stale() -> None:
    life = living()
    life.read(0, 500)
    life.read(5, 500, age_ms=900_001)
    life.read(10, 500, age_ms=1_200_001)
    assert life.told() == ["baseline_set", "online", "stale"]
    assert life.meter.bookings == []
    life.read(12, 503, age_ms=900_000)
    assert life.booked() == 3


def test_a_reading_of_doubtful_quality_books_nothing_but_is_shown() -> None:
    life = living()
    life.read(0, 500)
    life.read(5, 900, quality=QUESTIONABLE, active_power=3.0)
    assert life.meter.bookings == []
    assert life.meter.state.quality == QUESTIONABLE
    assert life.meter.state.gauges == {"active_power": 3.0}
    life.read(10, 503)
    assert life.booked() == 3


@pytest.mark.parametrize(("minute", "said"), [(5, "out_of_order"), (10, "duplicate")])
def test_late_data_changes_nothing_that_is_shown(minute: int, said: str) -> None:
    life = living()
    life.read(10, 500, active_power=3.0)
    life.read(minute, 400, active_power=9.0, uptime_s=1.0)
    assert life.meter.state.gauges == {"active_power": 3.0}
    assert life.meter.state.uptime_s is None
    assert life.told() == ["baseline_set", "online", said]


def test_facts_told_as_text_are_kept_until_told_anew() -> None:
    life = living()
    life.read(0, 500, texts={"serial_number": "A", "batch_id": "7"})
    life.read(5, 500)
    life.read(10, 500, texts={"batch_id": "8"})
    assert life.meter.state.texts == {"serial_number": "A", "batch_id": "8"}


def test_serial_number_and_uptime_are_shown_whoever_reads_them() -> None:
    life = living()
    life.read(0, 500, serial="A", uptime_s=60.0, active_power=3.0)
    assert life.meter.state.texts == {"serial_number": "A"}
    assert life.meter.state.gauges == {"active_power": 3.0, "uptime": 60.0}
    life.read(5, 500, serial="A")
    assert life.meter.state.texts == {"serial_number": "A"}
    assert life.meter.state.gauges == {}


# -- identity ------------------------------------------------------------------------------


def test_the_first_serial_number_is_learnt() -> None:
    life = living()
    life.read(0, 500)
    life.read(5, 501, serial="A")
    life.read(10, 502)
    life.read(15, 503, serial="A")
    assert life.told() == ["baseline_set", "online"]
    assert life.meter.totals() == {ENERGY: 503 * KWH}


def test_another_serial_number_is_another_meter() -> None:
    life = living()
    life.read(0, 500, serial="A")
    life.read(5, 3, serial="B")
    life.read(10, 5, serial="B")
    assert life.told() == ["baseline_set", "online", "meter_replaced"]
    assert life.booked() == 2
    assert life.meter.totals() == {ENERGY: 502 * KWH}


@pytest.mark.parametrize(
    ("late", "said"),
    [({"minute": 3}, "out_of_order"), ({"minute": 5}, "duplicate")],
    ids=["older", "of the same instant"],
)
def test_late_data_of_the_old_meter_does_not_bring_it_back(
    late: dict[str, float], said: str
) -> None:
    life = living()
    life.read(0, 500, serial="A")
    life.read(5, 3, serial="B")
    life.read(**late, kwh=501, serial="A")
    life.read(10, 5, serial="B")
    assert life.told() == ["baseline_set", "online", "meter_replaced", said]
    assert life.booked() == 2


def test_a_new_meter_that_shows_the_impossible_is_waited_for() -> None:
    life = living(modulus=1000 * KWH)
    life.read(0, 500, serial="A")
    life.read(5, 1000, serial="B")
    assert life.told() == ["baseline_set", "online", "out_of_range"]
    life.read(10, 3, serial="B")
    life.read(15, 4, serial="B")
    assert life.told() == ["meter_replaced"]
    assert life.booked() == 1


# -- reboots -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "rebooted"),
    [
        (1000.0, 1300.0, False),
        (1000.0, 995.0, False),  # within five seconds
        (1000.0, 994.0, True),
        (1000.0, None, False),
        (None, 5.0, False),
        (UPTIME_WRAP_S - 100.0, 200.0, False),  # sysUpTime's own wrap
        (UPTIME_WRAP_S - 100.0, 194.0, True),
    ],
)
def test_an_uptime_that_went_back_is_a_reboot(
    before: float | None, after: float | None, rebooted: bool
) -> None:
    life = living()
    life.read(0, 500, uptime_s=before)
    life.told()
    life.read(5, 503, uptime_s=after)
    assert life.told() == (["minimum_booked"] if rebooted else [])
    assert life.booked() == 3


def test_a_reboot_seen_while_the_register_was_not_read_is_remembered() -> None:
    life = living()
    life.read(0, 500, uptime_s=1000.0)
    life.read(5, uptime_s=10.0)
    life.told()
    life.read(10, 3, uptime_s=310.0)
    assert life.told() == ["reset"]


# -- restart -------------------------------------------------------------------------------


def test_a_meter_goes_on_where_it_stopped() -> None:
    before = Living(spec(register(), register("volume"), integrate=True, estimate=("l1",)))
    before.read(0, 500, active_power=3.0, voltage_l1=230.0, current_l1=1.0)
    before.read(7, 503, active_power=3.0, voltage_l1=230.0, current_l1=1.0)
    body = msgspec.msgpack.encode(before.meter.state)
    state = msgspec.msgpack.decode(body, type=MeterState)
    after = Living(before.meter.spec, state)
    for life in (before, after):
        life.read(14, 506, active_power=4.0, voltage_l1=230.0, current_l1=2.0)
    assert after.meter.intervals == before.meter.intervals
    assert after.meter.state == before.meter.state
