"""The list of meter records."""

from __future__ import annotations

import msgspec
from tests.web.pages.seen import markup, seen, table

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.records import duration, records


def test_records_come_newest_first_and_can_be_chosen(store: SqliteStore) -> None:
    given = seen()
    sheet = records(given, store.reader())
    rows = table(sheet, "records")
    assert [row[1] for row in rows] == ["running", "faulted", "completed"]
    assert rows[2][4:] == ["0:01 h", "1.50 m³", "0.57 EUR", "Schedule"]
    done = seen(asked={"status": "COMPLETED", "configuration": "Conveyor water"})
    assert len(table(records(done, store.reader()), "records")) == 1
    assert "Conveyor water" in markup(sheet, given)


def test_a_record_of_a_configuration_that_is_gone_is_shown(store: SqliteStore) -> None:
    bare = seen(site=msgspec.structs.replace(seen().site, records=()))
    assert table(records(bare, store.reader()), "records")[0][5] == "1.50"


def test_how_long_it_lasted() -> None:
    assert (duration(7_500), duration(None)) == ("2:05 h", "–")
