"""The journal keeps what happened in the order in which it happened."""

from meterd.events import AvailabilityChanged, Event
from meterd.metering.journal import Journal


def test_what_happened_is_taken_once_and_in_order() -> None:
    journal = Journal(lambda at_ms: f"id-{at_ms}")
    journal.event(7, "reset", "m", "volume", value="1", unit="m3")
    journal.write(AvailabilityChanged("m", 8, False))
    told = Event("id-7", 7, "reset", "m", "volume", {"value": "1", "unit": "m3"})
    assert journal.take() == [told, AvailabilityChanged("m", 8, False)]
    assert journal.take() == []
    journal.event(9, "restarted")
    assert journal.take() == [Event("id-9", 9, "restarted")]
