"""Meter records, newest first: what was used and what it cost from one cutover to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.web.asked import cursor_of
from meterd.web.asked import page as asked_page
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import amount, instant, money, number, plain
from meterd.web.records import BY_START, STATUSES
from meterd.web.tongues import say
from meterd.web.world import Page, Reader

SHOWN: Final = "100"
OF_A_METER: Final = 10
PARAMETERS: Final = ("configuration", "status", "cursor")


def records(seen: Seen, reader: Reader) -> Sheet:
    """A page of the list; `cursor` goes on where the page before ended."""
    asked = seen.asked
    part = asked_page({"limit": SHOWN, **asked}, BY_START)
    found = reader.latest_records(
        part, configuration=asked.get("configuration") or None, status=asked.get("status") or None
    )
    going_on = cursor_of(found[-1], BY_START) if len(found) == part.limit else ""
    context = {
        "going_on": going_on,
        "configurations": [spec.name for spec in seen.site.records],
        "statuses": STATUSES,
    }
    return Sheet("records.html", "Records", context, (record_table(seen, found),))


def of_meter(seen: Seen, reader: Reader, meter: str) -> Table:
    """The newest records of the configurations that follow a meter."""
    names = [spec.name for spec in seen.site.records if spec.meter == meter]
    found: list[Any] = []
    for name in names:
        found += reader.latest_records(Page(limit=OF_A_METER), configuration=name)
    found.sort(key=lambda kept: kept.row.start_ms, reverse=True)
    return record_table(seen, found[:OF_A_METER])


def record_table(seen: Seen, found: Sequence[Any]) -> Table:
    """Records as rows."""
    specs = {spec.name: spec for spec in seen.site.records}
    rows = []
    for kept in found:
        row = shapes.record(kept.columns, kept.row, seen.now_ms)
        spec = specs.get(row["configuration"])
        unit, currency = (spec.usage_unit, spec.cost_unit) if spec else ("", "")
        rows.append((
            cell(row["name"]),
            cell(say(row["status"].lower()), state=row["status"].lower(), exact=row["status"]),
            cell(instant(row["start_date"], seen.calendar), exact=row["start_date"]),
            cell(instant(row["end_date"], seen.calendar), exact=row["end_date"]),
            cell(duration(row["total_duration_sec"]), exact=row["total_duration_sec"]),
            cell(amount(row["usage_value"], unit), exact=row["usage_value"]),
            cell(money(row["cost"], currency), exact=row["cost"]),
            cell(plain(row["cut_by"] or ""), exact=row["cut_by"] or ""),
        ))  # fmt: skip
    columns = ("Record", "Status", "Start", "End", "Duration", "Usage", "Cost", "Ended by")
    return Table("records", "Records", columns, rows, frozenset({4, 5, 6}))


def duration(seconds: float | None) -> str:
    """2:05 h."""
    if seconds is None:
        return number(None)
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02d} h"


ROUTES: Final = (web.get("/records", page(records, PARAMETERS)),)
