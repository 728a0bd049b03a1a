"""Requests to the door and to the control socket of a running daemon, by anybody.

An answer is a refusal or a success and never a fault of ours, whatever was sent; a sender who
makes no sense may also be hung up on. No answer holds what only the host may know.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.fuzz.harness import LONG_S, Ask, Place
from tests.fuzz.requests import CORPUS, LOGIN, OPERATOR, WORD, asked
from tests.web.living import SITE, Living, living
from tests.web.visitors import Visitor, visited, with_users

from meterd.config.http import HttpConfig, ProxyConfig

HUNG_S: Final = 10
PATIENCE_S: Final = 0.1
METHODS: Final = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD ")
ANSWER_MAX: Final = 1 << 20
SECRETS: Final = (b"root:x:0", b"$argon2id$", b"Traceback (most")
MADE: Final[Mapping[str, Any]] = {
    **SITE,
    "meters": [
        {"name": "main", "connection": "api", "points": {"energy_import": {"unit": "kWh"}}},
        {"name": "rack-12", "connection": "api", "points": {"energy_import": {"unit": "kWh"}}},
    ],
    "bills": [{"name": "tenant-a", "sources": [{"meter": "main", "kind": "energy"}]}],
    "records": [{"name": "Conveyor water", "usage": "main.energy_import"}],
    "definitions": {},
}
HTTP: Final = HttpConfig(proxy=ProxyConfig(trusted=("10.0.0.0/8",)))


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Ask]:
    """The daemon, with somebody of level 10 logged in."""
    async with living(folder, MADE) as here:
        await with_users(here, anna=10, tom=1)
        await _filled(here)
        async with visited(here, folder, HTTP) as client:
            anna = Visitor(client)
            await anna.log_in("anna")
            login, word = anna.cookies["meterd"].encode(), anna.word.encode()

            async def ask(data: bytes) -> str:
                door = "control.sock" if data[:1] == OPERATOR else "visited.sock"
                data = data[1:].replace(LOGIN, login).replace(WORD, word)
                return await _asked(folder / door, data)

            yield ask


async def _filled(here: Living) -> None:
    for number in range(3):
        await here.read("main", number * 60, 500 + number)


async def _asked(path: Path, data: bytes) -> str:
    """What was wrong with the answer, or nothing.

    A request that is whole is answered; of one that is not, the end is told after a while.
    """
    reader, writer = await asyncio.open_unix_connection(path)
    answer = bytearray()
    try:
        writer.write(data)
        async with asyncio.timeout(HUNG_S):
            if not is_whole(data):
                with suppress(TimeoutError):
                    await asyncio.wait_for(_read(reader, answer), PATIENCE_S)
                writer.write_eof()
            await _read(reader, answer)
    except TimeoutError:
        return "no answer and no end"
    except OSError:
        pass  # hung up on
    finally:
        writer.transport.abort()
    return _wrong(bytes(answer))


async def _read(reader: asyncio.StreamReader, answer: bytearray) -> None:
    """All there is, or the beginning of what has no end."""
    while len(answer) < ANSWER_MAX and b"text/event-stream" not in answer[:500]:
        if not (more := await reader.read(65_536)):
            return
        answer += more


def is_whole(data: bytes) -> bool:
    """Whether whoever reads this needs wait for nothing more, as far as can be told."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end or not data.startswith(METHODS) or b"\r\nConnection: close\r\n" not in data:
        return False
    head = head.lower()
    if b"chunked" in head or head.count(b"content-length") > 1:
        return False
    told = re.search(rb"\r\ncontent-length: (\d{1,9})", head)
    return len(body) >= (int(told[1]) if told else 0)


def _wrong(answer: bytes) -> str:
    if not answer:
        return ""
    if not answer.startswith(b"HTTP/") or answer[9:10] not in b"1234":
        return f"answered {answer[:300]!r}" if answer[9:12] != b"503" else ""
    told = [secret for secret in SECRETS if secret in answer]
    return f"tells {told}" if told else ""


PLACES: Final = (Place("http", "HTTP", CORPUS, served, 700, asked, LONG_S),)
