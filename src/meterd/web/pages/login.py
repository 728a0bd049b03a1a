"""The way in and out for people: a form, and where they wanted to go."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from meterd.config.accounts import ANYBODY
from meterd.web.asked import parameters
from meterd.web.caller import OWN, caller_of, needs
from meterd.web.forms import fields, local, onward
from meterd.web.login import give, log_in, log_out, take_back
from meterd.web.pages.oidc import WAYS
from meterd.web.pages.sheet import answer, tongue_of
from meterd.web.pages.templating import markup
from meterd.web.problems import LOGIN, Problem
from meterd.web.tongues import speaking, spoken

NEXT: Final = "next"
HOME: Final = "/"
SHOWN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
"""What is wrong in a way that the form itself can tell."""


@needs(ANYBODY)
async def form(request: web.Request) -> web.Response:
    """The form."""
    asked = parameters(request, (NEXT,))
    return _shown(request, local(asked.get(NEXT, ""), HOME))


@needs(ANYBODY)
async def come_in(request: web.Request) -> web.Response:
    """The form, filled in."""
    sent = await fields(request, (NEXT, "name", "password"))
    going_to = local(sent[NEXT], HOME)
    try:
        text, _caller = await log_in(request, sent["name"], sent["password"])
    except Problem as wrong:
        if wrong.status not in SHOWN:
            raise
        response = _shown(request, going_to, sent["name"], wrong)
        response.headers.update(wrong.headers)
        return response
    response = onward(going_to)
    give(request, response, text)
    return response


@needs(OWN)
async def go(request: web.Request) -> web.Response:
    """Out."""
    await fields(request, ())
    own = caller_of(request).session
    await log_out(request, lambda session: session.sha256 == own)
    response = onward(LOGIN)
    take_back(request, response)
    return response


def _shown(
    request: web.Request, going_to: str, name: str = "", wrong: Problem | None = None
) -> web.Response:
    told = "" if wrong is None else wrong.detail
    provider = request.app[WAYS].provider
    other = "" if provider is None else urlsplit(provider.config.issuer).hostname
    known = {NEXT: going_to, "name": name, "wrong": told, "other": other}
    with speaking(tongue_of(request)):
        body = markup("login.html", {**known, "tongue": spoken().code})
    return answer(body, 200 if wrong is None else wrong.status.value)


ROUTES: Final = (
    web.get(LOGIN, form),
    web.post(LOGIN, come_in),
    web.post("/logout", go),
)
