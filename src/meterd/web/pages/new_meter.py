"""A new meter by a form: first what it reads now, and then, if that is right, it is kept.

The first button asks the device once and shows what it says, and the meter as it would be
written in the configuration file; the second makes it, as `POST /v1/objects` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config import enums
from meterd.config.accounts import CHANGES
from meterd.config.profiles import profile_names
from meterd.orders import StoredObject
from meterd.web.answers import QUESTIONS, WORLD
from meterd.web.caller import needs
from meterd.web.forms import fields
from meterd.web.objects import add, drafted
from meterd.web.pages.done import done
from meterd.web.pages.language import chosen
from meterd.web.pages.sheet import Make, Seen, Sheet, answer, page, seen_by, written
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import exact, plain
from meterd.web.problems import Problem
from meterd.web.refusals import misfits
from meterd.web.tongues import speaking
from meterd.web.world import Peeked, Reader

PATH: Final = "/add/meter"
FIELDS: Final = ("name", "meterName", "meterPoint")
OWN: Final = ("connection", "address", "profile", "every", "parent")
SAVE: Final = "save"
POINTS: Final = "meter_point"


def new_meter(seen: Seen, _reader: Reader) -> Sheet:
    """The form, empty."""
    return _sheet(seen, dict.fromkeys((*FIELDS, *OWN), ""), "", ())


def _sheet(seen: Seen, given: Mapping[str, str], yaml: str, tables: tuple[Table, ...]) -> Sheet:
    points = [(str(n), label) for n, label in enumerate(enums.labels(POINTS), 1)]
    context = {
        "given": given,
        "yaml": yaml,
        "points": points,
        "profiles": sorted(profile_names()),
        "feeders": [spec.name for spec in seen.site.meters],
        "trouble_of_it": "",
    }
    return Sheet("add_meter.html", "New meter", context, tables)


@needs(CHANGES)
async def make(request: web.Request) -> web.Response:
    """Ask the device once and show what it says; or, by the other button, keep the meter."""
    sent = await fields(request, (*FIELDS, *OWN, "do"))
    asked = _object(request, sent)
    if sent["do"] == SAVE:
        return done("/meters/", await add(request, asked), "meter")
    row = drafted(request, asked)
    peeked = await request.app[WORLD].peek(row)
    if peeked.findings:
        raise misfits(next(iter(peeked.findings.values())))
    return await _shown(request, _peeked(sent, row, peeked))


def _object(request: web.Request, sent: Mapping[str, str]) -> dict[str, Any]:
    """The object that is made of a form. Raises Problem 422."""
    codes = {field.source: field.code for field in request.app[WORLD].site.fields}
    asked: dict[str, Any] = {codes.get(one, one): sent[one] for one in FIELDS if sent[one]}
    if "meterPoint" in codes and sent["meterPoint"]:
        asked[codes["meterPoint"]] = _number("meterPoint", sent["meterPoint"])
    if "status" in codes:
        asked[codes["status"]] = 1
    asked |= {one: sent[one] for one in OWN if sent[one]}
    if sent["address"].isdecimal():
        asked["address"] = int(sent["address"])
    return asked


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise Problem(422, f"{name} is no number: {text!r}; choose one of the list.")
    return int(text)


def _peeked(sent: Mapping[str, str], row: StoredObject, peeked: Peeked) -> Make:
    """The form again, with what the device said."""

    def again(seen: Seen, _reader: Reader) -> Sheet:
        sheet = _sheet(seen, sent, as_yaml(row), (reading_table(peeked),))
        return msgspec.structs.replace(
            sheet, context=sheet.context | {"trouble_of_it": peeked.trouble}
        )

    return again


def reading_table(peeked: Peeked) -> Table:
    """What the device says now."""
    rows = [
        (cell(plain(one["quantity"])), _value(one["value"], one["unit"])) for one in peeked.rows
    ]
    return Table("reading", "What it reads now", ("Quantity", "Value"), rows, frozenset({1}))


def _value(value: Any, unit: str | None) -> Cell:
    if value is None or not isinstance(value, int | float | str):
        return cell(exact(None))
    number = str(value).removeprefix("-").replace(".", "", 1).isdecimal()
    return Cell(exact(value, unit) if number else str(value), exact=value)


def as_yaml(row: StoredObject) -> str:
    """The meter as the configuration file would have it; a line of JSON is YAML."""
    body = msgspec.json.decode(row.body)
    told = ", ".join(f"{key}: {msgspec.json.encode(value).decode()}" for key, value in body.items())
    return f"  - {{{told}}}"


async def _shown(request: web.Request, make_: Make) -> web.Response:
    seen = seen_by(request, {})
    with speaking(chosen(request)):
        found = request.app[QUESTIONS]
        return answer(await found.ask(lambda reader: written(make_(seen, reader), seen)))


ROUTES: Final = (web.get(PATH, page(new_meter, need=CHANGES)), web.post(PATH, make))
