"""Requests that are nearly right, to every route of the operator's door, which is open to all.

An answer is a refusal or a success and never a fault of ours, whatever was sent; a sender who
makes no sense may also be hung up on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web
from tests.fuzz.corpus import JSONL, LINES
from tests.fuzz.harness import FINDINGS_MAX, Finding, case
from tests.web.house import Daemon, exposition, opened
from tests.web.test_app import READS

from meterd.web.app import application

NAME: Final = "http"
HUNG_S: Final = 10
HEAD: Final = b"Host: localhost\r\nConnection: close\r\n"

CHUNKS: Final = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


def _sent(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    size = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode() if body else b""
    return f"{method} {path} HTTP/1.1\r\n".encode() + HEAD + size + b"\r\n" + body


ASKED: Final = (
    "/v1/meters/main/intervals?quantity=energy_import&from=2026-01-01T12:05:00Z&limit=3",
    "/v1/bills/tenant-a/series?view=24h", "/v1/events?kind=offline&after=01KDWPXG30", "/bills.csv",
)  # fmt: skip
BODIES: Final = (
    ("POST", "/v1/readings", JSONL[0].split(b"\n")[0]),
    ("POST", "/v1/readings", b'[{"meter":"main","energy_import":5.5},{"meter":"rack-12"}]'),
    ("POST", "/v1/meters/main/replace", b'{"old_final":503.5,"new_initial":0,"serial":"B"}'),
    ("POST", "/v1/objects", b'{"entity":"POWERMETER","name":"new","connection":"hall"}'),
    ("PATCH", "/v1/objects/x", b'{"building":"b","points":{"a":{"b":[1]}}}'),
    ("PATCH", "/v1/records/01KDWPXG30-00000000-00000001", b'{"notes":"seen"}'),
    ("POST", "/v1/bills", b'{"name":"b","type":"energy","sources":[{"meter":"main"}]}'),
    ("POST", "/v1/records/Conveyor%20water/cutover", b"{}"),
    ("POST", "/v1/tokens", b'{"name":"n","sha256":"00","scopes":["read"]}'),
)
CORPUS: Final = (
    *(_sent("GET", path) for path in (*READS, *ASKED)),
    *(_sent(*one) for one in BODIES),
    _sent("POST", "/v1/readings?precision=s", LINES[1], "text/plain"),
    b"POST /v1/readings HTTP/1.1\r\n"
    + HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
)


async def run(folder: Path, numbers: range, seed: int) -> list[Finding]:
    """Send these cases; the first few findings."""
    found: list[Finding] = []
    async with _served(folder) as path:
        for number in numbers:
            data = case(CORPUS, seed, number)
            trouble = await _asked(path, data)
            if trouble:
                found.append(Finding(NAME, seed, number, data, trouble))
            if len(found) >= FINDINGS_MAX:
                break
    return found


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[Path]:
    store = opened(folder / "store.db")
    runner = web.AppRunner(application(Daemon(store), exposition, None), access_log=None)
    await runner.setup()
    path = folder / "socket"
    await web.UnixSite(runner, path).start()
    try:
        yield path
    finally:
        await runner.cleanup()
        store.close()


async def _asked(path: Path, data: bytes) -> str:
    """What was wrong with the answer, or nothing."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        async with asyncio.timeout(HUNG_S):
            writer.write(data)
            writer.write_eof()
            answer = await reader.read(12)
    except TimeoutError:
        return "no answer and no end"
    except OSError:
        return ""  # hung up on
    finally:
        writer.transport.abort()
    fine = not answer or (
        answer.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) and answer[9:10] in b"1234"
    )
    return "" if fine else f"answered {answer!r}"
