"""Readings that people and devices send in, and the word that a device was replaced.

    POST /v1/readings  {"meter": "main", "time": "2026-01-31T12:00:00Z", "energy_import": 501.2}

One object or a list, whose keys are those of a recording in JSON lines; or, as text/plain,
InfluxDB's line protocol. What becomes of each reading is told in its place. One that came
before is a duplicate and books nothing, so whoever is in doubt may send it again; one that is
wrong is named with its field, and the others of its batch are taken all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from meterd.config.accounts import OPERATES
from meterd.config.tokens import PUSH
from meterd.events import Event, Output, Reading
from meterd.metering.calendar import iso
from meterd.orders import ReplacementOrdered
from meterd.shapes.entries import EntryError, Newest, joined, outcome, reading, replacement
from meterd.shapes.line_protocol import PRECISIONS, Row, rows
from meterd.specs import MeterSpec
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.bearer import insufficient
from meterd.web.bodies import refused
from meterd.web.caller import caller_of, needs
from meterd.web.described import tells
from meterd.web.gate import actor_of
from meterd.web.problems import Problem, guess, not_found
from meterd.web.records import expect_obeyed
from meterd.web.world import World

READINGS_MAX: Final = 1_000
"""Of one request."""
Good = dict[int, Reading]
"""The readings that are good, by the number of their row."""


class Asked(msgspec.Struct, frozen=True):
    """precision: of the times of line protocol."""

    precision: Annotated[str, Meta(extra_json_schema={"enum": list(PRECISIONS)})] = "ns"


@needs(OPERATES)
@tells(list[types.Outcome] | types.Outcome, query=Asked, body=types.Open | list[types.Open])
async def enter(request: web.Request) -> web.Response:
    """Take readings; 200 says what became of each, 422 which were wrong and not taken."""
    asked = parameters(request, ("precision",))
    rows, listed = _rows(request, await request.read(), asked)
    if not 0 < len(rows) <= READINGS_MAX:
        raise Problem(422, f"Send from 1 to {READINGS_MAX} readings at once.")
    good, wrong = _checked(request, rows)
    told = await _entered(request.app[WORLD], good)
    if wrong:
        problem = refused(wrong)
        if told:
            problem.detail = f"{len(good)} of {len(rows)} readings were taken. {problem.detail}"
            problem.done["readings"] = [told.get(index) for index in range(len(rows))]
        raise problem
    answers = [told[index] for index in range(len(rows))]
    return json(encode(answers if listed else answers[0]))


async def enter_one(request: web.Request, item: Mapping[str, Any]) -> dict[str, Any]:
    """What became of one reading, which somebody has entered in a form. Raises Problem."""
    good, wrong = _checked(request, [Row("", dict(item))])
    if wrong:
        raise refused(wrong)
    return (await _entered(request.app[WORLD], good))[0]


def _rows(request: web.Request, data: bytes, asked: Mapping[str, str]) -> tuple[list[Row], bool]:
    """What was sent, row by row, and whether it is a list. Raises Problem."""
    if request.content_type == "text/plain":
        precision = asked.get("precision", "ns")
        if precision not in PRECISIONS:
            raise Problem(400, f"precision is one of {', '.join(PRECISIONS)}.")
        try:
            return rows(data.decode(), precision), True
        except UnicodeDecodeError:
            raise Problem(400, "The body is no UTF-8 text.") from None
    if asked:
        raise Problem(400, "precision is for lines (Content-Type: text/plain); JSON writes time.")
    body = _body(data)
    if isinstance(body, list):
        return [Row(f"[{index}]", item) for index, item in enumerate(body)], True
    return [Row("", body)], False


def _checked(request: web.Request, sent: Sequence[Row]) -> tuple[Good, list[tuple[str, str]]]:
    """The readings by row, and what is wrong with the others. Raises Problem 403 where the
    token is good for none of them."""
    world = request.app[WORLD]
    specs = {spec.name: spec for spec in world.site.meters}
    now_ms, actor = world.now_ms(), actor_of(request)
    good: Good = {}
    wrong: list[tuple[str, str]] = []
    denied: list[_DeniedError] = []
    for index, row in enumerate(sent):
        try:
            name, item = _named(request, row.item)
            spec = _spec(name, specs)
            good[index] = reading(spec, item, now_ms, "" if spec.pushed else actor)
        except EntryError as error:
            field = ".".join(part for part in (row.place, error.field) if part)
            wrong.append((field or "reading", error.trouble))
            denied += [error] if isinstance(error, _DeniedError) else []
    if denied and len(denied) == len(sent):
        raise insufficient(denied[0].scope)
    return good, wrong


async def _entered(world: World, good: Good) -> dict[int, dict[str, Any]]:
    """What became of each reading. They are taken in the order of their times."""
    newest = {name: Newest(view.at_ms, view.quantities) for name, view in world.meters.items()}
    whole = _gathered(good)
    outcomes = await asyncio.gather(*(world.order(item) for _indices, item in whole))
    told: dict[int, dict[str, Any]] = {}
    for (indices, item), outputs in zip(whole, outcomes, strict=True):
        before = newest.get(item.meter, Newest(None))
        told |= dict.fromkeys(indices, outcome(item, outputs, before))
        if before.at_ms is None or item.at_ms > before.at_ms:
            newest[item.meter] = Newest(item.at_ms, item.gauges)
    return told


def _gathered(good: Good) -> list[tuple[list[int], Reading]]:
    """The readings by time, with their rows. What was sent of one instant in several rows, one
    for each quantity, is one reading."""
    found: list[tuple[list[int], Reading]] = []
    at: dict[tuple[str, int], int] = {}
    for index, item in sorted(good.items(), key=lambda row: row[1].at_ms):
        place = at.get((item.meter, item.at_ms))
        whole = None if place is None else joined(found[place][1], item)
        if place is not None and whole is not None:
            found[place] = ([*found[place][0], index], whole)
        else:
            at.setdefault((item.meter, item.at_ms), len(found))
            found.append(([index], item))
    return found


class _DeniedError(EntryError):
    """A reading of a meter that the token is not for."""

    def __init__(self, meter: str) -> None:
        self.scope = PUSH + meter
        super().__init__("meter", f"is not this token's: it has not the scope {self.scope}")


def _named(request: web.Request, item: Any) -> tuple[str, Mapping[str, Any]]:
    """The meter of a row, for which the token is good, and the row. Raises EntryError."""
    if isinstance(item, EntryError):
        raise item
    if not isinstance(item, dict):
        raise EntryError("", 'is no object; send {"meter": "main", "energy_import": 501.2}')
    name = str(item.get("meter"))
    if not caller_of(request).may_push(name):
        raise _DeniedError(name)
    return name, item


def _spec(name: str, specs: Mapping[str, MeterSpec]) -> MeterSpec:
    if name not in specs:
        raise EntryError("meter", f"is none that there is.{guess(name, specs)}")
    return specs[name]


def _body(data: bytes) -> Any:
    """The JSON that was sent, its fractions as text: no digit is lost. Raises Problem 400."""
    try:
        return msgspec.json.Decoder(Any, float_hook=str).decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Problem(400, f"The body is no JSON that can be read: {error}.") from None


@needs(OPERATES)
@tells(orders.Replaced, body=types.Open)
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
    order, outputs = await replace_one(request, specs[name], asked)
    told = [
        {"kind": output.kind, "quantity": output.quantity, **output.numbers}
        for output in outputs
        if isinstance(output, Event) and output.meter == name and "booked" in output.numbers
    ]
    body = {"meter": name, "time": iso(order.at_ms), "actor": order.actor, "registers": told}
    return json(encode(body))


async def replace_one(
    request: web.Request, spec: MeterSpec, asked: Mapping[str, Any]
) -> tuple[ReplacementOrdered, Sequence[Output]]:
    """(the order, what came of it), for whoever asks by a form as well. Raises Problem."""
    world = request.app[WORLD]
    try:
        order = replacement(spec, asked, world.now_ms(), actor_of(request))
    except EntryError as error:
        raise refused([(error.field or "body", error.trouble)]) from None
    outputs = await world.order(order)
    expect_obeyed(outputs, spec.name)
    return order, outputs


ROUTES: Final = (
    web.post("/v1/readings", enter),
    web.post("/v1/meters/{name}/replace", replace),
)
