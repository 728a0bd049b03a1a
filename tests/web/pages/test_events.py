"""The list of events."""

from __future__ import annotations

from tests.web.house import event
from tests.web.pages.seen import markup, seen, table, words

from meterd.metering.calendar import Calendar
from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.events import events, numbers


def test_events_come_newest_first_and_can_be_chosen(store: SqliteStore) -> None:
    sheet = events(seen(), store.reader())
    assert [row[1] for row in table(sheet, "events")] == [
        "Offline",
        "Online",
        "Offline",
        "Rollover",
    ]
    asked = {"kind": "offline", "meter": "main"}
    assert len(table(events(seen(asked=asked), store.reader()), "events")) == 1
    assert len(table(events(seen(asked={"kind": "", "meter": ""}), store.reader()), "events")) == 4


def test_numbers_are_on_a_line_with_the_sites_times() -> None:
    found = {"since": "2026-01-01T12:00:00Z", "forced": True, "silent": False, "value": "1.5"}
    assert numbers(found, Calendar("Europe/Berlin")) == (
        "since 2026-01-01 13:00:00, forced yes, value 1.5"
    )


def test_what_is_told_of_several_is_told_in_words() -> None:
    found = {"actor": "ann", "values": {"energy_import": "500", "volume": "2"}}
    told = "actor ann, values energy import 500, volume 2"
    assert numbers(found, Calendar("Europe/Berlin")) == told


def test_an_empty_list_says_so(store: SqliteStore) -> None:
    given = seen(asked={"kind": "nothing"})
    page = words(markup(events(given, store.reader()), given))
    assert "There is no such event." in page
    assert event(1).kind == "rollover"
