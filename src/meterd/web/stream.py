"""What is committed, as it is committed: `GET /v1/stream`, server-sent events.

    event: meter
    data: {"name": "main", "time": "2026-01-31T12:00:00Z", "currentKw": 12.5, ...}

First how everything stands, then what changes: `meter`, `bill` and `event`. A comment every
15 s tells both ends that the other is there.
Source: HTML standard, section 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from meterd.web.answers import WORLD
from meterd.web.asked import parameters
from meterd.web.problems import Problem
from meterd.web.viewers import VIEWERS_MAX, Queue, frame

HEARTBEAT_S: Final = 15
SEND_S: Final = 30
"""A viewer that takes nothing for so long is gone, whatever its socket says."""
AGAIN: Final = b"retry: 3000\n\n"
ALIVE: Final = b": alive\n\n"
FRAMES_AT_ONCE: Final = 50
"""Meters or bills written in one go at first; then the loop has a turn."""


async def stream(request: web.Request) -> web.StreamResponse:
    """Everything as it stands, then what is committed, until one of us goes."""
    parameters(request)
    world = request.app[WORLD]
    if world.viewers.full:
        detail = f"{VIEWERS_MAX} viewers are watching; close one of them, or ask again later."
        raise Problem(503, detail, {"Retry-After": "30"})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    queue = world.viewers.join()
    try:
        await response.prepare(request)
        await response.write(AGAIN)
        meters, bills = list(world.meters.values()), list(world.bills.values())
        for start in range(0, max(len(meters), len(bills)), FRAMES_AT_ONCE):
            part = slice(start, start + FRAMES_AT_ONCE)
            await _send(response, frame(meters[part], bills[part]))
        await _follow(response, queue)
    except (ConnectionError, TimeoutError):
        request.protocol.force_close()  # a reader who is gone wants no farewell
    finally:
        world.viewers.leave(queue)
    return response


async def _follow(response: web.StreamResponse, queue: Queue) -> None:
    """Send what comes, until the last."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                told = await queue.get()
        except TimeoutError:
            told = ALIVE
        if told is None:
            return
        await _send(response, told)


async def _send(response: web.StreamResponse, told: bytes) -> None:
    async with asyncio.timeout(SEND_S):
        await response.write(told)


async def dismiss(app: web.Application) -> None:
    """Let every viewer go before the server waits for its answers to end."""
    app[WORLD].viewers.dismiss()


ROUTES: Final = (web.get("/v1/stream", stream, allow_head=False),)
