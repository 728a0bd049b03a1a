"""The power chain as a page."""

from __future__ import annotations

import msgspec
import pytest
from tests.web.house import MAIN_VIEW
from tests.web.pages.seen import CHAIN, markup, seen, table

from meterd.specs import ChainMeter
from meterd.stores.sqlite import SqliteStore
from meterd.views import MeterView
from meterd.web.pages.chain import chain, linked
from meterd.web.pages.sheet import Seen
from meterd.web.problems import Problem


def reading(name: str, **fields: float) -> MeterView:
    """A meter that shows these."""
    return msgspec.structs.replace(MAIN_VIEW, meter=name, fields=fields)


def site(kw: dict[str, float], links: tuple[ChainMeter, ...] = CHAIN) -> Seen:
    """A site of which these meters are read."""
    views = {name: reading(name, currentKw=read) for name, read in kw.items()}
    given = seen(meters=views)
    return msgspec.structs.replace(given, site=msgspec.structs.replace(given.site, chain=links))


def test_what_flows_is_drawn_and_written_and_what_is_lost_as_well(store: SqliteStore) -> None:
    given = site({"main": 10.0, "rack-12": 7.5})
    sheet = chain(given, store.reader())
    assert table(sheet, "chain") == [
        ["main", "Utility entrance", "", "10.00 kW", "2.50 kW"],
        ["rack-12", "Rack PDU", "", "7.50 kW", "–"],
    ]
    page = markup(sheet, given)
    assert "unaccounted for below main: 2.50 kW" in page
    assert 'class="ribbon rest"' in page


def test_where_a_part_is_not_known_neither_is_what_is_lost(store: SqliteStore) -> None:
    given = site({"main": 10.0})
    (top,) = linked(given, "currentKw")
    assert (top.rest, top.below[0].flows) == (None, None)
    assert 'class="ribbon rest"' not in markup(chain(given, store.reader()), given)


def test_more_below_than_above_is_a_number_and_no_ribbon(store: SqliteStore) -> None:
    given = site({"main": 10.0, "rack-12": 11.0})
    sheet = chain(given, store.reader())
    assert table(sheet, "chain")[0][4] == "-1.00 kW"
    assert 'class="ribbon rest"' not in markup(sheet, given)


def test_a_meter_that_measures_no_energy_passes_its_parent_on(store: SqliteStore) -> None:
    links = (
        ChainMeter("main"),
        ChainMeter("ats", parent="main", measures=False),
        ChainMeter("rack-12", parent="ats", feed="b"),
    )
    given = site({"main": 10.0, "rack-12": 10.0}, links)
    (top,) = linked(given, "currentKw")
    assert [one.meter.name for one in top.below] == ["rack-12"]
    assert 'class="flow feed-b"' in markup(chain(given, store.reader()), given)


def test_without_a_chain_the_page_says_how_to_have_one(store: SqliteStore) -> None:
    given = site({}, ())
    assert "name the one that feeds it" in markup(chain(given, store.reader()), given)


def test_another_quantity_is_asked_for_by_the_address(store: SqliteStore) -> None:
    views = {"main": reading("main", kwhToday=3.0)}
    given = seen(meters=views, asked={"of": "today"})
    assert table(chain(given, store.reader()), "chain")[0][3] == "3.0 kWh"
    with pytest.raises(Problem, match="There is no of 'week'"):
        chain(seen(asked={"of": "week"}), store.reader())
