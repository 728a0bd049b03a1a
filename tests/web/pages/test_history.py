"""A meter's history, from a day to a year."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.house import MAIN
from tests.web.pages.seen import seen, texts

from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.history import history, last_day
from meterd.web.problems import Problem


@pytest.mark.parametrize(
    ("name", "bars", "heading"),
    [
        ("day", 96, "1 Jan 2026"), ("week", 84, "29 Dec – 4 Jan 2026"),
        ("month", 31, "January 2026"), ("year", 365, "2026"),
    ],
)  # fmt: skip
def test_every_range_holds_the_same_energy(
    store: SqliteStore, name: str, bars: int, heading: str
) -> None:
    given = seen("main", asked={"range": name, "at": "2026-01-01"})
    found = history(given, store.reader(), MAIN)
    assert found.graph is not None
    rows = found.graph.table.rows
    assert (len(rows), found.heading) == (bars, heading)
    known = [row[2].exact for row in rows if row[2].exact is not None]
    assert sum(map(float, known)) == pytest.approx(0.6)
    assert [one[1] for one in found.ranges if one[2]] == [name.capitalize()]


def test_a_bar_leads_to_what_it_holds_and_keeps_the_series(store: SqliteStore) -> None:
    given = seen("main", asked={"range": "year", "series": "volume.measured"})
    found = history(given, store.reader(), MAIN)
    assert found.graph is not None
    assert "range=month&amp;at=2026-01-01&amp;series=volume.measured" in str(found.graph.chart)
    assert [title for _href, title, here in found.series if here] == ["Volume, measured"]
    assert found.graph.table.rows[0][2].text == "0.00 m³"


def test_gaps_are_told_from_nothing_used(store: SqliteStore) -> None:
    given = seen("main", asked={"range": "day"})
    found = history(given, store.reader(), MAIN)
    assert found.graph is not None
    rows = texts(found.graph.table)
    assert rows[51] == ["2026-01-01 12:45", "2026-01-01 13:00", "–", "–", "–", "0.0 %"]
    assert rows[52][2:] == ["0.3 kWh", "0.0 kWh", "1.20 kW", "100.0 %"]
    assert "no data" in str(found.graph.chart)


def test_one_can_go_back_and_on(store: SqliteStore) -> None:
    found = history(seen("main", asked={"range": "month"}), store.reader(), MAIN)
    assert ("at=2025-12-31" in found.before, "at=2026-02-01" in found.after) == (True, True)


@pytest.mark.parametrize(
    "asked", [{"range": "decade"}, {"at": "yesterday"}, {"at": "9999-12-31"}, {"series": "no"}]
)
def test_what_is_not_there_is_said(store: SqliteStore, asked: dict[str, Any]) -> None:
    with pytest.raises(Problem):
        history(seen("main", asked=asked), store.reader(), MAIN)


def test_the_last_day_of_several_meters_is_their_sum(store: SqliteStore) -> None:
    drawn = last_day(seen(), store.reader(), ["main", "rack-12"])
    assert drawn is not None
    known = [row for row in drawn.table.rows if row[2].exact is not None]
    assert [row[2].text for row in known] == ["0.3 kWh", "0.3 kWh"]
    assert known[0][5].text == "50.0 %"
    assert last_day(seen(), store.reader(), ["rack-12"]) is None


def test_any_span_is_shown_and_its_bars_lead_into_it(store: SqliteStore) -> None:
    asked = {"from": "2026-01-01T00:00", "to": "2026-01-03T00:00", "series": "volume.measured"}
    found = history(seen("main", asked=asked), store.reader(), MAIN)
    assert found.graph is not None
    assert (found.start, found.end) == ("2026-01-01T00:00", "2026-01-03T00:00")
    chart = str(found.graph.chart)
    assert "from=2026-01-01T13%3A00&amp;to=2026-01-01T14%3A00&amp;series=volume.measured" in chart
    assert 'data-ends="1767222000000 1767394800000 52 814"' in chart
    assert not any(here for _href, _title, here in found.ranges)
    fine = {"from": "2026-01-01T13:00", "to": "2026-01-01T14:00"}
    found = history(seen("main", asked=fine), store.reader(), MAIN)
    assert found.graph is not None
    assert len(found.graph.table.rows) == 12
    assert "href" not in str(found.graph.chart)
    assert "from=2026-01-01T13%3A00" in found.series[1][0]
