"""What is taken of a request: bodies and forms, within bounds, and as their headers say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon
from tests.web.test_gate import CUTOVER

from meterd.web import taken

FILE = b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\na\r\n--x--\r\n'


@pytest.mark.parametrize(("size", "status"), [(0, 202), (64 * 1024, 202), (64 * 1024 + 1, 413)])
async def test_a_body_has_its_bound(
    size: int, status: int, operator: Client, daemon: Daemon
) -> None:
    answer = await operator.ask(CUTOVER, "POST", data=b"x" * size)
    assert answer.status == status
    assert len(daemon.orders) == (status == 202)


async def test_a_body_without_a_length_has_its_bound_too(operator: Client) -> None:
    async def chunks() -> Any:
        for _ in range(65):
            yield b"x" * 1024

    answer = await operator.ask(CUTOVER, "POST", data=chunks())
    assert (answer.status, "64 KiB" in answer.json["detail"]) == (413, True)


async def test_a_body_that_drips_is_not_waited_for(
    operator: Client, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taken, "BODY_S", 0)
    never = asyncio.Event()

    async def drip() -> Any:
        yield b"x"
        await never.wait()

    answer = await operator.ask(CUTOVER, "POST", data=drip())
    assert answer.status == 408
    assert daemon.orders == []


@pytest.mark.parametrize("encoding", ["deflate", "gzip"])
async def test_a_body_that_is_not_written_as_it_says_is_refused(
    encoding: str, browser: Client
) -> None:
    headers = {"Content-Encoding": encoding}
    answer = await browser.ask("/v1/session", "POST", data=b"\xff" * 100, headers=headers)
    assert (answer.status, "not written" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (taken.FORM, b"name=%ff&password=", 401),
        (taken.FORM, b"name=\xff", 400),
        (f"{taken.FORM}; charset=rot13", b"name=a", 415),
        (f"{taken.FORM}; charset=none", b"name=a", 415),
        (f"{taken.FORM}; charset=UTF-8", b"name=a", 401),
        ("multipart/form-data", b"name=a", 415),
        ("multipart/form-data; boundary=x", FILE, 415),
        ("text/plain", b"name=a", 415),
        ("a" + "(" * 2_000, b"name=a", 415),
        ("a/b;" + "(" * 2_000, b"name=a", 415),
        ("", b"name=a", 415),
    ],
)  # fmt: skip
async def test_a_form_is_what_a_page_of_ours_sends(
    kind: str, body: bytes, status: int, browser: Client
) -> None:
    answer = await browser.ask("/login", "POST", data=body, headers={"Content-Type": kind})
    assert answer.status == status
