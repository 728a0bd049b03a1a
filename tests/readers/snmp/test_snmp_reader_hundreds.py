"""Three hundred agents on addresses of their own: all are asked before one has answered."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import msgspec
from tests.readers.snmp.park import device, link, objects, points
from tests.sinks.peers import free_port
from tests.system.peers import until

from meterd.clock import SystemClock
from meterd.events import PollFailed, Reading
from meterd.readers import snmp
from meterd.readers.line import LinkStats, Surroundings
from meterd.sim.snmp_agent import SnmpAgent

AGENTS = 300
DEAD = 20


class Patient:
    """Keeps what agents are asked, until so many have been; then they answer."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.waiting: list[Callable[[], None]] = []

    def hear(self, answer: Callable[[], None]) -> None:
        self.waiting.append(answer)
        if len(self.waiting) >= self.count:
            self.count = 0
            for one in self.waiting:
                one()
            self.waiting.clear()


class SlowAgent(SnmpAgent):
    """An agent that answers when the others have been asked as well."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(objects())
        self.patient = patient

    def answer(self, datagram: bytes, address: Any) -> None:
        self.patient.hear(partial(super().answer, datagram, address))


async def test_hundreds_of_agents_are_in_flight_and_the_dead_among_them_cost_nothing() -> None:
    patient, port = Patient(AGENTS), free_port(socket.SOCK_DGRAM)
    told: list[Reading | PollFailed] = []
    async with AsyncExitStack() as stack:
        devices = []
        for n in range(AGENTS + DEAD):
            host = f"127.0.{70 + n // 200}.{1 + n % 200}"
            if n < AGENTS:
                agent = SlowAgent(patient)
                await agent.start(host, port)
                stack.push_async_callback(agent.stop)
            one = device(*points(), meter=f"m{n}", port=port)
            devices.append(msgspec.structs.replace(one, host=host, every_ms=1000))
        asked = link(*devices, timeout_ms=10_000)
        stats = LinkStats("park")
        around = Surroundings(SystemClock(), told.append, random.Random(1))
        task = asyncio.create_task(snmp.run(asked, {}, around, stats))
        await until(lambda: len({one.meter for one in told}) == AGENTS + DEAD)
        task.cancel()
        await asyncio.wait([task])
    read = {one.meter for one in told if isinstance(one, Reading)}
    assert read == {f"m{n}" for n in range(AGENTS)}
    assert not stats.faults.keys() - {"icmp", "late"}
