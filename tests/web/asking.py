"""How a server is asked, over TCP or a Unix socket, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web


class Answer(msgspec.Struct):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Client:
    """Asks a server, on whichever socket it is."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def ask(self, path: str, method: str = "GET", **rest: Any) -> Answer:
        async with self.request(path, method, **rest) as reply:
            endless = reply.content_type == "text/event-stream"
            body = await (reply.content.readany() if endless else reply.read())
            return Answer(reply.status, reply.headers, body)

    def request(self, path: str, method: str = "GET", **rest: Any) -> Any:
        """A request whose answer is read bit by bit."""
        return self._session.request(method, self._base + path, **rest)


@asynccontextmanager
async def over_tcp_to(app: web.Application) -> AsyncIterator[Client]:
    """An application on a free port of loopback."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield Client(session, f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


@asynccontextmanager
async def over_application(app: web.Application, path: Path) -> AsyncIterator[Client]:
    """An application on a Unix socket."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, path).start()
    try:
        connector, jar = aiohttp.UnixConnector(str(path)), aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
            yield Client(session, "http://meterd")
    finally:
        await runner.cleanup()
