"""What every page is made from, what it comes to, and how it is answered.

A page is a pure function of what is `Seen` and a reader of the store; it runs in a thread,
within the bounds of every other question. `?csv=NAME` answers with a table of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from meterd.config.accounts import ANYBODY, GRANTED, INSPECTS, READS, Accounts
from meterd.config.written import Written
from meterd.metering.calendar import Calendar
from meterd.orders import StoredObject
from meterd.specs import MeterSpec, SiteSpec
from meterd.views import BillView, MeterView, SiteView
from meterd.web.answers import QUESTIONS, WORLD
from meterd.web.asked import parameters
from meterd.web.caller import CALLER, Caller, needs
from meterd.web.gate import HOST
from meterd.web.pages.done import DONE
from meterd.web.pages.language import LANGUAGE, choices, chosen, keep
from meterd.web.pages.tables import Table, csv
from meterd.web.pages.templating import markup
from meterd.web.pages.words import instant
from meterd.web.problems import Problem, not_found
from meterd.web.tongues import speaking, spoken
from meterd.web.visible import narrowed
from meterd.web.world import LineView, Reader

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Everything comes from here, and nothing stands in the page itself."""
NOBODY: Final = Caller("nobody", ANYBODY)
"""Who asks where that was not even looked at: an error of the door itself."""
NAVIGATION: Final = (
    ("/", "Overview"), ("/meters", "Meters"), ("/chain", "Power chain"), ("/bills", "Bills"),
    ("/records", "Records"), ("/events", "Events"), ("/devices", "Devices"),
    ("/configuration", "Configuration"),
)  # fmt: skip

FIRST_SEEN: Final = {"/bills": GRANTED, "/users": INSPECTS, "/configuration": INSPECTS}
"""The level that a page of the navigation takes, where it is another than most do."""


def _nothing() -> Written:
    return Written(Path(), (), (), in_force=True)


class Seen(msgspec.Struct, frozen=True):
    """What is known at one instant, and what is asked of it. path, asked: of the address.

    written: reads the configuration file. objects: what was made through the API, by label;
    hidden: those that the file has as well. connections: their names.
    """

    site: SiteSpec
    calendar: Calendar
    now_ms: int
    meters: Mapping[str, MeterView]
    bills: Mapping[str, BillView]
    whole: SiteView
    lines: Sequence[LineView]
    trouble: str | None
    path: str
    name: str
    asked: Mapping[str, str]
    written: Callable[[], Written] = _nothing
    objects: Mapping[str, StoredObject] = {}
    hidden: Collection[str] = ()
    connections: Sequence[str] = ()
    caller: Caller = HOST
    accounts: Accounts = Accounts()

    def may(self, level: float) -> bool:
        """Whether who looks may send a form that takes this level."""
        return self.caller.reaches(level) and bool(self.caller.csrf)

    def spec(self) -> MeterSpec:
        """The meter that the address names. Raises Problem 404."""
        found = next((spec for spec in self.site.meters if spec.name == self.name), None)
        if found is None:
            raise not_found("meter", self.name, (spec.name for spec in self.site.meters))
        return found


class Sheet(msgspec.Struct, frozen=True):
    """A page before it is written. context: for the template. tables: by name, for CSV too."""

    template: str
    title: str
    context: dict[str, Any]
    tables: tuple[Table, ...] = ()


Make = Callable[[Seen, Reader], Sheet]


def page(make: Make, known: Collection[str] = (), need: float = READS) -> Handler:
    """A handler that answers with what `make` makes. known: parameters beside `csv`.

    need: the level it takes to see it.
    """

    async def shown(request: web.Request) -> web.StreamResponse:
        asked = parameters(request, (*known, "csv", "done", LANGUAGE))
        tongue, seen = chosen(request), seen_by(request, asked)
        if "csv" in asked:
            return await _spreadsheet(request, make, seen)
        with speaking(tongue):
            found = request.app[QUESTIONS]
            body = await found.ask(lambda reader: written(make(seen, reader), seen))
        response = answer(body)
        keep(response, asked)
        return response

    return needs(need)(shown)


async def _spreadsheet(request: web.Request, make: Make, seen: Seen) -> web.Response:
    """A table of the page; in English, since programs read it."""
    wanted = seen.asked["csv"]
    body = await request.app[QUESTIONS].ask(lambda reader: _csv(make(seen, reader), wanted))
    headers = {"Content-Disposition": f'attachment; filename="{wanted}.csv"'}
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


def answer(body: bytes, status: int = 200) -> web.Response:
    """A page as it goes over the wire."""
    response = web.Response(body=body, status=status, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.enable_compression()
    return response


def written(sheet: Sheet, seen: Seen) -> bytes:
    """The page, with the frame that all pages share."""
    frame = {
        "title": sheet.title,
        "site": seen.site.name,
        "zone": seen.site.timezone,
        "trouble": seen.trouble,
        "now": instant(seen.now_ms, seen.calendar),
        "now_ms": seen.now_ms,
        "tongue": spoken().code,
        "tongues": choices(seen.asked),
        "navigation": navigation(seen.caller),
        "path": seen.path,
        "here": "/" + seen.path.split("/")[1],
        "asked": seen.asked,
        "tables": {table.name: table for table in sheet.tables},
        "seen": seen,
        "obeyed": DONE.get(seen.asked.get("done", "")),
    }
    return markup(sheet.template, frame | sheet.context)


def navigation(caller: Caller) -> list[tuple[str, str]]:
    """The pages that somebody may see."""
    pages = [*NAVIGATION, *([("/users", "Users")] if caller.is_user else ())]
    return [(href, name) for href, name in pages if caller.reaches(FIRST_SEEN.get(href, READS))]


def _csv(sheet: Sheet, wanted: str) -> bytes:
    tables = {table.name: table for table in sheet.tables}
    if wanted not in tables:
        raise not_found("table", wanted, tables)
    return csv(tables[wanted])


def seen_by(request: web.Request, asked: Mapping[str, str]) -> Seen:
    """What whoever asks may see now."""
    world, caller = request.app[WORLD], request.get(CALLER, NOBODY)
    part = narrowed(world, caller)
    return Seen(
        site=part.site,
        calendar=Calendar(part.site.timezone),
        now_ms=world.now_ms(),
        meters=part.meters,
        bills=part.bills,
        whole=part.whole,
        lines=part.lines,
        trouble=world.healthy(),
        path=request.path,
        name=request.match_info.get("name", ""),
        asked=asked,
        written=world.written,
        objects=dict(world.objects),
        hidden=frozenset(world.hidden),
        connections=tuple(world.config.connections),
        caller=caller,
        accounts=world.accounts,
    )


def problem(request: web.Request, wrong: Problem) -> web.Response:
    """An error as a page, for whoever came with a browser."""
    asked = {name: text for name, text in request.query.items() if name != LANGUAGE}
    sheet = Sheet("problem.html", wrong.status.phrase, {"problem": wrong})
    with speaking(tongue_of(request)):
        response = answer(written(sheet, seen_by(request, asked)), wrong.status.value)
    response.headers.update(wrong.headers)
    return response


def tongue_of(request: web.Request) -> str:
    """As chosen, if what was chosen is not itself the problem."""
    try:
        return chosen(request)
    except Problem:
        return spoken().code


def choice(asked: Mapping[str, str], name: str, known: Sequence[str]) -> str:
    """One of several words, the first unless another is asked for. Raises Problem 400."""
    word = asked.get(name, known[0])
    if word not in known:
        raise Problem(400, f"There is no {name} {word!r}; there is {', '.join(known)}.")
    return word
