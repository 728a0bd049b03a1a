"""What is taken from whoever asks: a body, and the fields of a form, within their bounds.

Whoever is taken at their word about how it is written, and lied, is told so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from meterd.web.problems import Problem

BODY_MAX: Final = 64 * 1024
BODY_S: Final = 5
"""A body must be here within so many seconds, however slowly it drips."""
FORM: Final = "application/x-www-form-urlencoded"
"""As browsers send the forms of our pages; none of them has a file in it."""
_KIND: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+ *(;[^()]*)?", re.ASCII)
"""RFC 9110, 8.3.1; comments, which whoever parses it follows as deep as they go, are none."""


async def take_body(request: web.Request) -> None:
    """Have the whole body, within its bounds, before anything is done. Raises Problem."""
    if not _KIND.fullmatch(request.headers.get("Content-Type", "a/b")):
        raise Problem(415, "The Content-Type is none, such as application/json.")
    if not request.body_exists:
        return
    try:
        async with asyncio.timeout(BODY_S):
            await request.read()
    except TimeoutError:
        detail = f"The body was not here within {BODY_S} s; send it at once."
        raise Problem(408, detail, {"Connection": "close"}) from None
    except web.RequestPayloadError:  # of another encoding, or in other chunks
        detail = "The body is not written as its headers say."
        raise Problem(400, detail, {"Connection": "close"}) from None


async def form_of(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form. Raises Problem for what no page of ours has sent."""
    if request.content_type != FORM or (request.charset or "utf-8").lower() != "utf-8":
        raise Problem(415, f"A form comes here as {FORM}, in UTF-8.")
    try:
        return await request.post()
    except ValueError:
        raise Problem(400, "The form is no UTF-8 text; load the page again.") from None
