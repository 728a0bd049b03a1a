"""The clocks of agents, watched for a second of ours."""

from __future__ import annotations

import random

import msgspec
from tests.readers.modbus.devices import StillClock
from tests.readers.snmp.park import UPTIME, device, link, objects, points

from meterd.readers.line import Surroundings
from meterd.readers.snmp.clocks import watch
from meterd.sim.snmp_agent import Asked, Fault, SnmpAgent
from meterd.sim.snmp_ber import Value, number


async def test_every_agent_is_asked_twice_and_a_dead_one_says_why() -> None:
    clock, agent, none = StillClock(), SnmpAgent(objects(uptime=500)), SnmpAgent({})

    def tick(asked: Asked) -> None:
        agent.set(UPTIME, number("timeticks", 400 + 100 * asked.number))

    agent.misbehave = tick
    none.misbehave = lambda asked: Fault(bindings=((asked.oids[0], Value("timeticks", b"")),))
    ports = [await agent.start(), await none.start(), 9]
    devices = [
        device(*points(), meter=f"m{n}", port=port) for n, port in enumerate([*ports, ports[0]])
    ]
    around = Surroundings(clock, lambda _: None, random.Random(1))
    try:
        sound, absent, dead = await watch(
            msgspec.structs.replace(link(), devices=tuple(devices)), around
        )
    finally:
        await agent.stop()
        await none.stop()
    assert (sound.ticks, sound.failure, sound.engine_id, sound.boots) == ((500, 600), "", b"", 0)
    assert sound.elapsed_ms >= 1000
    assert absent.ticks == (None, None)
    assert dead.failure.endswith("Connection refused")
