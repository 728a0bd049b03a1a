"""Entity tags: what a client has already is not sent again, and a change is of what was read.

A list is tagged by its bytes. What can be changed is tagged by what can be written of it, for
what is measured changes all the time; such a tag is for `If-Match` alone.
Source: RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from aiohttp import web

from meterd.config.stored import BILL, BILL_SOURCES, label
from meterd.web.problems import Problem
from meterd.web.world import World

JSON = "application/json"
encode = msgspec.json.Encoder(decimal_format="string").encode


def tag_of(*parts: Any) -> str:
    """The tag of something, by what it is made of."""
    return _quoted(encode(parts))


def bill_tag(world: World, name: str) -> str:
    """The tag of a bill's terms and of the sources that were made here."""
    kept = (world.objects.get(label(entity, name)) for entity in (BILL, BILL_SOURCES))
    own = [bill for bill in world.file.bills if bill.name == name]
    return tag_of([None if row is None else row.body for row in kept], repr(own))


def expect_match(request: web.Request, tag: str, name: str) -> None:
    """If-Match: the change is for the thing as it was read. Raises Problem 412."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _is_among(tag, wanted):
        raise Problem(412, f"{name!r} was changed since; read it again.")


def tagged(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """An answer with its tag, or 304 for who has it already."""
    good = isinstance(response, web.Response) and response.status == 200
    if not good or request.method != "GET" or response.content_type != JSON:
        return response
    assert isinstance(response, web.Response), "it was asked"
    if "ETag" in response.headers or not isinstance(response.body, bytes):
        return response
    tag = _quoted(response.body)
    response.headers["ETag"] = tag
    held = request.headers.get("If-None-Match")
    if held is None or not _is_among(tag, held):
        return response
    kept = {name: response.headers[name] for name in ("ETag", "Link") if name in response.headers}
    return web.Response(status=304, headers=kept)


def _quoted(data: bytes) -> str:
    return f'"{sha256(data).hexdigest()[:32]}"'


def _is_among(tag: str, header: str) -> bool:
    parts = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in parts or parts == ["*"]
