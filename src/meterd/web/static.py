"""The style sheet, the script and the icon: from the package, for ever, by their content.

The address of each carries a digest of it, so a browser keeps it until it changes.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from aiohttp import web

from meterd.config.accounts import ANYBODY
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.problems import not_found

TYPES: Final = {
    "meterd.css": "text/css",
    "meterd.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def content(name: str) -> bytes:
    """What a file holds."""
    return (files("meterd.web") / "static" / name).read_bytes()


@cache
def address(name: str) -> str:
    """Where a page finds it."""
    return f"/static/{name}?v={sha256(content(name)).hexdigest()[:12]}"


@needs(ANYBODY)
async def static(request: web.Request) -> web.Response:
    """One of the files there are."""
    parameters(request, ("v",))
    name = request.match_info["file"]
    if name not in TYPES:
        raise not_found("file", name, TYPES)
    response = web.Response(body=content(name), content_type=TYPES[name], charset="utf-8")
    response.headers["Cache-Control"] = FOR_EVER
    response.enable_compression()
    return response


ROUTES: Final = (web.get("/static/{file}", static),)
