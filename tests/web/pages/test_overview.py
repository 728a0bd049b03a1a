"""The first page: sums that are honest, and what somebody should look at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from tests.web.house import BILL_VIEW, MAIN_VIEW
from tests.web.pages.seen import markup, seen, table, words

from meterd.stores.sqlite import SqliteStore
from meterd.views import PueFigure, SiteView
from meterd.web.pages.overview import overview, supplies, tiles

PUE = PueFigure(3, "day", 0, 1, 7_200_000, 3_600_000, 1.0, 1.0, 2.0)


def test_the_site_is_fed_through_the_topmost_meters_only() -> None:
    assert [spec.name for spec in supplies(seen())] == ["main"]
    chain = tuple(msgspec.structs.replace(one, point="") for one in seen().site.chain)
    unnamed = seen(site=msgspec.structs.replace(seen().site, chain=chain))
    assert [spec.name for spec in supplies(unnamed)] == ["main"]


def test_a_sum_of_which_a_part_is_unknown_is_unknown() -> None:
    given = seen()
    both = list(given.site.meters)
    assert (tiles(given, both[:1])["kw"], tiles(given, both)["kw"]) == ("1.50", "–")
    assert tiles(given, both)["missing"] == ["rack-12"]
    assert tiles(given, [])["kw"] == "–"


def test_todays_cost_is_at_the_meters_rate() -> None:
    view = msgspec.structs.replace(MAIN_VIEW, fields={"kwhToday": 10.0})
    main = msgspec.structs.replace(seen().site.meters[0], cost_per_kwh=Decimal("0.30"))
    found = tiles(seen(meters={"main": view}), [main])
    assert (found["today"], found["cost"]) == ("10.0", "3.00")


def test_todays_cost_of_a_meter_with_a_tariff_is_what_its_account_says() -> None:
    fields = {"kwhToday": 10.0}
    view = msgspec.structs.replace(MAIN_VIEW, fields=fields, cost_today=Decimal("1.23"))
    main = msgspec.structs.replace(seen().site.meters[0], cost_per_kwh=None)
    assert tiles(seen(meters={"main": view}), [main])["cost"] == "1.23"
    unknown = msgspec.structs.replace(view, cost_today=None)
    assert tiles(seen(meters={"main": unknown}), [main])["cost"] == "–"
    dollars = msgspec.structs.replace(main, currency="USD")
    assert tiles(seen(meters={"main": view}), [dollars])["cost"] == "–"


SEEN = {"acknowledged": "2026-01-01T12:30:00Z", "acknowledged_by": "ann"}


def test_the_page_says_what_is_not_well(store: SqliteStore) -> None:
    alarm = {"limit": 10.0, "since": "2026-01-01T12:00:00Z", **SEEN}
    view = msgspec.structs.replace(MAIN_VIEW, online=False, alarms={"overload/critical": alarm})
    body: dict[str, Any] = {**BILL_VIEW.body, "sources": [
        {"meter": "main", "kind": "energy", "enabled": True, "health": "stale"},
    ]}  # fmt: skip
    bills = {"tenant-a": msgspec.structs.replace(BILL_VIEW, body=body)}
    whole = SiteView(pue=(PUE, msgspec.structs.replace(PUE, window="year", ratio=None,
                                                       reason="incomplete")))  # fmt: skip
    given = seen(meters={"main": view}, bills=bills, whole=whole, trouble="the disk is full")
    sheet = overview(given, store.reader())
    seen_by = "ann, 2026-01-01 13:30:00"
    raised = ["critical", "main", "Overload", "limit 10.0", "2026-01-01 13:00:00", seen_by]
    assert table(sheet, "alarms") == [raised]
    assert [row[:3] for row in table(sheet, "unwell")] == [
        ["offline", "main", "meter"], ["never", "rack-12", "meter"],
        ["down", "riser", "connection"], ["stale", "tenant-a", "bill"],
    ]  # fmt: skip
    assert [row[:2] for row in table(sheet, "pue")] == [
        ["today", "2.00"], ["this year", "incomplete"]
    ]  # fmt: skip
    page = words(markup(sheet, given))
    assert "The daemon is not well: the disk is full." in page
    assert "The last 24 hours" in page


def test_a_site_without_anything_has_a_page_too(store: SqliteStore) -> None:
    bare = msgspec.structs.replace(seen().site, meters=(), bills=(), records=(), chain=())
    given = seen(site=bare, meters={}, bills={}, lines=())
    page = words(markup(overview(given, store.reader()), given))
    assert "everything is well" in page
    assert "No bill is configured." in page
