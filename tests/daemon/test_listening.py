"""A crowd, and those who speak no HTTP."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from structlog.testing import capture_logs
from tests.daemon.house import NOON_MS
from tests.daemon.test_serving import Place, place, status
from tests.system.peers import until

from meterd.config.http import HttpConfig
from meterd.daemon import listening
from meterd.web.answers import QUESTIONS
from meterd.web.failures import FAILURES_MAX
from meterd.web.login import KEYS

__all__ = ["place"]

CANARY = b"canary-cookie-5e1f"


async def said(port: int, data: bytes) -> bytes:
    """Everything that is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def serve(place: Place) -> None:
    await place.serving._start_tcp(HttpConfig(f"127.0.0.1:{place.port}"))


async def test_one_connection_too_many_is_hung_up_on_and_room_is_made_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "CONNECTIONS_MAX", 2)
    await serve(place)
    crowd = [await asyncio.open_connection("127.0.0.1", place.port) for _ in range(2)]
    await asyncio.sleep(0)
    assert await said(place.port, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") == b""
    assert place.serving.refused()["connections"] == 1
    assert place.serving._listening is not None
    for _, writer in crowd:
        writer.close()
        await writer.wait_closed()
    server = place.serving._listening._runner.server
    await until(lambda: server is not None and not server.connections)
    assert await said(place.port, b"GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n")


async def test_who_guesses_is_counted_in_the_metrics(place: Place) -> None:
    await place.serving.start(place.daemon.config)
    guess = {"Authorization": "Bearer meterd_guess"}
    async with aiohttp.ClientSession(place.url, headers=guess) as session:
        for _ in range(FAILURES_MAX + 3):
            async with session.get("/v1/site"):
                pass
    page = place.daemon.figures.exposition(NOON_MS, False).decode()
    assert 'meterd_http_refused_total{reason="tokens"} 3' in page.splitlines()
    for reason in ("connections", "questions", "passwords"):
        assert f'meterd_http_refused_total{{reason="{reason}"}} 0' in page.splitlines()


async def test_what_was_too_much_is_counted_over_both_sockets(place: Place) -> None:
    await place.serving.start(place.daemon.config)
    for runner in place.serving._runners:
        keys = runner.app[KEYS]
        keys.refused, keys.of_peers.refused, keys.of_names.refused = 1, 2, 4
        runner.app[QUESTIONS].refused = 8
    expected = {"connections": 0, "tokens": 0, "passwords": 14, "questions": 16}
    assert place.serving.refused() == expected


def test_half_of_what_may_be_open_is_not_for_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterd.daemon.listening.resource.getrlimit", lambda _: (64, 64))
    assert listening._most() == 32
    monkeypatch.setattr("meterd.daemon.listening.resource.getrlimit", lambda _: (1 << 20, 1 << 20))
    assert listening._most() == listening.CONNECTIONS_MAX


async def test_whoever_never_ends_a_head_is_hung_up_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterd.daemon.serving.IDLE_S", 0.05)
    await serve(place)
    async with asyncio.timeout(5):
        assert await said(place.port, b"GET / HTTP/1.1\r\nHost: l") == b""


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + CANARY + b"\x7f\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n: " + CANARY + b"\r\n\r\n",
        CANARY + b"\r\n\r\n",
        b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Encoding: deflate\r\nContent-Length: 18\r\n\r\n" + CANARY,
    ],
)
async def test_what_is_no_http_is_answered_and_not_told_in_the_log(
    data: bytes, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as lines:
        await serve(place)
        assert b" 400 " in (await said(place.port, data))[:20]
    assert [line["event"] for line in lines] == ["Serving HTTP."]
    assert capfd.readouterr().err == ""
    assert await status(place.url, "/healthz") == 200


def test_a_fault_of_the_server_itself_is_told_without_what_was_sent() -> None:
    with capture_logs() as lines:
        listening.strays().error("Unhandled exception", exc_info=ValueError(CANARY))
    assert lines == [
        {"event": "HTTP failed.", "log_level": "error", "error": "ValueError",
         "at": "Unhandled exception"}
    ]  # fmt: skip
