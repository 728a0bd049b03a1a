"""Forms of a meter's page: a reading by hand, a replaced device, orders about its records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from meterd.config.accounts import OPERATES
from meterd.metering.calendar import Calendar, iso
from meterd.orders import RECORD_ORDERS
from meterd.shapes import unit_of
from meterd.specs import MeterSpec
from meterd.web.alarms import acknowledge_some
from meterd.web.answers import WORLD
from meterd.web.caller import needs
from meterd.web.forms import fields
from meterd.web.order_types import ToAcknowledge
from meterd.web.pages.done import done
from meterd.web.pages.sheet import Seen
from meterd.web.pages.words import plain, unit_written
from meterd.web.problems import Problem, not_found
from meterd.web.readings import enter_one, replace_one
from meterd.web.records import ordered
from meterd.web.world import World

PATH: Final = "/meters/{name}"
UNREAD: Final = frozenset({"planned", "decommissioned"})


def forms(seen: Seen, spec: MeterSpec, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the forms of a page need; None for whoever may not send them.

    entries: (quantity, title, unit, what it shows now). records: configurations that follow it.
    alarms: whether one stands that nobody has acknowledged.
    """
    if not seen.may(OPERATES):
        return None
    closed = bool(spec.expressions) or spec.status in UNREAD
    quantities = [] if closed else [register.quantity for register in spec.registers]
    entries = []
    for name in quantities:
        unit = unit_of(spec, name)
        shown = body["totals"].get(name, {}).get("value")
        entries.append((name, plain(name), unit_written(unit), shown))
    records = [one.name for one in seen.site.records if one.meter == spec.name]
    alarms = any(alarm["acknowledged"] is None for alarm in body["alarms"])
    return {"entries": entries, "records": records, "orders": RECORD_ORDERS, "alarms": alarms}


def _spec(world: World, name: str) -> MeterSpec:
    found = {spec.name: spec for spec in world.site.meters}
    if name not in found:
        raise not_found("meter", name, found)
    return found[name]


@needs(OPERATES)
async def enter(request: web.Request) -> web.Response:
    """A reading, of now or of a time by the site's clocks; what was left empty is not read."""
    world, name = request.app[WORLD], request.match_info["name"]
    spec = _spec(world, name)
    quantities = [register.quantity for register in spec.registers]
    sent = await fields(request, ("time", *quantities))
    item = {one: sent[one].replace(",", ".") for one in quantities if sent[one]}
    if not item:
        raise Problem(422, "Nothing was read: write what the meter shows.")
    at = {"time": _instant(sent["time"], world)} if sent["time"] else {}
    told = await enter_one(request, {"meter": name, **at, **item})
    return done("/meters/", name, {"taken": "taken"}.get(told["outcome"], told["outcome"]))


def _instant(text: str, world: World) -> str:
    try:
        return iso(Calendar(world.site.timezone).parse(text))
    except (ValueError, OverflowError):
        raise Problem(422, f"time is none: {text!r}; write 2026-01-31T12:00.") from None


@needs(OPERATES)
async def replace(request: web.Request) -> web.Response:
    """The device was replaced."""
    known = ("quantity", "old_final", "new_initial", "serial")
    sent = await fields(request, known)
    spec = _spec(request.app[WORLD], request.match_info["name"])
    asked = {one: text.replace(",", ".") for one, text in sent.items() if text}
    await replace_one(request, spec, asked)
    return done("/meters/", spec.name, "replaced")


@needs(OPERATES)
async def order(request: web.Request) -> web.Response:
    """An order about the record of a configuration."""
    sent = await fields(request, ("record", "order"))
    _spec(request.app[WORLD], request.match_info["name"])
    await ordered(request, sent["record"], sent["order"])
    return done("/meters/", request.match_info["name"], "ordered")


@needs(OPERATES)
async def acknowledge(request: web.Request) -> web.Response:
    """All alarms of the meter were seen."""
    sent, name = await fields(request, ("note",)), request.match_info["name"]
    await acknowledge_some(request, name, ToAcknowledge(note=sent["note"]))
    return done("/meters/", name, "acknowledged")


ROUTES: Final = (
    web.post(f"{PATH}/acknowledge", acknowledge),
    web.post(f"{PATH}/reading", enter),
    web.post(f"{PATH}/replace", replace),
    web.post(f"{PATH}/order", order),
)
