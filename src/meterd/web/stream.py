"""What is committed, as it is committed: `GET /v1/stream`, server-sent events.

    event: meter
    data: {"name": "main", "time": "2026-01-31T12:00:00Z", "currentKw": 12.5, ...}

First how everything stands, then what changes: `meter`, `bill` and `event`. A comment every
15 s tells both ends that the other is there. An `event` has an id; whoever says in
`Last-Event-ID` which was the last one it has heard gets those that were committed since.
Source: HTML standard, section 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from aiohttp import web

from meterd.config.accounts import GRANTED
from meterd.events import Event
from meterd.records.ulid import instant_of, undashed
from meterd.web.answers import QUESTIONS, WORLD
from meterd.web.asked import parameters
from meterd.web.caller import caller_of, needs
from meterd.web.described import tells
from meterd.web.gate import DOOR, HOST
from meterd.web.problems import Problem
from meterd.web.viewers import VIEWERS_MAX, Part, Queue, frame
from meterd.web.visible import visible
from meterd.web.world import Reader

HEARTBEAT_S: Final = 15
SEND_S: Final = 30
"""A viewer that takes nothing for so long is gone, whatever its socket says."""
AGAIN: Final = b"retry: 3000\n\n"
ALIVE: Final = b": alive\n\n"
FRAMES_AT_ONCE: Final = 50
"""Meters or bills written in one go at first; then the loop has a turn."""

MISSED_PAGES_MAX: Final = 50
"""Pages of missed events in one go; a browser comes back for the rest by itself."""


@needs(GRANTED)
@tells(str, kind="text/event-stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """Everything as it stands, then what is committed, until one of us goes."""
    parameters(request)
    world, caller = request.app[WORLD], caller_of(request)
    if world.viewers.full:
        detail = f"{VIEWERS_MAX} viewers are watching; close one of them, or ask again later."
        raise Problem(503, detail, {"Retry-After": "30"})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    seen = visible(request)
    part = None if caller.sees_all else Part(frozenset(seen.meters), frozenset(seen.bills))
    queue = world.viewers.join(part)
    try:
        await response.prepare(request)
        await response.write(AGAIN)
        meters, bills = list(seen.meters.values()), list(seen.bills.values())
        for start in range(0, max(len(meters), len(bills)), FRAMES_AT_ONCE):
            some = slice(start, start + FRAMES_AT_ONCE)
            await _send(response, frame(meters[some], bills[some]))
        if part is None and not await _caught_up(request, response):
            return response
        await _follow(response, queue, partial(_unchanged, request))
    except (ConnectionError, TimeoutError):
        request.protocol.force_close()  # a reader who is gone wants no farewell
    finally:
        world.viewers.leave(queue)
    return response


async def _caught_up(request: web.Request, response: web.StreamResponse) -> bool:
    """Send the events that were missed; False if there are more, for the next time.

    What is committed meanwhile waits in the queue, so that an event may come twice, and none
    is left out.
    """
    last = request.headers.get("Last-Event-ID", "")
    try:
        plain_id = undashed(last)
        at_ms = instant_of(plain_id)
    except ValueError:
        return True  # not one of ours: it begins anew
    for _ in range(MISSED_PAGES_MAX):
        ask = partial(_since, plain_id, at_ms)
        missed = await request.app[QUESTIONS].ask(ask)
        if not missed:
            return True
        await _send(response, frame((), (), missed))
        plain_id, at_ms = missed[-1].id, instant_of(missed[-1].id)
    return False


def _since(plain_id: str, at_ms: int, reader: Reader) -> list[Event]:
    return reader.events_since(plain_id, at_ms)


async def _follow(
    response: web.StreamResponse, queue: Queue, may_go_on: Callable[[], Awaitable[bool]]
) -> None:
    """Send what comes, until the last, or until the viewer may see it no more."""
    clock = asyncio.get_running_loop()
    looked_s = clock.time()
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                told = await queue.get()
        except TimeoutError:
            told = ALIVE
        if told is None:
            return
        if clock.time() - looked_s >= HEARTBEAT_S:
            looked_s = clock.time()
            if not await may_go_on():
                return
        await _send(response, told)


async def _unchanged(request: web.Request) -> bool:
    """Whether who began to watch may still see the same: they may have logged out since."""
    door = request.app.get(DOOR)
    if door is None:
        return True
    try:
        now = await door.caller(request)
    except Problem:
        return False
    was = caller_of(request)
    return (now or HOST) == was


async def _send(response: web.StreamResponse, told: bytes) -> None:
    async with asyncio.timeout(SEND_S):
        await response.write(told)


async def dismiss(app: web.Application) -> None:
    """Let every viewer go before the server waits for its answers to end."""
    app[WORLD].viewers.dismiss()


ROUTES: Final = (web.get("/v1/stream", stream, allow_head=False),)
