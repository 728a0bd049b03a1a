"""Errors: one shape, a sentence a person can act on, and never more than is our business."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from tests.web.asking import Client
from tests.web.house import Daemon, exposition, over_socket

from meterd.config.http import HttpConfig
from meterd.web.app import Unavailable, application
from meterd.web.problems import Problem
from meterd.web.records import STATUSES


@pytest.mark.parametrize(
    ("method", "path", "title", "detail"),
    [
        ("GET", "/v1/metres", "404 Not Found",
         "There is nothing at /v1/metres. Did you mean '/v1/meters'?"),
        ("GET", "/qqq", "404 Not Found", "There is nothing at /qqq."),
        ("GET", "/v1/meters/mian", "404 Not Found",
         "There is no meter 'mian'. Did you mean 'main'?"),
        ("GET", "/v1/meters/mian/intervals", "404 Not Found",
         "There is no meter 'mian'. Did you mean 'main'?"),
        ("GET", "/v1/bills/zzz", "404 Not Found", "There is no bill 'zzz'."),
        ("GET", "/v1/bills/zzz/samples", "404 Not Found", "There is no bill 'zzz'."),
        ("POST", "/v1/records/Conveyor/cutover", "404 Not Found",
         "There is no record configuration 'Conveyor'. Did you mean 'Conveyor water'?"),
        ("PUT", "/v1/meters", "405 Method Not Allowed",
         "PUT is not possible at /v1/meters; GET, HEAD is."),
        ("GET", "/v1/records?status=OPEN", "400 Bad Request",
         f"'OPEN' is no status; there are {', '.join(STATUSES)}."),
    ],
)  # fmt: skip
async def test_a_problem_says_what_is_wrong_and_what_to_do(
    method: str, path: str, title: str, detail: str, operator: Client
) -> None:
    answer = await operator.ask(path, method)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json) == ["type", "title", "status", "detail"]
    assert f"{answer.status} {answer.json['title']}" == title
    assert (answer.json["type"], answer.json["status"]) == ("about:blank", answer.status)
    assert answer.json["detail"] == detail


async def test_a_method_that_is_not_allowed_names_those_that_are(browser: Client) -> None:
    assert (await browser.ask("/v1/meters", "POST")).headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/events"),
        ("GET", "/v1/bills"),
        ("POST", "/v1/records/Conveyor water/cutover"),
    ],
)
async def test_what_cannot_be_done_now_says_why(
    method: str, path: str, operator: Client, daemon: Daemon
) -> None:
    daemon.failure = Unavailable("meterd.db: the disk is full; free some space and it goes on")
    answer = await operator.ask(path, method)
    assert (answer.status, answer.json["detail"]) == (503, str(daemon.failure))
    assert answer.headers["Retry-After"] == "5"
    daemon.failure = None
    assert (await operator.ask(path, method)).status in {200, 202}


async def test_a_fault_of_ours_is_logged_and_not_told(browser: Client, daemon: Daemon) -> None:
    daemon.failure = RuntimeError("a secret of the house")
    with capture_logs() as logs:
        answer = await browser.ask("/v1/events?kind=a%0Ab")
    assert (answer.status, b"secret" in answer.body) == (500, False)
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("HTTP request failed.", "error")
    assert line["path"] == "/v1/events?kind=a%0Ab"


async def test_what_aiohttp_refuses_is_told_in_its_words(daemon: Daemon) -> None:
    async def gone(_request: web.Request) -> web.Response:
        raise web.HTTPGone

    status, answer = await said_to(daemon, b"GET /gone HTTP/1.1", web.get("/gone", gone))
    assert (status, b'"detail":"Gone"' in answer) == (410, True)


def test_a_problem_of_undecodable_text_can_still_be_told() -> None:
    body = Problem(404, "no meter '\udcff'").response().body
    assert isinstance(body, bytes)
    assert b"no meter '?'" in body


async def said_to(daemon: Daemon, head: bytes, *more: web.RouteDef) -> tuple[int, bytes]:
    """The status of, and all of, what is said to bytes that no well-bred client would send."""
    app = application(daemon, exposition, HttpConfig())
    app.add_routes(more)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(head + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    finally:
        await runner.cleanup()
    return int(answer.split(b" ", 2)[1]), answer


HOSTILE = [
    b"GET /v1/meters/%ff%fe HTTP/1.1",
    b"GET /v1/meters/\xff\xfe HTTP/1.1",
    b"GET /v1/meters/\xed\xa0\x80?kind=\xff HTTP/1.1",
    b"GET /v1/meters/%00 HTTP/1.1",
    b"GET /v1/meters/..%2f..%2fetc%2fpasswd HTTP/1.1",
    b"GET /../../etc/passwd HTTP/1.1",
    b"GET /v1/events?kind=%ff%00\xff HTTP/1.1",
    b"GET /v1/events?\xff=1 HTTP/1.1",
    b"GET /v1/events?meter=<script>alert(1)</script> HTTP/1.1",
    b"GET /v1/events?kind=' OR 1=1 -- HTTP/1.1",
    b"GET http://evil.example/v1/meters HTTP/1.1",
    b"GET //evil.example/v1/meters HTTP/1.1",
    b"GET * HTTP/1.1",
    b"BREW /v1/meters HTTP/1.1",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1",
    b"GET /v1/meters HTTP/1.1\r\nExpect: everything",
    b"GET /v1/meters HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
]


@pytest.mark.parametrize("head", HOSTILE, ids=lambda head: repr(head)[2:40])
async def test_hostile_bytes_are_answered_and_never_a_fault_of_ours(
    head: bytes, daemon: Daemon
) -> None:
    status, answer = await said_to(daemon, head)
    assert 200 <= status < 500
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    ("target", "status"), [("evil.example", 421), ("localhost:1", 200), ("127.0.0.1", 421)]
)
async def test_a_host_in_the_address_must_be_the_one_in_the_header(
    target: str, status: int, daemon: Daemon
) -> None:
    head = f"GET http://{target}/v1/site HTTP/1.1".encode()
    assert (await said_to(daemon, head))[0] == status


async def test_a_socket_serves_on_after_all_that(daemon: Daemon, tmp_path: Path) -> None:
    async with over_socket(daemon, tmp_path / "s") as client:
        assert (await client.ask("/v1/site")).status == 200
