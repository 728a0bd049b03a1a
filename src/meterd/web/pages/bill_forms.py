"""Forms that make a bill, and add, switch and remove its sources.

Every candidate comes with what it reads now, as `GET /v1/sources` has it, so that the right feed
can be told before it is added (seed 003, "Adding Sources").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from meterd.config import bill_orders, source_orders
from meterd.config.accounts import CHANGES
from meterd.config.bill_books import Books
from meterd.orders import Administered
from meterd.shapes.candidates import of_site
from meterd.web.bill_orders import by_of, carry_out
from meterd.web.caller import needs
from meterd.web.forms import fields
from meterd.web.pages.done import done
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.words import instant, plain
from meterd.web.problems import Problem, not_found
from meterd.web.tongues import say
from meterd.web.world import Reader

NEW: Final = "/add/bill"
SOURCES: Final = "/bills/{name}/sources"
SWITCH: Final = "/bills/{name}/switch"
SOURCES_MAX: Final = 20
"""That can be chosen with a new bill; more are added one by one."""
TERMS: Final = ("name", "type", "billing_day", "allowance")
CHOSEN: Final = tuple(f"source_{n}" for n in range(SOURCES_MAX))
SWITCHES: Final = {
    "enable": source_orders.enabled, "disable": source_orders.disabled,
    "remove": source_orders.removed,
}  # fmt: skip
TOLD: Final = {"enable": "enabled", "disable": "disabled", "remove": "removed"}


def new_bill(seen: Seen, _reader: Reader) -> Sheet:
    """The form of a new bill."""
    context = {"candidates": list(candidates(seen, ""))[:SOURCES_MAX], "bill": None}
    return Sheet("add_bill.html", "New bill", context)


def new_source(seen: Seen, _reader: Reader) -> Sheet:
    """The form of a new source of a bill."""
    if seen.name not in seen.bills:
        raise not_found("bill", seen.name, seen.bills)
    context = {"candidates": list(candidates(seen, seen.name)), "bill": seen.name}
    return Sheet("add_source.html", "New source", context)


def candidates(seen: Seen, bill: str) -> Iterator[dict[str, Any]]:
    """What may become a source. value: as a form sends it. attached: to this bill already."""
    for row in of_site(seen.site, seen.meters):
        kind = {"energy": "counter", "power": "power sensor", "volt_ampere": "volts and amperes"}
        current = row["current"]
        yield {
            **row,
            "value": "|".join((row["meter"], row["kind"], row["phase"] or "")),
            "title": say(kind[row["kind"]]),
            "accuracy": say(row["method"]),
            "attached": bill in row["bills"],
            "others": ", ".join(one for one in row["bills"] if one != bill),
            "shown": current and (current["value"], current["unit"]),
            "at": instant(row["time"], seen.calendar),
            "named": plain(row["kind"]),
        }


def _source(value: str) -> dict[str, str]:
    meter, kind, phase = (*value.split("|"), "", "", "")[:3]
    return {"meter": meter, "kind": kind} | ({"phase": phase} if phase else {})


@needs(CHANGES)
async def make(request: web.Request) -> web.Response:
    """A new bill, with the sources that were ticked."""
    sent = await fields(request, (*TERMS, *CHOSEN))
    name, by = sent["name"], by_of(request)
    body: dict[str, Any] = {"name": name, "type": sent["type"] or "energy"}
    body["billing_day"] = _day(sent["billing_day"] or "1")
    if sent["allowance"]:
        body["allowance"] = sent["allowance"].replace(",", ".")
    body["sources"] = [_source(sent[one]) for one in CHOSEN if sent[one]]
    await carry_out(request, name, lambda books: bill_orders.created(books, body, by))
    return done("/bills/", name, "bill")


def _day(text: str) -> int:
    if not text.isdecimal() or len(text) > 2:
        raise Problem(422, f"{text!r} is no day of a month; there are 1 to 31.")
    return int(text)


@needs(CHANGES)
async def add(request: web.Request) -> web.Response:
    """One source more."""
    sent = await fields(request, ("source",))
    name, by, body = request.match_info["name"], by_of(request), _source(sent["source"])
    await carry_out(request, name, lambda books: source_orders.added(books, name, body, by))
    return done("/bills/", name, "source")


@needs(CHANGES)
async def switch(request: web.Request) -> web.Response:
    """A source is enabled, disabled, or taken off."""
    sent = await fields(request, ("source", "to"))
    name, by, to = request.match_info["name"], by_of(request), sent["to"]
    if to not in SWITCHES:
        raise not_found("switch", to, SWITCHES)
    source = _source(sent["source"])
    wanted = (source["meter"], source["kind"], source.get("phase", ""))

    def change(books: Books) -> Administered | None:
        return SWITCHES[to](books, name, wanted, by)

    await carry_out(request, name, change)
    return done("/bills/", name, TOLD[to])


def address(bill: str) -> str:
    """Where a source of a bill is added."""
    return SOURCES.format(name=quote(bill, safe=""))


ROUTES: Final = (
    web.get(NEW, page(new_bill, need=CHANGES)),
    web.post(NEW, make),
    web.get(SOURCES, page(new_source, need=CHANGES)),
    web.post(SOURCES, add),
    web.post(SWITCH, switch),
)
