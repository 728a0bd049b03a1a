"""One question to a server, and whatever may come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from ssl import SSLContext
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.sinks.demandflow_world import SteppedClock
from tests.sinks.tenant import TOKEN, authority

from meterd.sinks import demandflow_client
from meterd.sinks.demandflow_client import Answer, Client, DemandFlowOptions

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def asking(
    handler: Handler, *, tls: SSLContext | None = None, **options: Any
) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app, host="127.0.0.1", scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    try:
        url = str(server.make_url("/"))
        given = DemandFlowOptions(**{"url": url, "token": TOKEN, **options})
        async with Client(given, SteppedClock()) as client:
            yield client
    finally:
        await server.close()


async def test_a_request_says_who_asks_and_carries_json() -> None:
    async def handler(request: web.Request) -> web.Response:
        said = request.headers
        assert said["Authorization"] == f"Bearer {TOKEN}"
        assert request.path_qs == "/v1/objects/a%2Fb?x=1"
        type_ = said.get("Content-Type", "")
        return web.json_response([request.method, type_, await request.text()])

    async with asking(handler) as client:
        answer = await client.ask("PATCH", "/v1/objects/a%2Fb?x=1", {"currentKw": None})
        asked = await client.ask("GET", "/v1/objects/a%2Fb?x=1")
    assert answer == Answer(200, b'["PATCH", "application/json", "{\\"currentKw\\":null}"]')
    assert answer.fine
    assert asked.body == b'["GET", "", ""]'


async def test_a_redirect_is_not_followed_so_that_the_token_stays_here() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        raise web.HTTPFound("/elsewhere")

    async with asking(handler) as client:
        answer = await client.ask("GET", "/v1")
    assert (answer.status, seen) == (302, ["/v1"])
    assert not answer.fine


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"E","message":"no"}', "E: no"),
        (b'{"message":"no"}', "no"),
        (b'{"else":1}', '{"else":1}'),
        (b"<html>\n\x1b[31mno", "<html>[31mno"),
        (b"\xff\xfe", "��"),
        (f'{{"error":"token {TOKEN} is bad"}}'.encode(), "token *** is bad"),
        (b"x" * 5000, "x" * 200),
        (b"[" * 9000, "[" * 200),
    ],
)
async def test_a_refusal_is_quoted_clean_and_short(body: bytes, said: str) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=400, body=body)

    async with asking(handler) as client:
        answer = await client.ask("GET", "/v1")
    assert (answer.status, answer.said, answer.body) == (400, said, body)


@pytest.mark.parametrize(
    ("header", "wait_ms"),
    [
        ("7", 7_000),
        ("0", 0),
        ("99999999999999999999", 3_600_000),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30_000),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Thu, 99 Jan 2026 11:00:00 GMT", 0),
        ("soon", 0),
        ("-3", 0),
        ("", 0),
    ],
)
async def test_how_long_a_server_wants_to_be_left_alone(header: str, wait_ms: int) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": header})

    async with asking(handler) as client:
        assert (await client.ask("GET", "/v1")).wait_ms == wait_ms


async def test_a_server_that_never_answers_is_given_up() -> None:
    over = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)  # the head at once, the body never
        await over.wait()
        return response

    async with asking(handler, timeout_ms=50) as client:
        answer = await client.ask("GET", "/v1")
        over.set()
    assert answer == Answer(0, said="the server does not answer within 0.05 s")


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demandflow_client, "BODY_MAX", 1 << 20)

    async def handler(_request: web.Request) -> web.Response:
        response = web.Response(body=b" " * (1 << 24))
        response.enable_compression(force=web.ContentCoding.gzip)  # some kilobytes on the wire
        return response

    async with asking(handler) as client:
        answer = await client.ask("GET", "/v1")
    assert answer == Answer(0, said="the answer is longer than 1 MiB")


async def test_a_server_that_hangs_up() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with asking(handler) as client:
        answer = await client.ask("GET", "/v1")
    assert answer.status == 0
    assert answer.said.startswith("ServerDisconnectedError")


async def test_no_server_at_all() -> None:
    options = DemandFlowOptions(url="http://127.0.0.1:9", token=TOKEN)
    async with Client(options, SteppedClock()) as client:
        answer = await client.ask("GET", "/v1")
    assert answer.status == 0
    assert answer.said.startswith("ClientConnectorError")


@pytest.mark.process
async def test_a_certificate_is_verified(tmp_path: Path) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="heard")

    tls, file = await asyncio.to_thread(authority, tmp_path)
    async with asking(handler, tls=tls) as client:
        answer = await client.ask("GET", "/v1")
        assert (answer.status, answer.body) == (0, b"")
        assert "CERTIFICATE_VERIFY_FAILED" in answer.said
    async with asking(handler, tls=tls, ca_file=file) as client:
        assert (await client.ask("GET", "/v1")).body == b"heard"


GOOD: dict[str, Any] = {"url": "https://rest.demandflow.com", "token": TOKEN}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"url": "rest.demandflow.com"}, "names no server"),
        ({"url": "ftp://rest.demandflow.com"}, "names no server"),
        ({"url": "https://"}, "names no server"),
        ({"url": "https://me:secret@rest.demandflow.com"}, "names no server"),
        ({"url": "http://rest.demandflow.com"}, "can be read on the wire"),
        ({"token": ""}, "copy it again"),
        ({"token": "df_pat a"}, "copy it again"),
        ({"token": "df_pat\n"}, "copy it again"),
        ({"create": True}, "sub_id"),
        ({"min_interval_ms": 0}, "out of range"),
        ({"dead_band": 1.0}, "out of range"),
        ({"dead_band": -0.1}, "out of range"),
    ],
)
def test_options_that_would_not_do_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        DemandFlowOptions(**GOOD | wrong)
    assert "secret" not in str(refused.value)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "fine",
    [
        {},
        {"url": "http://127.0.0.1:80"},
        {"url": "http://localhost"},
        {"url": "http://[::1]:80"},
        {"url": "http://rest.demandflow.com", "allow_plaintext": True},
        {"create": True, "sub_id": "s"},
    ],
)
def test_options_that_do(fine: dict[str, Any]) -> None:
    assert TOKEN not in repr(DemandFlowOptions(**GOOD | fine))
