"""What somebody changes in the store is an event with its actor, in the same commit."""

from __future__ import annotations

from meterd.events import Event
from meterd.orders import Administered, StoredToken
from tests.running import NOON, House, only

TOKEN = StoredToken("ci", "0" * 64, ("read",), NOON, "anna")


def test_a_change_and_its_event_come_together() -> None:
    house = House()
    numbers = {"token": "ci", "actor": "somebody else"}
    house.feed(Administered(NOON, "anna", "token_added", TOKEN, "", numbers))
    outputs = house.take()
    ((event,), (row,)) = only(Event, outputs), only(StoredToken, outputs)
    assert (event.kind, event.at_ms, event.meter) == ("token_added", NOON, "")
    assert event.numbers == {"token": "ci", "actor": "anna"}, "nobody says who they are"
    assert row == TOKEN


def test_a_change_to_a_meter_is_an_event_of_that_meter() -> None:
    house = House()
    house.feed(Administered(NOON, "anna", "meter_created", TOKEN, "a"))
    (event,) = only(Event, house.take())
    assert (event.kind, event.meter) == ("meter_created", "a")
