"""`GET /openapi.json`: the API as OpenAPI 3.1, made from the routes, their types and needs.

Nothing in it is written twice: paths come from the router, texts from the docstrings, levels
from what the handlers need, and schemas from the types that bodies are decoded by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final

import msgspec
from aiohttp import web

from meterd.config.accounts import ANYBODY, GRANTED
from meterd.config.schema import REFERENCE as FILE_REFERENCE
from meterd.config.schema import written
from meterd.versions import installed
from meterd.web.answer_types import ProblemDetails
from meterd.web.answers import encode, json
from meterd.web.asked import parameters
from meterd.web.bearer import scope_for
from meterd.web.caller import SAFE, need_of, needs
from meterd.web.described import JSON, Described, described, tells
from meterd.web.problems import CONTENT_TYPE

REFERENCE: Final = "#/components/schemas/{name}"
DOCUMENT: Final = web.AppKey[list[bytes]]("openapi")
"""The document, once it was asked for."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_TITLES: Final = {
    "4XX": "What is wrong, and what to do.",
    "503": "The daemon cannot do it now.",
}
SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`meterd token add` makes one."},
    "login": {
        "type": "apiKey",
        "in": "cookie",
        "name": "meterd",
        "description": "From POST /v1/session; a change repeats its word in X-Meterd-CSRF. "
        "By TLS the cookie is called __Host-meterd.",
    },
}


@needs(GRANTED)
@tells(dict[str, Any])
async def document(request: web.Request) -> web.Response:
    """This description of the API."""
    parameters(request)
    made = request.app[DOCUMENT]
    if not made:
        routes = ((r.method, _path(r), r.handler) for r in request.app.router.routes())
        made.append(encode(openapi(routes)))
    return json(made[0])


def openapi(routes: Iterable[tuple[str, str, Any]]) -> dict[str, Any]:
    """The document. routes: method, path and handler of each; those of no API are left out."""
    told = [(method.lower(), path, handler, described(handler)) for method, path, handler in routes]
    found = [(m, path, handler, said) for m, path, handler, said in told if said and m != "head"]
    types = {id(kind): kind for *_, said in found for kind in _types(said)}
    kinds = [ProblemDetails, *types.values()]
    schemas, components = msgspec.json.schema_components(
        kinds, schema_hook=lambda _kind: {"type": "string"}, ref_template=REFERENCE
    )
    known = {id(kind): plain(part) for kind, part in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for method, path, handler, said in found:
        paths.setdefault(path, {})[method] = _operation(method, path, (handler, said), known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "meterd",
            "version": installed("meterd"),
            "summary": "Meters, records and bills, exact.",
        },
        "paths": paths,
        "components": {
            "schemas": {name: plain(part) for name, part in components.items()},
            "securitySchemes": SECURITY,
        },
    }


def plain(part: Any) -> Any:
    """A schema as JSON is sent: as the file is written, but for its references."""
    return _unreferred(written(part))


def _unreferred(part: Any) -> Any:
    if isinstance(part, list):
        return [_unreferred(item) for item in part]
    if not isinstance(part, dict):
        return part
    rest = {name: _unreferred(child) for name, child in part.items()}
    if FILE_REFERENCE in part.get("anyOf", ()):
        others = [_unreferred(item) for item in part["anyOf"] if item != FILE_REFERENCE]
        del rest["anyOf"]
        return {**others[0], **rest} if len(others) == 1 else {"anyOf": others, **rest}
    return rest


@cache
def fields_of(query: Any) -> tuple[Any, ...]:
    """The parameters of a query."""
    return msgspec.structs.fields(query)


def _types(said: Described) -> list[Any]:
    """The types that a description needs a schema of."""
    answers = [said.answer, *(kind for _status, kind in said.also)]
    fields = [field.type for field in fields_of(said.query)]
    return [kind for kind in (*answers, said.body, *fields) if kind is not None]


def _operation(
    method: str, path: str, told: tuple[Any, Described], known: dict[int, Any]
) -> dict[str, Any]:
    handler, said = told
    need = need_of(handler, method.upper())
    summary, _, more = cleandoc(handler.__doc__ or "").partition("\n\n")
    answers = {said.status: said.answer, **dict(said.also)}
    made: dict[str, Any] = {
        "operationId": f"{method}{''.join(_word(part) for part in path.split('/'))}",
        "summary": " ".join(summary.split()),
        "parameters": [*_places(path), *_query(said, known)],
        "responses": {
            **{str(status): _answer(status, kind, said, known) for status, kind in answers.items()},
            **{status: _problem(title, known) for status, title in _TITLES.items()},
        },
        "security": [] if need == ANYBODY else [{"bearer": []}, {"login": []}],
        "x-level": need,
    }
    if more:
        made["description"] = more
    if need > 0:
        made["x-scope"] = scope_for(need)
    if said.body is not None and method.upper() not in SAFE:
        content = {JSON: {"schema": known[id(said.body)]}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _word(part: str) -> str:
    return "".join(word.capitalize() for word in re.findall(r"\w+", part))


def _places(path: str) -> list[dict[str, Any]]:
    """The parameters that stand in a path."""
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PLACE.findall(path)
    ]


def _query(said: Described, known: dict[int, Any]) -> list[dict[str, Any]]:
    return [
        {"name": field.encode_name, "in": "query", "required": False,
         "schema": known[id(field.type)]}
        for field in fields_of(said.query)
    ]  # fmt: skip


def _answer(status: int, kind: Any, said: Described, known: dict[int, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        made["content"] = {said.kind: {"schema": known[id(kind)]}}
    return made


def _problem(title: str, known: dict[int, Any]) -> dict[str, Any]:
    schema = known[id(ProblemDetails)]
    return {"description": title, "content": {CONTENT_TYPE: {"schema": schema}}}


def _path(route: web.AbstractRoute) -> str:
    return route.resource.canonical if route.resource is not None else ""


ROUTES: Final = (web.get("/openapi.json", document),)
