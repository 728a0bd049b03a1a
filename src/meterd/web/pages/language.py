"""Which tongue a page is in: what was chosen by hand, else what the browser asks for.

`?lang=de` is chosen for a year, by a cookie that says nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from meterd.web.problems import Problem
from meterd.web.tongues import NAMES, spoken, wanted

LANGUAGE: Final = "lang"
YEAR_S: Final = 31_536_000


def chosen(request: web.Request) -> str:
    """The tongue to answer in. Raises Problem 400 for one there is not."""
    asked = request.query.get(LANGUAGE)
    if asked is not None and asked not in NAMES:
        raise Problem(400, f"There is no lang {asked!r}; there is {', '.join(NAMES)}.")
    kept = asked or request.cookies.get(LANGUAGE)
    return kept if kept in NAMES else wanted(request.headers.get("Accept-Language", ""))


def keep(response: web.StreamResponse, asked: Mapping[str, str]) -> None:
    """Have the browser remember what was chosen."""
    if LANGUAGE in asked:
        response.set_cookie(
            LANGUAGE, asked[LANGUAGE], max_age=YEAR_S, httponly=True, samesite="Lax"
        )


def choices(asked: Mapping[str, str]) -> list[tuple[str, str, str, bool]]:
    """(code, name, address, whether it is spoken) of every tongue; the address keeps the rest."""
    return [
        (code, name, "?" + urlencode({**asked, LANGUAGE: code}), code == spoken().code)
        for code, name in NAMES.items()
    ]
