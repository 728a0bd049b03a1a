"""So many viewers of the pages, in a process of their own so as not to be counted.

    python bench/peers/viewers.py PORT VIEWERS EVERY_S

Each holds the stream of what is committed open and loads a page every so many seconds, the
first after a random part of it. Prints a line once all streams are open. For every line it
then reads it prints, as a JSON object, what came since the line before: events, pages, the
bytes of both, failures, and how long a page took (ms; 50 and 99 of a hundred took less).
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Final

PAGES: Final = (
    "/", "/meters", "/meters/m0", "/meters/m1?range=day", "/chain", "/bills/everything",
    "/events", "/devices",
)  # fmt: skip
CHUNK: Final = 65_536


class Tally:
    """What came since the last question."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        self.events = self.pages = self.bytes = self.failures = 0
        self.took_ms: list[float] = []

    def told(self) -> dict[str, float]:
        """As an object."""
        took = sorted(self.took_ms) or [0.0]
        return {
            "events": self.events, "pages": self.pages, "bytes": self.bytes,
            "failures": self.failures, "p50_ms": took[len(took) // 2],
            "p99_ms": took[len(took) * 99 // 100],
        }  # fmt: skip


async def asked(
    port: int, path: str, more: str = ""
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose answer begins to come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n{more}\r\n"
    writer.write(lines.encode())
    return reader, writer


async def watch(port: int, tally: Tally, opened: asyncio.Event) -> None:
    """Take what the stream brings, for ever."""
    reader, _writer = await asked(port, "/v1/stream")
    while data := await reader.read(CHUNK):
        opened.set()
        tally.bytes += len(data)
        tally.events += data.count(b"event:")
    tally.failures += 1


async def look(port: int, tally: Tally, every_s: float, place: int) -> None:
    """Load one page after the other, for ever."""
    await asyncio.sleep(random.random() * every_s)  # viewers do not come all at once
    while True:
        path = PAGES[place % len(PAGES)]
        place += 1
        began = time.perf_counter()
        reader, writer = await asked(port, path, "Accept-Encoding: gzip\r\nConnection: close\r\n")
        body = await reader.read()
        writer.close()
        took = time.perf_counter() - began
        tally.took_ms.append(took * 1000)
        tally.pages += 1
        tally.bytes += len(body)
        tally.failures += not body.startswith(b"HTTP/1.1 200")
        await asyncio.sleep(max(0.0, every_s - took))


async def main(port: int, viewers: int, every_s: float) -> None:
    """Look until the standard input ends."""
    tally = Tally()
    opened = [asyncio.Event() for _ in range(viewers)]
    tasks = [asyncio.create_task(watch(port, tally, one)) for one in opened]
    await asyncio.gather(*(one.wait() for one in opened))
    tasks += [asyncio.create_task(look(port, tally, every_s, n)) for n in range(viewers)]
    print("open", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(tally.told()), flush=True)
        tally.begin()
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
