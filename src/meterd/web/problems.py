"""What went wrong, as RFC 9457 problem details: every error of the application, in one shape.

`detail` names the thing, the place and the remedy, for a person to act on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from meterd.web.caller import CALLER
from meterd.web.world import Unavailable

log = structlog.get_logger()

CONTENT_TYPE: Final = "application/problem+json"
OUTSIDE: Final = frozenset({401, 403, 421, 429})
PAGE: Final = web.AppKey[Callable[[web.Request, "Problem"], web.Response]]("problem_page")
"""How an error looks as a page."""
LOGIN: Final = "/login"
"""Where somebody who came with a browser can log in."""
_GUESSED_CHARS: Final = 100
"""Of what is not known only so much is compared with what is."""


class Problem(Exception):  # noqa: N818  (what RFC 9457 calls it)
    """A request that is answered with an error. detail: what is wrong and what to do.

    errors: each wrong field, and what is wrong with it, where the body has several.
    done: what was done all the same, as JSON, by its name.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = tuple(errors)
        self.done: dict[str, Any] = {}

    def response(self) -> web.Response:
        """As it goes over the wire. Bytes of an address that are no text become "?"."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": _encodable(self.detail),
        }
        if self.errors:
            told = ((_encodable(field), _encodable(detail)) for field, detail in self.errors)
            body["errors"] = [{"field": field, "detail": detail} for field, detail in told]
        return web.Response(
            body=msgspec.json.encode(body | self.done),
            status=self.status.value,
            headers=self.headers,
            content_type=CONTENT_TYPE,
        )


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()


def guess(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'main'?", or nothing where nothing is near."""
    near = get_close_matches(word[:_GUESSED_CHARS], list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def not_found(kind: str, name: str, known: Iterable[str]) -> Problem:
    """There is no such meter, bill or record configuration."""
    return Problem(404, f"There is no {kind} {name!r}.{guess(name, known)}")


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem; what nobody foresaw is logged and answered with 500."""
    try:
        return await handler(request)
    except Problem as problem:
        return _answer(request, problem)
    except web.HTTPException as error:
        return _answer(request, _of_http(request, error))
    except Unavailable as error:
        return _answer(request, Problem(503, str(error), {"Retry-After": "5"}))
    except Exception:  # the outermost supervisor of a request: one bad one ends alone
        log.exception("HTTP request failed.", method=request.method, path=request.raw_path)
        return Problem(500, "That is a fault of meterd; its log says what happened.").response()


def _answer(request: web.Request, problem: Problem) -> web.Response:
    """As a page for whoever came to read one; programs, and the API, get problem details.

    Who has not come in is sent to the login. Who may not is told so in problem details: a page
    would name the site.
    """
    if "text/html" not in request.headers.get("Accept", "") or request.path.startswith("/v1/"):
        return problem.response()
    caller = request.get(CALLER)
    if caller is not None and caller.is_user:
        return request.app[PAGE](request, problem)
    looks = request.method == "GET" and "Authorization" not in request.headers
    if looks and problem.status == HTTPStatus.UNAUTHORIZED:
        address = f"{LOGIN}?{urlencode({'next': request.rel_url.raw_path_qs})}"
        return web.Response(status=303, headers={"Location": address})
    shown = request.method == "GET" and problem.status not in OUTSIDE
    return request.app[PAGE](request, problem) if shown else problem.response()


def _of_http(request: web.Request, error: web.HTTPException) -> Problem:
    """What aiohttp found wrong, in our words."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        detail = f"{request.method} is not possible at {request.path}; {allowed} is."
        return Problem(405, detail, {"Allow": allowed})
    if isinstance(error, web.HTTPNotFound):
        known = {resource.canonical for resource in request.app.router.resources()}
        return Problem(404, f"There is nothing at {request.path}.{guess(request.path, known)}")
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        limit_kib = request.client_max_size // 1024
        return Problem(413, f"The body is longer than {limit_kib} KiB; send less at once.")
    return Problem(error.status, error.reason)
