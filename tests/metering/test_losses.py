"""Loss windows: time that nobody counted in is missing, and what is around it a lower bound."""

from __future__ import annotations

from tests.metering.living import FIVE, KWH, MINUTE, NOON, Living, register, spec

from meterd.events import MISSING, QUESTIONABLE, Booking, Event, Interval
from meterd.metering.losses import declare
from meterd.orders import LossDeclared


def lose(living: Living, minute: float, *quantities: str) -> list[Event]:
    """The word that these were not followed until then; the events it leaves."""
    at_ms = NOON + round(minute * MINUTE)
    loss = LossDeclared("m", at_ms, quantities or ("energy_import",), "nobody listened")
    declare(living.meter, loss, living.journal)
    return [item for item in living.journal.take() if isinstance(item, Event)]


def one() -> Living:
    living = Living(spec(register()))
    living.read(0, 500)
    living.read(1, 501)
    living.told()
    return living


def test_the_time_is_missing_and_an_event_has_its_span() -> None:
    living = one()
    (event,) = lose(living, 9)
    assert (event.kind, event.quantity, event.at_ms) == (
        "loss_window", "energy_import", NOON + 9 * MINUTE,
    )  # fmt: skip
    assert event.numbers == {
        "since": "2026-01-10T12:01:00Z", "lost_s": 480.0, "why": "nobody listened",
    }  # fmt: skip
    assert living.meter.bookings == [
        Booking("m", "energy_import", NOON + MINUTE, NOON + 9 * MINUTE, 0, MISSING,
                event="loss_window"),
    ]  # fmt: skip


def test_nothing_is_invented_and_what_comes_after_is_booked_after() -> None:
    living = one()
    lose(living, 9)
    (first,) = living.meter.intervals
    assert (first.amount, first.missing_ms, first.quality) == (KWH, 4 * MINUTE, QUESTIONABLE)
    living.read(9, 501)
    living.read(11, 503)
    (second,) = living.meter.intervals
    assert isinstance(second, Interval)
    assert (second.start_ms, second.amount, second.missing_ms) == (NOON + FIVE, KWH, 4 * MINUTE)
    assert second.quality == QUESTIONABLE
    assert living.meter.totals() == {"energy_import": 503 * KWH}


def test_a_whole_interval_of_it_is_missing() -> None:
    living = one()
    lose(living, 12)
    assert [interval.quality for interval in living.meter.intervals] == [QUESTIONABLE, MISSING]


def test_a_counter_that_was_never_read_or_is_read_beyond_has_lost_nothing() -> None:
    assert lose(Living(spec(register())), 5) == []
    assert lose(one(), 1) == []


def test_each_counter_has_lost_its_own_time() -> None:
    living = Living(spec(register(), register("energy_export")))
    living.read(0, registers={"energy_import": KWH, "energy_export": KWH})
    living.told()
    events = lose(living, 1, "energy_import", "energy_export")
    assert [event.quantity for event in events] == ["energy_import", "energy_export"]
