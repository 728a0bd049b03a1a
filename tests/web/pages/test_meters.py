"""The tree of meters."""

from __future__ import annotations

import msgspec
from tests.web.house import MAIN_VIEW
from tests.web.pages.seen import CHAIN, markup, seen, table

from meterd.specs import ChainMeter, MeterSpec
from meterd.stores.sqlite import SqliteStore
from meterd.views import BalanceView, SiteView
from meterd.web.pages.meters import meters, title_of, tree


def test_every_meter_stands_below_the_one_that_feeds_it() -> None:
    assert [(depth, spec.name) for depth, spec in tree(seen())] == [(0, "main"), (1, "rack-12")]


def test_meters_in_a_loop_are_not_lost() -> None:
    chain = (ChainMeter("main", parent="rack-12"), CHAIN[1])
    looped = seen(site=msgspec.structs.replace(seen().site, chain=chain))
    assert [(depth, spec.name) for depth, spec in tree(looped)] == [(0, "main"), (0, "rack-12")]


def test_a_row_shows_what_is_known_and_a_dash_for_the_rest(store: SqliteStore) -> None:
    view = msgspec.structs.replace(MAIN_VIEW, fields={"currentKw": 1234.5, "loadPercent": 50.4})
    given = seen(meters={"main": view})
    sheet = meters(given, store.reader())
    main, rack = table(sheet, "meters")
    assert main == [
        "main", "stale", "1,234.50", "50 % of the rating", "–", "–", "–", "–",
        "2026-01-01 13:00:00",
    ]  # fmt: skip
    assert rack[:3] == ["rack-12", "never", "–"]
    page = markup(sheet, given)
    assert 'data-live="main/currentKw" data-places="2"' in page
    assert 'class="d1"' in page


def test_energy_unaccounted_for_is_a_part_of_the_parents(store: SqliteStore) -> None:
    kwh = 3_600_000
    balance = BalanceView("main", ("rack-12",), 2.5, 200 * kwh, 190 * kwh, 3, 0, None)
    given = seen(whole=SiteView(balances=(balance, msgspec.structs.replace(balance, parent_j=0))))
    first, second = table(meters(given, store.reader()), "unaccounted")
    assert first == ["main", "rack-12", "200.0 kWh", "190.0 kWh", "10.0 kWh", "5.00 %", "2.5 %"]
    assert second[5] == "– %"


def test_a_meter_is_called_as_people_call_it() -> None:
    assert title_of(MeterSpec("m", general={"meterName": "Main hall"})) == "Main hall"
    assert title_of(MeterSpec("rack_12")) == "rack_12"
