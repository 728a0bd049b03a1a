"""Events: every decision that was not an ordinary rise, with its numbers."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from meterd import shapes
from meterd.events import Event
from meterd.web import answer_types as types
from meterd.web.answers import Listing, listed
from meterd.web.asked import PAGED, SPAN, At, Order, page, parameters
from meterd.web.described import Spanned, tells

BY_TIME: Final = Order[Event](
    tuple[At, str], lambda event: (event.at_ms, event.id), lambda key: Event(key[1], key[0], "")
)


class Asked(Spanned, frozen=True):
    """Of one kind, of one meter."""

    kind: str = ""
    meter: str = ""


@tells(list[types.Event], query=Asked)
async def events(request: web.Request) -> web.Response:
    """Events by their time, of every kind or one, of every meter or one."""
    asked = parameters(request, ("kind", "meter", *SPAN, *PAGED))
    listing = Listing[Event](
        lambda reader, part: reader.events(part, meter=asked.get("meter"), kind=asked.get("kind")),
        shapes.event,
        BY_TIME,
    )
    return await listed(request, listing, page(asked, BY_TIME))


ROUTES: Final = (web.get("/v1/events", events),)
