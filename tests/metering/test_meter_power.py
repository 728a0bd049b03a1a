"""A metering point's power, its availability and what others ask of it."""

import pytest
from tests.metering.living import KWH, MINUTE, NOON, Living, register, spec

from meterd.events import AvailabilityChanged, Event, Interval, PollFailed
from meterd.metering.interval import Key

POWER = ("energy_import", "integrated", "")
EXPORT = ("energy_export", "integrated", "")


def totals(life: Living) -> dict[str, int]:
    """Row of intervals -> joules."""
    return {name: track.total for name, track in life.meter.state.tracks.items()}


def key_of(interval: Interval) -> Key:
    return interval.quantity, interval.method, interval.phase


def test_power_is_integrated_where_there_is_no_counter() -> None:
    life = Living(spec(integrate=True))
    life.read(0, active_power=6.0)
    life.read(10, active_power=6.0)
    assert [(b.quantity, b.amount) for b in life.meter.bookings] == [
        ("energy_import", KWH), ("energy_export", 0),
    ]  # fmt: skip
    assert [(key_of(i), i.amount) for i in life.meter.intervals] == [
        (POWER, KWH // 2), (POWER, KWH // 2), (EXPORT, 0), (EXPORT, 0),
    ]  # fmt: skip
    assert life.meter.totals() == {"energy_import": KWH, "energy_export": 0}


def test_negative_power_is_export() -> None:
    life = Living(spec(integrate=True))
    life.read(0, active_power=-6.0)
    life.read(10, active_power=-6.0)
    assert life.meter.totals() == {"energy_import": 0, "energy_export": KWH}


def test_nothing_is_known_before_the_first_power() -> None:
    life = Living(spec(integrate=True))
    life.read(0)
    assert life.meter.totals() == {}


def test_a_counter_is_stronger_than_power_and_power_than_volts_and_amperes() -> None:
    everything = spec(register(), integrate=True, estimate=("",))
    assert Living(everything).meter.main == ("energy_import", "measured", "")
    assert Living(spec(integrate=True, estimate=("",))).meter.main == POWER
    assert Living(spec(estimate=("",))).meter.main == ("energy_import", "estimated", "")
    assert Living(spec(register("volume"))).meter.main is None


def test_what_was_used_today_goes_on_when_a_counter_takes_over_from_power() -> None:
    before = Living(spec(integrate=True))
    for minute in (0, 10):
        before.read(minute, active_power=6.0)
    after = Living(spec(register(), integrate=True), before.meter.state)
    for minute, kwh in [(15, 500), (20, 502)]:
        after.read(minute, kwh, active_power=6.0)
    assert after.meter.main == ("energy_import", "measured", "")
    spans, track = after.meter.consumption.state.spans, after.meter.state.tracks
    used = track["energy_import/measured/"].total - spans["day"].base
    assert used == 3 * KWH  # one by power, two by the counter
    again = Living(after.meter.spec, after.meter.state)
    assert again.meter.consumption.state.spans == spans


def test_beside_a_counter_power_fills_its_own_row_and_books_nothing() -> None:
    life = Living(spec(register(), integrate=True))
    life.read(0, 500, active_power=6.0)
    life.read(10, 502, active_power=6.0)
    assert [booking.amount for booking in life.meter.bookings] == [2 * KWH]
    assert life.meter.totals() == {"energy_import": 502 * KWH}
    assert totals(life)["energy_import/integrated/"] == KWH


def test_phases_are_followed_one_by_one() -> None:
    life = Living(spec(integrate_phases=("l1", "l2"), estimate=("l3",)))
    for minute in (0, 10):
        life.read(
            minute, active_power_l1=6.0, active_power_l2=3.0, voltage_l3=200.0, current_l3=15.0
        )
    assert totals(life)["energy_import/integrated/l1"] == KWH
    assert totals(life)["energy_import/integrated/l2"] == KWH // 2
    assert totals(life)["energy_import/estimated/l3"] == KWH // 2
    assert life.meter.main is None
    assert life.meter.totals() == {}


def test_a_guessed_power_factor_is_said_in_the_interval() -> None:
    life = Living(spec(estimate=("",)))
    life.read(0, voltage=200.0, current=15.0)
    life.read(5, voltage=200.0, current=15.0)
    life.read(10, voltage=200.0, current=15.0, power_factor=0.5)
    life.read(15, voltage=200.0, current=15.0, power_factor=0.5)
    events = [i.event for i in life.meter.intervals if i.quantity == "energy_import"]
    assert events == [""]
    assert totals(life)["energy_import/estimated/"] == KWH // 4 + KWH * 3 // 16 + KWH // 8


def test_power_that_was_not_read_is_bridged_within_fifteen_minutes() -> None:
    life = Living(spec(integrate=True))
    life.read(0, active_power=6.0)
    life.read(5)
    life.read(10, active_power=6.0)
    assert life.meter.totals()["energy_import"] == KWH


def test_a_power_above_the_ceiling_is_refused_and_said_once() -> None:
    life = Living(spec(integrate=True, estimate=("",), power_ceiling_kw=50.0))
    for minute, power_kw in [(0, 6.0), (2, 50.1), (4, -60.0), (6, 50.0), (8, 51.0)]:
        life.read(minute, active_power=power_kw, voltage=1.0, current=1.0)
    refused = [e for e in life.journal.take() if isinstance(e, Event) and e.kind != "online"]
    assert [(e.at_ms, e.kind, e.quantity, e.numbers["value"]) for e in refused] == [
        (NOON + 2 * MINUTE, "out_of_range", "active_power", "50.1"),
        (NOON + 8 * MINUTE, "out_of_range", "active_power", "51"),
    ]
    assert life.meter.totals()["energy_import"] == (6 + 50) * 1000 * 360 // 2
    assert life.meter.state.refused == ("active_power",)
    assert life.meter.state.gauges == {"voltage": 1.0, "current": 1.0}


def test_an_estimate_above_the_ceiling_is_no_energy() -> None:
    life = Living(spec(estimate=("",), power_ceiling_kw=50.0))
    for minute, amperes in [(0, 100.0), (5, 1000.0), (10, 100.0)]:
        life.read(minute, voltage=60.0, current=amperes)
    assert life.meter.totals()["energy_import"] == KWH


def test_late_power_is_no_power() -> None:
    life = Living(spec(integrate=True))
    life.read(10, active_power=6.0)
    life.read(5, active_power=6.0)
    assert life.meter.bookings == []


def test_power_whose_clocks_contradict_each_other_books_nothing() -> None:
    life = Living(spec(integrate=True))
    life.read(0, active_power=6.0, mono_ms=100_000)
    life.read(5)
    life.read(10, active_power=6.0, mono_ms=50_000)
    assert life.meter.bookings == []


# -- demand --------------------------------------------------------------------------------


def test_the_main_row_sets_the_peak_and_the_consumption() -> None:
    life = Living(spec(register(), integrate=True))
    for minute in range(0, 35, 5):
        life.read(minute, 500 + minute / 5 * (2 if minute < 20 else 1), active_power=90.0)
    assert life.meter.peaks.state.ever is not None
    assert life.meter.peaks.state.ever.kw() == 24.0
    assert life.meter.consumption.state.closed == totals(life)["energy_import/measured/"]


# -- availability ------------------------------------------------------------------------------


def test_a_meter_is_on_line_from_its_first_reading_and_off_line_when_a_poll_says_so() -> None:
    life = Living(spec(register(), status="active"))
    life.read(0, 500)
    for minute, offline in [(1, False), (2, True), (3, True)]:
        at_ms = NOON + minute * MINUTE
        life.meter.fail(PollFailed("m", at_ms, "no answer", offline), life.journal)
    life.read(4, 501)
    changes = [o for o in life.journal.outputs if isinstance(o, AvailabilityChanged)]
    assert [((c.at_ms - NOON) // MINUTE, c.online) for c in changes] == [
        (0, True), (2, False), (4, True),
    ]  # fmt: skip
    assert life.told() == ["baseline_set", "online", "read_failed", "offline", "online"]


@pytest.mark.parametrize("status", ["offline", "fault"])
def test_a_meter_that_is_expected_to_be_silent_raises_no_alarm(status: str) -> None:
    life = Living(spec(register(), status=status))
    life.read(0, 500)
    assert [o for o in life.journal.outputs if isinstance(o, AvailabilityChanged)]
    assert life.told() == ["baseline_set"]


def test_silence_is_being_off_line_from_the_moment_it_was_too_long() -> None:
    life = Living(spec(register(), silent_after_ms=10 * MINUTE))
    assert life.meter.due_ms() is None
    life.meter.advance(NOON, life.journal)
    life.read(0, 500)
    due_ms = life.meter.due_ms()
    assert due_ms == NOON + 10 * MINUTE + 1
    life.journal.take()
    life.meter.advance(due_ms - 1, life.journal)
    assert life.journal.take() == []
    life.meter.advance(due_ms, life.journal)
    assert life.journal.outputs[0] == AvailabilityChanged("m", NOON + 10 * MINUTE, False)
    assert life.told() == ["offline"]
    assert life.meter.due_ms() is None
    life.meter.advance(due_ms + 1, life.journal)
    assert life.journal.take() == []


# -- what others ask ---------------------------------------------------------------------------


def test_a_register_refused_three_times_is_faulted_until_it_is_believed() -> None:
    life = Living(spec(register(), register("volume")))
    life.read(0, 500)
    faulted = []
    for minute, kwh in [(1, 9000), (2, 19000), (3, 29000), (4, 501)]:
        life.read(minute, kwh)
        faulted.append(life.meter.faulted())
    assert faulted == [set(), set(), {"energy_import"}, set()]


def test_unbilled_energy_is_told_per_register() -> None:
    life = Living(spec(register(on_decrease="strict"), register("volume")))
    for minute, kwh in [(0, 500), (5, 100), (10, 502)]:
        life.read(minute, kwh)
    assert life.meter.unbilled() == {"energy_import": 2 * KWH, "volume": 0}
