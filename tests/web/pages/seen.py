"""What a page sees of the small site of `tests/web/house.py`, and how it looks as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from tests.web.house import BILL_VIEW, MAIN_VIEW, SITE
from tests.web.people import NOW_MS

from meterd.metering.calendar import Calendar
from meterd.specs import ChainMeter
from meterd.views import SiteView
from meterd.web.pages.sheet import Seen, Sheet, written
from meterd.web.pages.tables import Table
from meterd.web.world import DeviceView, LineView

CHAIN = (
    ChainMeter("main", "utility_entrance"),
    ChainMeter("rack-12", "rack_pdu", parent="main"),
)
LINES = (
    LineView(
        "hall",
        devices={"main": DeviceView(90, {"timeout": 2, "garbled": 1}, 12, 1_080, 3)},
        busy_s=12.5,
        busy_share=0.125,
    ),
    LineView("riser", up=False),
)


def seen(name: str = "", **changes: Any) -> Seen:
    """The site at two in the afternoon."""
    found = Seen(
        site=msgspec.structs.replace(SITE, chain=CHAIN),
        calendar=Calendar(SITE.timezone),
        now_ms=NOW_MS,
        meters={"main": MAIN_VIEW},
        bills={"tenant-a": BILL_VIEW},
        whole=SiteView(),
        lines=LINES,
        trouble=None,
        path="/",
        name=name,
        asked={},
    )
    return msgspec.structs.replace(found, **changes)


def table(sheet: Sheet, name: str) -> list[list[str]]:
    """A table of a sheet, as its texts."""
    return texts(next(one for one in sheet.tables if one.name == name))


def texts(found: Table) -> list[list[str]]:
    """A table as its texts."""
    return [[cell.text for cell in row] for row in found.rows]


def markup(sheet: Sheet, given: Seen) -> str:
    """The page as it is sent."""
    return written(sheet, given).decode()


def words(page: str) -> str:
    """What stands in a page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """One column of texts."""
    return [row[place] for row in rows]
