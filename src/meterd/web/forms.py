"""Forms of our own pages: their fields, and where a browser goes once they are obeyed.

They carry the word of the login in a field, as `gate` demands of every change by one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from meterd.web.gate import CSRF_FIELD
from meterd.web.problems import Problem
from meterd.web.taken import form_of

FIELD_MAX: Final = 1_000
"""Characters of a field."""


async def fields(request: web.Request, known: Collection[str]) -> dict[str, str]:
    """The fields of a form, "" for one that is missing. Raises Problem for others."""
    sent = await form_of(request)
    for name, value in sent.items():
        if name not in {*known, CSRF_FIELD} or not isinstance(value, str):
            raise Problem(400, f"This form has no field {name!r}; load the page again.")
        if len(value) > FIELD_MAX:
            raise Problem(422, f"{name} is longer than {FIELD_MAX} characters.")
    return {name: str(sent.get(name, "")) for name in known}


def onward(address: str) -> web.Response:
    """Look there now: a form that was obeyed is not sent again by loading the page again."""
    return web.Response(status=303, headers={"Location": address})


def local(address: str, otherwise: str) -> str:
    """An address of this server, as it was asked for; no other site is anybody sent to."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    try:
        parts = urlsplit(address)
    except ValueError:
        return otherwise
    good = plain and not parts.scheme and not parts.netloc and address.isascii()
    return address if good and address.isprintable() and "\\" not in address else otherwise
