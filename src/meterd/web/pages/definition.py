"""The POWERMETER definition in force (seed 000): its fields, panel by panel, and their layout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.tongues import say
from meterd.web.world import Reader

COLUMNS: Final = ("Place", "Field", "Code", "Type", "Required", "Notes")


def definition(seen: Seen, _reader: Reader) -> Sheet:
    """A table for every panel, in the order in which a form shows them."""
    body: dict[str, Any] = shapes.definition(seen.site.fields)
    panels: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, field in enumerate(body["fields"], 1):
        panels.setdefault(field["panel"], []).append((place, field))
    tables = [panel(name, fields) for name, fields in panels.items()]
    context = {"entity": body, "panels": tables, "count": len(body["fields"])}
    return Sheet("definition.html", "Definition", context, tuple(tables))


def panel(name: str, fields: Iterable[tuple[int, dict[str, Any]]]) -> Table:
    """The fields of one panel."""
    rows = [
        (
            cell(place),
            cell(say(field["label"]), exact=field["label"]),
            cell(field["code"]),
            cell(say(field["type"]), exact=field["type"]),
            cell(say("yes") if field["required"] else ""),
            cell(", ".join(notes(field))),
        )
        for place, field in fields
    ]
    return Table(name.lower().replace(" ", "-"), name, COLUMNS, rows, frozenset({0}))


def notes(field: dict[str, Any]) -> list[str]:
    """What else there is to a field."""
    found = [say("is read, cannot be set")] if field["readonly"] else []
    if "original" in field:
        found.append(say("as shipped: {code}", code=field["original"]))
    if field.get("multiline"):
        found.append(say("several lines"))
    if "reference" in field:
        found.append(say("refers to {entity}", entity=field["reference"]))
    if "options" in field:
        found += [f"{one['id']} {say(one['label'])}" for one in field["options"]]
    return found


ROUTES: Final = (web.get("/definition", page(definition)),)
