"""The daemon as a process, and what it takes to watch it.

Everything waits by asking again, with a bound; whatever is started is stopped by its own pid.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, overload

import aiohttp

METERD = Path(sys.executable).with_name("meterd")
HUNG_S = 60
LOOK_S = 0.02
T = TypeVar("T")


def bare(**more: str) -> dict[str, str]:
    """What `meterd` is started in: as where nothing but what it needs is installed."""
    here = Path(__file__).with_name("bare")
    return {**os.environ, "PYTHONPATH": str(here), **more}


def program(name: str) -> str:
    """Where a peer is; a test that needs one fails without it, and says how to get it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert found, f"{name} is missing: run `make debian` as root (requirements/debian.list)"
    return found


@overload
async def until(
    ask: Callable[[], Coroutine[Any, Any, T | None]], *, within_s: float = HUNG_S
) -> T: ...
@overload
async def until(ask: Callable[[], T | None], *, within_s: float = HUNG_S) -> T: ...
async def until(ask: Callable[[], Any], *, within_s: float = HUNG_S) -> Any:
    """The first answer that is true. The limit only ends a hung test."""
    answer: Any = None
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        answer = ask()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return answer
        await asyncio.sleep(LOOK_S)
    raise AssertionError(f"not within {within_s} s; the last answer was {answer!r}")


async def pass_time(seconds: float) -> None:
    """Let the world go on for so long."""
    end = time.monotonic() + seconds
    await until(lambda: time.monotonic() >= end, within_s=seconds + HUNG_S)


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def verb(*words: str | Path, environ: Mapping[str, str] | None = None) -> Done:
    """Run `meterd` with these words."""
    assert METERD.exists(), f"{METERD} is missing: install meterd beside this Python (`make test`)"
    process = await asyncio.create_subprocess_exec(
        METERD, *words, env=bare(**(environ or {})), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), HUNG_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


class Scrape:
    """The metrics at one instant."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
        for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE):
            pairs = re.findall(r'(\w+)="([^"]*)"', labels)
            self.values[name, frozenset(pairs)] = value

    def all(self, name: str, **labels: str) -> list[float]:
        """Every series of this name that has these labels."""
        wanted = set(labels.items())
        found = self.values.items()
        return [float(v) for (seen, pairs), v in found if seen == name and wanted <= pairs]

    def one(self, name: str, **labels: str) -> float:
        (value,) = self.all(name, **labels)
        return value

    def energy(self, meter: str = "main") -> int | None:
        """The exported counter, joules, if there is one."""
        found = self.all("meterd_energy_joules_total", meter=meter, direction="import")
        return int(found[0]) if found else None


class Daemon:
    """`meterd run` as a process. log: what it has written to standard error."""

    def __init__(self, config: Path, http_port: int) -> None:
        self.config = config
        self.url = f"http://127.0.0.1:{http_port}"
        self.log = config.with_name("log")
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, **environ: str) -> None:
        """Start it; it may not be ready yet."""
        assert METERD.exists(), f"{METERD} is missing: install meterd beside this Python"
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                METERD, "run", "-c", self.config, env=bare(**environ),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self) -> None:
        await until(self._is_ready)

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.log.read_text()
        return await self.status("/readyz") == 200

    async def is_well(self) -> bool:
        return await self.status("/healthz") == 200

    async def status(self, path: str) -> int | None:
        """The status of an answer, or None while nobody answers."""
        answer = await self.ask(path)
        return answer and answer[0]

    async def ask(self, path: str, **headers: str) -> tuple[int, str] | None:
        """Status and text of an answer, or None if there is none."""
        limit = aiohttp.ClientTimeout(total=HUNG_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.get(self.url + path, headers=headers) as reply,
            ):
                return reply.status, await reply.text()
        except (aiohttp.ClientError, OSError):
            return None

    async def scrape(self) -> Scrape | None:
        answer = await self.ask("/metrics")
        return None if answer is None or answer[0] != 200 else Scrape(answer[1])

    async def metrics(self) -> Scrape:
        """A scrape of a daemon that must be there."""
        return await until(self.scrape)

    async def shows(self, so: Callable[[Scrape], Any]) -> Scrape:
        """The first scrape for which it is so."""

        async def look() -> Scrape | None:
            seen = await self.scrape()
            return seen if seen is not None and so(seen) else None

        return await until(look)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal that ends it; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), HUNG_S)

    async def cleanup(self) -> None:
        """Whatever happened, it is gone afterwards."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def logged(self, sentence: str) -> list[dict[str, Any]]:
        """The log's lines of this sentence."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in lines if line.get("event") == sentence]

    async def logs(self, sentence: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait until the log says so."""

        def said() -> list[dict[str, Any]]:
            found = self.logged(sentence)
            return found if len(found) >= times else []

        return await until(said)


def pid_of(daemon: Daemon) -> int:
    """The process that runs."""
    assert daemon.process is not None
    return daemon.process.pid


def files(daemon: Daemon) -> int:
    """How many files it has open."""
    return len(list(Path(f"/proc/{pid_of(daemon)}/fd").iterdir()))


def resident_kib(daemon: Daemon) -> int:
    """What of it lies in memory."""
    status = Path(f"/proc/{pid_of(daemon)}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0])
