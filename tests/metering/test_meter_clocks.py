"""A metering point on a host whose clocks step, drift and start anew."""

from tests.metering.living import FIVE, KWH, MINUTE, NOON, Living, register, spec

from meterd.events import Event, PollFailed


def living() -> Living:
    return Living(spec(register()))


def live(life: Living, minute: float, kwh: float, *, wall: float = 0, boot: str = "b") -> None:
    """A live reading; `wall`: minutes by which the wall clock is off."""
    at_ms = NOON + round((minute + wall) * MINUTE)
    life.read(minute, kwh, at_ms=at_ms, boot=boot, mono_ms=1 + round(minute * MINUTE))


def test_a_wall_clock_stepped_back_books_on_where_time_stands() -> None:
    life = living()
    live(life, 0, 500)
    live(life, 6, 506)
    life.told()
    live(life, 12, 512, wall=-60)
    (event,) = life.journal.take()
    assert isinstance(event, Event)
    assert (event.kind, event.numbers) == ("clock_stepped", {"step_s": -3600.0})
    (booking,) = life.meter.bookings
    assert (booking.amount, booking.start_ms) == (6 * KWH, NOON + 6 * MINUTE)
    assert booking.start_ms == booking.end_ms
    live(life, 73, 520, wall=-60)
    assert life.meter.bookings[0].start_ms == NOON + 6 * MINUTE


def test_a_clock_stepped_back_and_then_a_little_ahead_still_stands_where_it_was() -> None:
    life = living()
    live(life, 0, 500)
    live(life, 6, 506)
    live(life, 12, 512, wall=-60)
    live(life, 18, 518, wall=-30)
    (booking,) = life.meter.bookings
    assert (booking.amount, booking.start_ms) == (6 * KWH, NOON + 6 * MINUTE)


def test_a_wall_clock_set_ahead_invents_no_time() -> None:
    life = Living(spec(register(), integrate=True))
    live(life, 0, 500)
    live(life, 6, 506)
    live(life, 12, 512, wall=600)
    assert life.told() == ["baseline_set", "online", "clock_stepped"]
    (booking,) = life.meter.bookings
    assert (booking.amount, booking.quality) == (6 * KWH, "good")
    assert (booking.start_ms - NOON) // MINUTE == 606
    assert [(i.amount, i.missing_ms) for i in life.meter.intervals] == [
        (KWH, 4 * MINUTE), (4 * KWH, MINUTE),
    ]  # fmt: skip


def test_a_drift_of_five_seconds_is_no_step() -> None:
    life = living()
    live(life, 0, 500)
    live(life, 5, 503, wall=5 / 60)
    live(life, 10, 506, wall=0)
    assert life.told() == ["baseline_set", "online"]


def test_a_reading_told_twice_is_known_by_the_monotonic_clock() -> None:
    life = living()
    live(life, 0, 500)
    live(life, 5, 503)
    live(life, 5, 503, wall=60)
    assert life.told() == ["baseline_set", "online", "out_of_order"]
    assert life.meter.state.at_ms == NOON + FIVE


def test_after_a_boot_the_wall_clock_counts() -> None:
    life = Living(spec(register(), integrate=True))
    live(life, 100, 500)
    life.read(105, 503, boot="c", mono_ms=7)
    assert life.booked() == 3
    assert life.told() == ["baseline_set", "online"]


def test_a_failed_poll_does_not_hide_a_step_of_the_clock() -> None:
    """The failure is told by the wall clock alone; what is read next has both."""
    life = living()
    live(life, 0, 500)
    life.meter.fail(PollFailed("m", NOON + 4 * MINUTE, "timeout", False), life.journal)
    life.told()
    live(life, 6, 506, wall=-60)
    assert life.told() == ["clock_stepped"]
    assert life.booked() == 6
