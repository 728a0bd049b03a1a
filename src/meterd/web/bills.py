"""Bills with all their periods, and the samples they are made of (seed 003)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.config.accounts import GRANTED
from meterd.events import Interval, Sample
from meterd.views import BillView
from meterd.web import answer_types as types
from meterd.web.answers import WORLD, Listing, found, listed
from meterd.web.asked import PAGED, SPAN, At, Order, page, parameters, part_of
from meterd.web.caller import needs
from meterd.web.described import Paged, Spanned, tells
from meterd.web.problems import not_found
from meterd.web.tags import bill_tag
from meterd.web.visible import visible
from meterd.web.world import Page, Reader

PERIODS_MAX: Final = 1200
"""Closed periods of one bill in one answer: a century of months."""

_Key = tuple[At, str, str, str, str, bool]


def _key(sample: Sample) -> tuple[Any, ...]:
    part = sample.interval
    names = (part.meter, sample.kind, part.quantity, part.phase)
    return (part.start_ms, *names, sample.discarded)


def _stand_in(key: tuple[int, str, str, str, str, bool]) -> Sample:
    start_ms, meter, kind, quantity, phase, discarded = key
    part = Interval(meter, quantity, "", phase, start_ms, start_ms, 0)
    return Sample("", kind, 0, part, discarded)


BY_START: Final = Order[Sample](_Key, _key, _stand_in)


@needs(GRANTED)
@tells(list[types.Bill], query=Paged)
async def bills(request: web.Request) -> web.Response:
    """Every bill, its periods oldest first."""
    asked = parameters(request, PAGED)
    views, headers = part_of(request, asked, list(visible(request).bills.values()))
    response = await found(request, lambda reader: [_bill(reader, view) for view in views])
    response.headers.update(headers)
    return response


@needs(GRANTED)
@tells(types.Bill)
async def bill(request: web.Request) -> web.Response:
    """One bill."""
    parameters(request)
    view = _view(request)
    response = await found(request, lambda reader: _bill(reader, view))
    response.headers["ETag"] = bill_tag(request.app[WORLD], view.bill)
    return response


def _bill(reader: Reader, view: BillView) -> dict[str, Any]:
    return shapes.bill(view.body, reader.periods(view.bill, Page(limit=PERIODS_MAX)))


@needs(GRANTED)
@tells(list[types.Sample], query=Spanned)
async def samples(request: web.Request) -> web.Response:
    """A bill's samples, oldest first."""
    asked = parameters(request, (*SPAN, *PAGED))
    name = _view(request).bill
    listing = Listing[Sample](
        lambda reader, part: reader.samples(name, part), shapes.sample, BY_START
    )
    return await listed(request, listing, page(asked, BY_START))


def _view(request: web.Request) -> BillView:
    name, views = request.match_info["name"], visible(request).bills
    if name not in views:
        raise not_found("bill", name, views)
    return views[name]


ROUTES: Final = (
    web.get("/v1/bills", bills),
    web.get("/v1/bills/{name}", bill),
    web.get("/v1/bills/{name}/samples", samples),
)
