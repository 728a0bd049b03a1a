"""A real mosquitto, a real subscriber, an outbox in memory and a clock that waits."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BROKER = "/usr/sbin/mosquitto"
SUBSCRIBER = "/usr/bin/mosquitto_sub"
HUNG_S = 30
HEX = '{"topic":"%t","retain":%r,"payload":"%x"}'


PORTS = range(10_000, 32_000)
"""Below those that the kernel gives to clients, so that nobody gets one by chance."""
_turns = itertools.count(os.getpid() * 1009)
"""Neighbouring processes begin far apart, and none gives a port out twice."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody has and no other test of this run gets."""
    for turn in itertools.islice(_turns, len(PORTS)):
        port = PORTS[turn % len(PORTS)]
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


class Broker:
    """mosquitto on a port of its own; `start` returns when it listens."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.settings = [f"listener {self.port} 127.0.0.1", "allow_anonymous true"]
        self.settings += ["user root"]
        self._home = home
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.said: list[str] = []

    def persistent(self) -> None:
        """Keep sessions and queued messages on disk, written at every change."""
        self.settings += ["persistence true", f"persistence_location {self._home}/"]
        self.settings += ["autosave_on_changes true", "autosave_interval 1"]

    async def start(self) -> None:
        path = self._home / "mosquitto.conf"
        path.write_text("\n".join(self.settings) + "\n")
        self._process = await asyncio.create_subprocess_exec(
            BROKER, "-v", "-c", str(path), stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.said.append(line.decode())
            if b" running" in line:
                break
        else:
            raise AssertionError("mosquitto did not start:\n" + "".join(self.said))
        self._reader = asyncio.create_task(self._listen(self._process.stderr))

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.said.append(line.decode())

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def kill(self) -> None:
        """As a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        await self._process.wait()
        if self._reader is not None:
            await self._reader
        self._process = None


class Message:
    """One message as the subscriber printed it."""

    def __init__(self, line: str) -> None:
        printed = json.loads(line)
        self.topic: str = printed["topic"]
        self.retained = bool(printed["retain"])
        self.text: str = printed["payload"] or ""

    @property
    def body(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.text)
        return decoded


class Subscriber:
    """mosquitto_sub with a session that outlives connections."""

    def __init__(
        self, port: int, name: str = "witness", topic: str = "#", printed: str = "%j"
    ) -> None:
        """printed: how mosquitto_sub prints a message; HEX for payloads that are no text."""
        self.heard: list[Message] = []
        self._arguments = ["-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", topic]
        self._arguments += ["-i", name, "-c", "-d", "-F", printed, "-k", "60"]
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self.subscriptions = 0

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            "stdbuf", "-oL", SUBSCRIBER, *self._arguments, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._reader = asyncio.create_task(self._listen(self._process.stdout))
        await self.subscribes(1)

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._changed:
                if line.startswith(b"{"):
                    self.heard.append(Message(line.decode()))
                self.subscriptions += line.startswith(b"Subscribed")
                self._changed.notify_all()

    async def until(self, so: Callable[[], bool]) -> None:
        """Return once what has been heard makes it so; the limit only ends a hung test."""
        async with asyncio.timeout(HUNG_S), self._changed:
            await self._changed.wait_for(so)

    async def hears(self, count: int) -> None:
        """Return once so many messages have been heard."""
        await self.until(lambda: len(self.heard) >= count)

    async def subscribes(self, count: int) -> None:
        """Return once it has subscribed so often, at the start and to each new broker."""
        await self.until(lambda: self.subscriptions >= count)

    def on(self, topic: str) -> list[Message]:
        return [message for message in self.heard if message.topic.endswith(topic)]

    async def stop(self) -> None:
        if self._process is not None:
            self._process.kill()  # it does not end while it looks for a broker
            await self._process.wait()
        if self._reader is not None:
            await self._reader


class MemoryOutbox:
    """The store's outbox, for one sink, in memory."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[str, bytes, bool]] = {}
        self.empty = asyncio.Event()
        self.empty.set()

    def add(self, facts: list[Any]) -> None:
        for fact in facts:
            self.rows[fact.seq] = (fact.topic, fact.payload, fact.retain)
            self.empty.clear()

    async def outbox_after(
        self, sink: str, seq: int, limit: int
    ) -> list[tuple[int, str, bytes, bool]]:
        assert sink == "mqtt"
        return [(at, *self.rows[at]) for at in sorted(self.rows) if at > seq][:limit]

    async def outbox_delete(self, sink: str, seqs: list[int]) -> None:
        assert sink == "mqtt"
        for seq in seqs:
            del self.rows[seq]
        if not self.rows:
            self.empty.set()


class PatientClock:
    """Whoever sleeps sleeps until the test says `go`; and then it was the time asked for."""

    boot = "test"

    def __init__(self) -> None:
        self.skipped_ms = 0
        self.asleep = asyncio.Event()
        self.naps: list[int] = []
        self._go = asyncio.Event()

    def now_ms(self) -> int:
        return self.mono_ms()

    def mono_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000 + self.skipped_ms

    async def sleep_until(self, mono_ms: int) -> None:
        nap_ms = mono_ms - self.mono_ms()
        self.naps.append(nap_ms)
        self.asleep.set()
        await self._go.wait()
        self._go.clear()
        self.asleep.clear()
        self.skipped_ms += nap_ms

    def go(self) -> None:
        self._go.set()
