"""A bill as a document: `GET /v1/bills/{name}/statement?format=html&period=2026-01`."""

from __future__ import annotations

from typing import Annotated, Final

from aiohttp import web
from msgspec import Meta, Struct

from meterd import shapes
from meterd.config.accounts import GRANTED
from meterd.shapes.periods import NoSuchPeriodError
from meterd.shapes.statement.formats import FORMATS, Format, written
from meterd.shapes.statement.gather import Sheet, gather
from meterd.specs import SiteSpec
from meterd.views import BillView
from meterd.web.answers import QUESTIONS, WORLD
from meterd.web.asked import parameters
from meterd.web.bills import PERIODS_MAX
from meterd.web.caller import needs
from meterd.web.described import tells
from meterd.web.problems import Problem, guess, not_found
from meterd.web.visible import visible
from meterd.web.world import Page, Reader

DEFAULT: Final = "json"
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page brings its own style along, and nothing else; scripts are not among it."""


class Asked(Struct, frozen=True):
    """Which period, by its first day or month, and as what."""

    format: Annotated[str, Meta(extra_json_schema={"enum": list(FORMATS)})] = DEFAULT
    period: str = ""


@needs(GRANTED)
@tells(None, query=Asked)
async def statement(request: web.Request) -> web.Response:
    """The statement of one period, the newest unless another is asked for."""
    asked = parameters(request, ("format", "period"))
    seen, name = visible(request), request.match_info["name"]
    if name not in seen.bills:
        raise not_found("bill", name, seen.bills)
    word = asked.get("format", DEFAULT)
    if word not in FORMATS:
        known = ", ".join(FORMATS)
        raise Problem(400, f"There is no format {word!r}; there is {known}.{guess(word, FORMATS)}")
    site, bill, period = seen.site, seen.bills[name], asked.get("period")
    now_ms = request.app[WORLD].now_ms()
    body = await request.app[QUESTIONS].ask(
        lambda reader: _document(reader, (site, bill, now_ms), word, period)
    )
    return _answer(FORMATS[word], body, name)


def _document(
    reader: Reader, seen: tuple[SiteSpec, BillView, int], word: str, period: str | None
) -> bytes:
    site, bill, now_ms = seen
    row = shapes.bill(bill.body, reader.periods(bill.bill, Page(limit=PERIODS_MAX)))
    try:
        return written(gather(reader, Sheet(site, row, now_ms), period), word)
    except NoSuchPeriodError as error:
        raise Problem(404, f"{bill.bill}: {error}.") from None


def _answer(kind: Format, body: bytes, name: str) -> web.Response:
    shown = "inline" if kind.content_type in {"text/html", "text/plain"} else "attachment"
    headers = {
        "Content-Security-Policy": POLICY,
        "Content-Disposition": f'{shown}; filename="{name}.{kind.suffix}"',
    }
    charset = None if kind.binary else "utf-8"
    return web.Response(body=body, content_type=kind.content_type, charset=charset, headers=headers)


ROUTES: Final = (web.get("/v1/bills/{name}/statement", statement),)
