"""Readings that people and devices send in, and the word that a device was replaced.

    POST /v1/readings  {"meter": "main", "time": "2026-01-31T12:00:00Z", "energy_import": 501.2}

One object or a list; the keys are those of a recording in JSON lines. All are checked before
any is taken. What becomes of each is told in its place: a reading that came before is refused
as a duplicate, so whoever is in doubt may send it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config.tokens import PUSH
from meterd.events import Event, Reading
from meterd.metering.calendar import iso
from meterd.shapes.entries import EntryError, outcome, reading, replacement
from meterd.specs import MeterSpec
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.bearer import Caller, insufficient
from meterd.web.bodies import refused
from meterd.web.gate import CALLER, actor_of
from meterd.web.problems import Problem, guess, not_found
from meterd.web.records import expect_obeyed
from meterd.web.world import World

READINGS_MAX: Final = 1_000
"""Of one request."""


async def enter(request: web.Request) -> web.Response:
    """Take readings; 200 says what became of each, 422 that one is wrong and none was taken."""
    parameters(request)
    world = request.app[WORLD]
    body = _body(await request.read())
    items = body if isinstance(body, list) else [body]
    if not 0 < len(items) <= READINGS_MAX:
        raise Problem(422, f"Send from 1 to {READINGS_MAX} readings at once.")
    readings = _checked(request, world, items, listed=isinstance(body, list))
    before = {name: view.at_ms for name, view in world.meters.items()}
    outcomes = await asyncio.gather(*(world.order(item) for item in readings))
    told = [
        outcome(item, outputs, before.get(item.meter))
        for item, outputs in zip(readings, outcomes, strict=True)
    ]
    return json(encode(told if isinstance(body, list) else told[0]))


def _checked(
    request: web.Request, world: World, items: list[Any], *, listed: bool
) -> list[Reading]:
    """Every item as a reading. Raises Problem, which names every one that is wrong."""
    specs = {spec.name: spec for spec in world.site.meters}
    now_ms, actor, found = world.now_ms(), actor_of(request), []
    wrong: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        place = f"[{index}]" if listed else ""
        try:
            spec = _spec(item, specs)
            _expect_pusher(request, spec.name)
            found.append(reading(spec, item, now_ms, "" if spec.pushed else actor))
        except EntryError as error:
            field = ".".join(part for part in (place, error.field) if part)
            wrong.append((field or "reading", error.trouble))
    if wrong:
        raise refused(wrong)
    return found


def _spec(item: Any, specs: Mapping[str, MeterSpec]) -> MeterSpec:
    if not isinstance(item, dict):
        raise EntryError("", 'is no object; send {"meter": "main", "energy_import": 501.2}')
    name = item.get("meter")
    if not isinstance(name, str) or name not in specs:
        raise EntryError("meter", f"is none that there is.{guess(str(name), specs)}")
    return specs[name]


def _expect_pusher(request: web.Request, meter: str) -> None:
    """A token for some meters is good for them alone."""
    caller: Caller | None = request.get(CALLER)
    if caller is not None and not caller.may_push(meter):
        raise insufficient(PUSH + meter)


def _body(data: bytes) -> Any:
    """The JSON that was sent, its fractions as text: no digit is lost. Raises Problem 400."""
    try:
        return msgspec.json.Decoder(Any, float_hook=str).decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Problem(400, f"The body is no JSON that can be read: {error}.") from None


async def replace(request: web.Request) -> web.Response:
    """The device of a meter was replaced; 409 where the numbers cannot be."""
    parameters(request)
    world, name = request.app[WORLD], request.match_info["name"]
    specs = {spec.name: spec for spec in world.site.meters}
    if name not in specs:
        raise not_found("meter", name, specs)
    data = await request.read()
    asked = _body(data) if data else {}
    if not isinstance(asked, dict):
        raise Problem(400, 'The body is no JSON object; send {"old_final": 503.5}.')
    try:
        order = replacement(specs[name], asked, world.now_ms(), actor_of(request))
    except EntryError as error:
        raise refused([(error.field or "body", error.trouble)]) from None
    outputs = await world.order(order)
    expect_obeyed(outputs, name)
    told = [
        {"kind": output.kind, "quantity": output.quantity, **output.numbers}
        for output in outputs
        if isinstance(output, Event) and output.meter == name and "booked" in output.numbers
    ]
    body = {"meter": name, "time": iso(order.at_ms), "actor": order.actor, "registers": told}
    return json(encode(body))


ROUTES: Final = (
    web.post("/v1/readings", enter),
    web.post("/v1/meters/{name}/replace", replace),
)
