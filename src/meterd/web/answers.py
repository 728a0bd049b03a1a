"""Answers: JSON, and lists read from the store page by page, in threads, never on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from aiohttp import web

from meterd.web.asked import Order, cursor_of
from meterd.web.problems import Problem
from meterd.web.world import Page, Reader, World

Row = TypeVar("Row")
T = TypeVar("T")

READS_MAX: Final = 4
"""Threads at once: more would only take the loop's time from it."""

WAITING_MAX: Final = 64
"""Questions that wait or are read; one more is refused, and counted."""

SCANNED_ROWS: Final = 1000
SCANNED_CHUNKS_MAX: Final = 50
"""So many times so many rows are looked through for those that fit, before an answer is left
short, with the address where the search goes on."""

encode: Final = msgspec.json.Encoder(decimal_format="string").encode


class Listing(NamedTuple, Generic[Row]):
    """A list. fetch: a page of rows. shape: a row as JSON has it. fits: which to show."""

    fetch: Callable[[Reader, Page], list[Row]]
    shape: Callable[[Row], dict[str, Any]]
    order: Order[Row]
    fits: Callable[[Row], bool] | None = None


class Questions:
    """All that is done in threads, within bounds. refused: questions that were too many."""

    def __init__(self, world: World) -> None:
        self.refused = 0
        self._world = world
        self._slots = asyncio.Semaphore(READS_MAX)
        self._asked = 0

    async def ask(self, question: Callable[[Reader], T]) -> T:
        """What a question to the store finds. It must be a bounded one. May raise Unavailable."""
        return await self.work(lambda: self._read(question))

    async def work(self, work: Callable[[], T]) -> T:
        """What a piece of work that would hold up the loop comes to."""
        if self._asked >= WAITING_MAX:
            self.refused += 1
            detail = "Too many questions are being answered; ask again in a moment."
            raise Problem(503, detail, {"Retry-After": "1"})
        self._asked += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._asked -= 1

    def _read(self, question: Callable[[Reader], T]) -> T:
        with self._world.reader() as reader:
            return question(reader)


WORLD: Final = web.AppKey[World]("world")
QUESTIONS: Final = web.AppKey[Questions]("questions")


def json(body: bytes, **rest: Any) -> web.Response:
    """An answer that is JSON already."""
    return web.Response(body=body, content_type="application/json", **rest)


async def made(request: web.Request, make: Callable[[], Any]) -> web.Response:
    """What `make` makes of things that nobody changes."""
    return json(await request.app[QUESTIONS].work(lambda: encode(make())))


async def found(request: web.Request, find: Callable[[Reader], Any]) -> web.Response:
    """What `find` finds in the store."""
    return json(await request.app[QUESTIONS].ask(lambda reader: encode(find(reader))))


async def listed(request: web.Request, listing: Listing[Row], page: Page) -> web.Response:
    """A page of a list; where more follows, its address stands in `Link` (RFC 8288)."""
    body, cursor = await request.app[QUESTIONS].ask(lambda reader: _read(reader, listing, page))
    if cursor is None:
        return json(body)
    following = request.rel_url.update_query(cursor=cursor)
    return json(body, headers={"Link": f'<{following}>; rel="next"'})


def _read(reader: Reader, listing: Listing[Row], page: Page) -> tuple[bytes, str | None]:
    """(the rows that fit, as JSON; the cursor of the next page, None after the last)."""
    limit, fits = page.limit, listing.fits
    chunk = limit + 1 if fits is None else max(limit + 1, SCANNED_ROWS)
    page = msgspec.structs.replace(page, limit=chunk)
    fitting: list[Row] = []
    for _ in range(SCANNED_CHUNKS_MAX):
        rows = listing.fetch(reader, page)
        for row in rows:
            if fits is None or fits(row):
                if len(fitting) == limit:
                    return _encoded(listing, fitting), cursor_of(page.after, listing.order)
                fitting.append(row)
            page = msgspec.structs.replace(page, after=row)
        if len(rows) < chunk:
            return _encoded(listing, fitting), None
    return _encoded(listing, fitting), cursor_of(page.after, listing.order)


def _encoded(listing: Listing[Row], rows: list[Row]) -> bytes:
    return encode([listing.shape(row) for row in rows])
