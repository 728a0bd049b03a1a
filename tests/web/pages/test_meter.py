"""The page of one meter."""

from __future__ import annotations

import msgspec
import pytest
from tests.web.house import MAIN_VIEW, event
from tests.web.pages.seen import markup, seen, table, words

from meterd.specs import MeterSpec
from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.meter import fact_table, meter
from meterd.web.pages.meters import title_of
from meterd.web.problems import Problem
from meterd.web.tongues import speaking


def test_a_page_tells_all_that_is_known_of_a_meter(store: SqliteStore) -> None:
    fields = {"currentKw": 1.5, "voltagePhaseA": 231.0, "kwhToday": 3.0, "costThisMonth": 12.5}
    given = seen("main", meters={"main": msgspec.structs.replace(MAIN_VIEW, fields=fields)})
    sheet = meter(given, store.reader())
    assert table(sheet, "phases") == [["L1", "231.0", "–", "–", "–", "–"]]
    assert table(sheet, "quantities") == [["Temperature", "21.5 °C"]]
    consumption = dict(table(sheet, "consumption"))
    assert (consumption["Today"], consumption["Cost this month"]) == ("3.0 kWh", "12.50 EUR")
    assert consumption["Last year"] == "–"
    assert ["Energy import", "100 kWh", "– kWh"][:2] == table(sheet, "totals")[0][:2]
    assert ["Status", "Active"] in table(sheet, "general")
    assert [row[1] for row in table(sheet, "records")] == ["running", "faulted", "completed"]
    assert {row[2] for row in table(sheet, "events")} == {event(1).meter}
    page = words(markup(sheet, given))
    assert "On tenant-a ." in page
    assert "January 2026" in page


def test_a_meter_that_was_never_read_has_a_page_too(store: SqliteStore) -> None:
    given = seen("rack-12")
    page = words(markup(meter(given, store.reader()), given))
    assert "no reading yet" in page
    assert "Nothing has been kept of this meter yet" in page


def test_what_people_have_written_is_in_nobody_elses_tongue() -> None:
    active = {"id": 1, "label": "Active"}
    body = {"name": "never", "status": active, "notes": "none"}
    with speaking("de"):
        found = fact_table("general", "About it", body, ("name", "status", "notes"))
        assert [row[1].text for row in found.rows] == ["never", "In Betrieb", "none"]
        assert title_of(MeterSpec("voltage")) == "voltage"


def test_there_is_no_such_meter(store: SqliteStore) -> None:
    with pytest.raises(Problem, match="Did you mean 'main'"):
        meter(seen("mian"), store.reader())
