"""Events, newest first: every decision that was not an ordinary rise, with its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.events import Event
from meterd.metering.calendar import Calendar
from meterd.web.asked import cursor_of
from meterd.web.asked import page as asked_page
from meterd.web.events import BY_TIME
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import inside, instant, plain
from meterd.web.tongues import grouped, say
from meterd.web.world import Reader

TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
HEAD: Final = ("id", "time", "kind", "meter", "quantity")
SHOWN: Final = "100"
PARAMETERS: Final = ("kind", "meter", "cursor")


def events(seen: Seen, reader: Reader) -> Sheet:
    """A page of the list; `cursor` goes on where the page before ended."""
    asked = seen.asked
    part = asked_page({"limit": SHOWN, **asked}, BY_TIME)
    meter, kind = asked.get("meter") or None, asked.get("kind") or None
    found = reader.latest_events(part, meter=meter, kind=kind)
    going_on = cursor_of(found[-1], BY_TIME) if len(found) == part.limit else ""
    context = {"going_on": going_on, "meters": [spec.name for spec in seen.site.meters]}
    return Sheet("events.html", "Events", context, (event_table(seen, found),))


def event_table(seen: Seen, found: Sequence[Event]) -> Table:
    """Events as rows."""
    rows = []
    for row in map(shapes.event, found):
        meter = row["meter"] or ""
        rows.append((
            cell(instant(row["time"], seen.calendar), exact=row["time"]),
            cell(plain(row["kind"]), href=f"/events?kind={row['kind']}", exact=row["kind"]),
            cell(meter, href=f"/meters/{meter}" if meter in seen.meters else ""),
            cell(plain(row["quantity"] or "")),
            cell(numbers({k: v for k, v in row.items() if k not in HEAD}, seen.calendar)),
        ))  # fmt: skip
    columns = ("Time", "Event", "Meter", "Quantity", "Numbers")
    return Table("events", "Events", columns, rows, empty="There is no such event.")


def numbers(found: dict[str, Any], calendar: Calendar) -> str:
    """An event's numbers on a line; its times are the site's, what is false goes without."""
    told = ((inside(name), value) for name, value in found.items() if value is not False)
    return ", ".join(f"{name} {_value(value, calendar)}" for name, value in told)


def _value(value: Any, calendar: Calendar) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{inside(name)} {_value(one, calendar)}" for name, one in value.items())
    text = str(value)
    if TIME.fullmatch(text):
        return instant(text, calendar)
    if NUMBER.fullmatch(text):
        return grouped(text)
    return say("yes") if value is True else say(text)


ROUTES: Final = (web.get("/events", page(events, PARAMETERS)),)
