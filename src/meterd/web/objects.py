"""POWERMETER objects as seed 000 has them: made, read, changed and ended, and their DEFINITION.

A meter made here lives in the store, beside the file's, which win and are read-only here. It
is checked by the file's own rules, and is read from the moment the answer is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd import shapes
from meterd.config.stored import body_of, encoded
from meterd.orders import OBJECTS_MAX, Administered, StoredObject
from meterd.records.ulid import undashed
from meterd.shapes.meters import DEFINITION, ENTITY
from meterd.specs import MeterSpec
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import QUESTIONS, WORLD, encode, json, made
from meterd.web.asked import parameters
from meterd.web.bodies import OWN, changed, decoded, misfits, refused
from meterd.web.described import tells
from meterd.web.gate import actor_of
from meterd.web.problems import Problem
from meterd.web.tags import expect_match, tag_of
from meterd.web.world import World

DECOMMISSIONED: Final = "decommissioned"
PATH: Final = "/v1/objects/{id}"

Decide = Callable[[], Administered | None]


@tells(list[types.Open])
async def listed(request: web.Request) -> web.Response:
    """Every meter as an object of seed 000's API."""
    parameters(request)
    world = request.app[WORLD]
    specs = world.site.meters
    return await made(request, lambda: [_object(world, spec) for spec in specs])


@tells(types.Open, query=orders.ObjectAsked)
async def one(request: web.Request) -> web.Response:
    """An object, or the DEFINITION of them all."""
    asked = parameters(request, ("entity",))
    world = request.app[WORLD]
    if asked.get("entity") == DEFINITION:
        if request.match_info["id"] != ENTITY:
            detail = f"There is no DEFINITION of {request.match_info['id']!r}; {ENTITY} has one."
            raise Problem(404, detail)
        return json(encode(shapes.definition(world.site.fields)))
    _expect_powermeter(asked.get("entity", ENTITY))
    return _shown(world, _name(request))


@tells(types.Open, body=types.Open, status=201)
async def create(request: web.Request) -> web.Response:
    """Make a meter; 409 where there is one of its name."""
    parameters(request)
    asked = decoded(await request.read())
    _expect_powermeter(asked.get("entity", ENTITY))
    name = await add(request, asked)
    location = {"Location": f"/v1/objects/{shapes.object_id(name)}"}
    return _shown(request.app[WORLD], name, status=201, headers=location)


async def add(request: web.Request, asked: dict[str, Any]) -> str:
    """The same, for whoever asks by a form; its name. Raises Problem."""
    world, row = request.app[WORLD], drafted(request, asked)

    def decide() -> Administered:
        _expect_new(world, row.name)
        by, numbers = (row.created_ms, row.created_by), {"object": shapes.object_id(row.name)}
        return Administered(*by, "meter_created", row, row.name, numbers)

    await _carry_out(world, row.name, decide)
    return row.name


def drafted(request: web.Request, asked: dict[str, Any]) -> StoredObject:
    """A meter as it would be kept; nothing is changed. Raises Problem 422."""
    world = request.app[WORLD]
    body = changed(asked, world.site.fields, {})
    name, by = str(body["name"]), (world.now_ms(), actor_of(request))
    return StoredObject(_plain_id(name), ENTITY, name, encoded(body), *by)


@tells(types.Open, query=orders.ObjectAsked, body=types.Open)
async def change(request: web.Request) -> web.Response:
    """Change the fields that are sent, and no other."""
    parameters(request, ("entity",))
    world, actor, name = request.app[WORLD], actor_of(request), _name(request)
    asked = decoded(await request.read())
    if asked.pop("id", request.match_info["id"]) != request.match_info["id"]:
        raise refused([("id", "is another object's")])

    def decide() -> Administered | None:
        _expect_writable(world, name)
        expect_match(request, _etag(world, name), name)
        old = world.objects[name]
        after = changed(asked, world.site.fields, body_of(old))
        return _changed(old, after, (world.now_ms(), actor))

    await _carry_out(world, name, decide)
    return _shown(world, name)


@tells(types.Open, query=orders.ObjectAsked, also=((204, None),))
async def end(request: web.Request) -> web.Response:
    """Take a meter away; one with a history is decommissioned and keeps it."""
    parameters(request, ("entity",))
    world, actor, name = request.app[WORLD], actor_of(request), _name(request)
    _expect_writable(world, name)
    booked = await request.app[QUESTIONS].ask(lambda reader: reader.has_history(name))
    gone = False

    def decide() -> Administered | None:
        nonlocal gone
        _expect_writable(world, name)
        expect_match(request, _etag(world, name), name)
        old, view = world.objects[name], world.meters.get(name)
        if booked or (view is not None and view.at_ms is not None):
            after = {**body_of(old), "status": DECOMMISSIONED}
            return _changed(old, after, (world.now_ms(), actor), "meter_decommissioned")
        gone = True
        row = msgspec.structs.replace(old, gone=True)
        numbers = {"object": shapes.object_id(name), "body": body_of(old)}
        return Administered(world.now_ms(), actor, "meter_deleted", row, name, numbers)

    await _carry_out(world, name, decide)
    return web.Response(status=204) if gone else _shown(world, name)


async def _carry_out(world: World, name: str, decide: Decide) -> None:
    """Make the change, or raise Problem: the meter does not fit, or others need it as it is."""
    wrong = await world.administer(decide)
    if name in wrong:
        raise misfits(wrong[name], world.site.fields)
    if wrong:
        others = ", ".join(wrong)
        why = next(iter(wrong.values()))[0]
        raise Problem(409, f"{others} would not fit any more: {why.path}: {why.message}.")


def _changed(
    old: StoredObject,
    after: Mapping[str, Any],
    by: tuple[int, str],
    kind: str = "meter_changed",
) -> Administered | None:
    """The change that makes it so, None if it is so. by: when, and who."""
    before, (now_ms, actor) = body_of(old), by
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not keys:
        return None
    row = msgspec.structs.replace(old, body=encoded(after), modified_ms=now_ms, modified_by=actor)
    changes = {key: [before.get(key), after.get(key)] for key in keys}
    numbers = {"object": shapes.object_id(old.name), "changes": changes}
    return Administered(now_ms, actor, kind, row, old.name, numbers)


# -- which one ----------------------------------------------------------------------------


def _name(request: web.Request) -> str:
    """The meter whose id is asked for. Raises Problem 404."""
    world, asked = request.app[WORLD], request.match_info["id"]
    names = [*(spec.name for spec in world.site.meters), *world.left_out]
    if asked == ENTITY:
        raise Problem(404, f"There is no object {ENTITY}; for its fields ask ?entity=DEFINITION.")
    try:
        wanted = undashed(asked)
    except ValueError as error:
        raise Problem(404, f"There is no such object: {error}.") from None
    for name in names:
        if _plain_id(name) == wanted:
            return name
    raise Problem(404, f"There is no object {asked}; GET /v1/entities/{ENTITY}/SUB lists them.")


@lru_cache(OBJECTS_MAX)
def _plain_id(name: str) -> str:
    return undashed(shapes.object_id(name))


def _expect_powermeter(entity: Any) -> None:
    if entity != ENTITY:
        raise refused([("entity", f"is none that is kept here; there is {ENTITY}")])


def _expect_new(world: World, name: str) -> None:
    if any(spec.name == name for spec in world.site.meters) or name in world.objects:
        raise Problem(409, f"There is a meter {name!r} already; choose another name, or PATCH it.")
    if len(world.objects) >= OBJECTS_MAX:
        raise Problem(409, f"There are {OBJECTS_MAX} objects, and no room for more.")


def _expect_writable(world: World, name: str) -> None:
    """What the file has is the file's, whatever the store has under the same name."""
    if name not in world.objects or name in world.hidden:
        raise Problem(
            409,
            f"{name!r} stands in the configuration file and is read-only here; change it "
            "there, then `meterd reload`.",
        )


# -- how it looks -------------------------------------------------------------------------


def _shown(world: World, name: str, *, status: int = 200, headers: Any = None) -> web.Response:
    spec = next((spec for spec in world.site.meters if spec.name == name), MeterSpec(name))
    tag = {"ETag": _etag(world, name)}
    return json(encode(_object(world, spec)), status=status, headers=tag | (headers or {}))


def _object(world: World, spec: MeterSpec) -> dict[str, Any]:
    """A meter as an object: its fields, then what is ours of one that was made here."""
    shown = shapes.entity(spec, world.meters.get(spec.name), world.site.fields)
    made_here = spec.name in world.objects and spec.name not in world.hidden
    if made_here:
        body = msgspec.json.decode(world.objects[spec.name].body)
        shown |= {key: body[key] for key in OWN if key in body}
    if spec.name in world.left_out:
        wrong = world.left_out[spec.name]
        shown["leftOut"] = [f"{each.path}: {each.message}. {each.remedy}" for each in wrong]
    return shown | {"origin": "api" if made_here else "file"}


def _etag(world: World, name: str) -> str:
    """Of what can be written; what is measured changes all the time."""
    spec = next((spec for spec in world.site.meters if spec.name == name), None)
    general = spec.general if spec is not None else {}
    body = world.objects[name].body if name in world.objects else ""
    return tag_of(general, body)


ROUTES: Final = (
    web.get("/v1/entities/POWERMETER/SUB", listed),
    web.post("/v1/objects", create),
    web.get(PATH, one),
    web.patch(PATH, change),
    web.delete(PATH, end),
)
