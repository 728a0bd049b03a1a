"""A running daemon, and browsers and programs that come to its door over TCP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from tests.web.asking import Answer, Client, over_application, over_tcp_to
from tests.web.house import exposition
from tests.web.living import Living

from meterd.config.http import HttpConfig
from meterd.daemon.world import World
from meterd.web.app import application

PASSWORD = "correct horse"


class Visitor:
    """Somebody of no known address: what they have been given, and what they ask with it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}
        self.word = ""
        self.given = ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As a browser would, with its cookies and the word of its login."""
        sent = {"X-Meterd-CSRF": self.word} if self.word else {}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        rest: dict[str, Any] = {} if body is None else {"json": body}
        answer = await self.client.ask(
            path, method, headers=sent | headers, allow_redirects=False, **rest
        )
        self.given = answer.headers.get("Set-Cookie", "")
        for name, morsel in SimpleCookie(self.given).items():
            self.cookies[name] = morsel.value
        return answer

    async def log_in(self, name: str, password: str = PASSWORD, **headers: str) -> Answer:
        """By the API."""
        body = {"name": name, "password": password}
        answer = await self.ask("POST", "/v1/session", body, **headers)
        if answer.status == 201:
            self.word = answer.json["csrf"]
        return answer


@asynccontextmanager
async def visited(
    here: Living, folder: Path, http: HttpConfig | None = None
) -> AsyncIterator[Client]:
    """The door over TCP of a running daemon, on a socket of which no address is known."""
    world = World(here.daemon, here.store, here.clock)
    app = application(world, exposition, http or HttpConfig())
    async with over_application(app, folder / "visited.sock") as client:
        yield client


@asynccontextmanager
async def visited_on_loopback(here: Living, http: HttpConfig) -> AsyncIterator[Client]:
    """The same over TCP, so that whoever comes has an address: this host's."""
    world = World(here.daemon, here.store, here.clock)
    async with over_tcp_to(application(world, exposition, http)) as client:
        yield client


async def with_users(here: Living, **levels: int) -> None:
    """Users of these levels, all with one password."""
    for name, level in levels.items():
        body = {"name": name, "password": PASSWORD, "level": level}
        answer = await here.ask("POST", "/v1/users", body)
        assert answer.status == 201, answer.body
