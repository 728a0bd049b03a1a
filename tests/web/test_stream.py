"""The stream over HTTP: how everything stands, what changes, signs of life, and an end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiohttp import ClientError
from tests.web.asking import Client
from tests.web.house import MAIN_VIEW, Daemon, over_tcp
from tests.web.test_viewers import told

from meterd.web import stream
from meterd.web.viewers import VIEWERS_MAX


async def test_it_begins_with_how_everything_stands_and_follows(
    browser: Client, daemon: Daemon
) -> None:
    async with browser.request("/v1/stream") as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        assert await reply.content.readuntil(b"\n\n") == stream.AGAIN
        first = await reply.content.readuntil(b"\n\n")
        second = await reply.content.readuntil(b"\n\n")
        assert [name for name, _ in told(first + second)] == ["meter", "bill"]
        daemon.viewers.tell([], [MAIN_VIEW], [])
        assert told(await reply.content.readuntil(b"\n\n"))[0][1]["name"] == "main"
        daemon.viewers.dismiss()
        assert await reply.content.read() == b""


async def heard(client: Client, last: str) -> list[str]:
    """The ids of the events that come at once to whoever has heard this one last."""
    async with client.request("/v1/stream", headers={"Last-Event-ID": last}) as reply:
        asyncio.get_running_loop().call_later(0.5, reply.close)
        found: list[str] = []
        with suppress(ClientError, asyncio.IncompleteReadError):
            while line := await reply.content.readline():
                found += [line[4:].decode().strip()] if line.startswith(b"id: ") else []
        return found


async def test_whoever_comes_back_hears_what_was_missed(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [one["id"] for one in (await browser.ask("/v1/events")).json]
    assert len(known) > 2
    assert await heard(browser, known[0]) == known[1:]
    assert await heard(browser, known[-1]) == []
    assert await heard(browser, "") == []
    assert await heard(browser, "no id") == []
    assert await heard(browser, "01JAP8RJBN-8ZTPXSGY-J9GSDPE1") == []
    monkeypatch.setattr(stream, "MISSED_PAGES_MAX", 1)
    async with browser.request("/v1/stream", headers={"Last-Event-ID": known[0]}) as reply:
        await reply.read()  # it ends by itself: there may be more


async def test_in_silence_there_is_a_sign_of_life(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.01)
    async with browser.request("/v1/stream") as reply:
        while await reply.content.readuntil(b"\n\n") != stream.ALIVE:
            pass


async def test_one_too_many_is_told_so(browser: Client, daemon: Daemon) -> None:
    for _ in range(VIEWERS_MAX):
        daemon.viewers.join()
    answer = await browser.ask("/v1/stream")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


async def test_a_server_that_stops_lets_its_viewers_go_at_once(daemon: Daemon) -> None:
    async with over_tcp(daemon) as client, client.request("/v1/stream") as reply:
        await reply.content.readuntil(b"\n\n")
        async with asyncio.timeout(1):
            daemon.viewers.dismiss()
            await reply.content.read()
    assert daemon.viewers.waiting == 0
