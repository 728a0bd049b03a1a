"""The simulated agent against Net-SNMP's own tools: an independent reader of what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.system.peers import program

from meterd.sim.snmp_agent import SYS_UP_TIME, Fault, SnmpAgent
from meterd.sim.snmp_ber import Value, float32, number, text

BASE = ".1.3.6.1.4.1.9999"
OBJECTS = {
    "1.3.6.1.2.1.1.3.0": number("timeticks", 4_294_967_295),
    "1.3.6.1.4.1.9999.1.0": number("integer", -129),
    "1.3.6.1.4.1.9999.2.0": number("gauge32", 4_000_000_000),
    "1.3.6.1.4.1.9999.3.0": text("left"),
    "1.3.6.1.4.1.9999.4.0": float32(1.5),
    "1.3.6.1.4.1.9999.5.0": number("counter64", 2**63),
    "1.3.6.1.4.1.9999.200.0": Value("ip", b"\x0a\0\0\1"),
}


class Asked:
    def __init__(self, agent: SnmpAgent, port: int) -> None:
        self.agent = agent
        self.port = port

    async def __call__(self, tool: str, *words: str, version: str = "2c") -> str:
        process = await asyncio.create_subprocess_exec(
            program(tool), "-v", version, "-c", "public", "-On", "-Oe", "-t", "2", "-r", "0",
            f"127.0.0.1:{self.port}", *words, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env={"MIBS": ""},
        )  # fmt: skip
        out, _ = await process.communicate()
        return out.decode()


@pytest.fixture
async def ask() -> AsyncIterator[Asked]:
    agent = SnmpAgent(OBJECTS)
    agent.keep = True
    yield Asked(agent, await agent.start())
    await agent.stop()


@pytest.mark.process
async def test_every_type_is_what_net_snmp_takes_it_for(ask: Asked) -> None:
    said = await ask("snmpget", *(f".{name}" for name in OBJECTS))
    assert "Timeticks: (4294967295)" in said
    for line in (
        f"{BASE}.1.0 = INTEGER: -129",
        f"{BASE}.2.0 = Gauge32: 4000000000",
        f'{BASE}.3.0 = STRING: "left"',
        f"{BASE}.4.0 = Opaque: Float: 1.500000",
        f"{BASE}.5.0 = Counter64: 9223372036854775808",
        f"{BASE}.200.0 = IpAddress: 10.0.0.1",
    ):
        assert line in said


@pytest.mark.process
async def test_walks_by_bulk_and_one_by_one(ask: Asked) -> None:
    bulk, walk = await ask("snmpbulkwalk", BASE), await ask("snmpwalk", BASE)
    assert set(bulk.splitlines()) == set(walk.splitlines())
    assert len(walk.splitlines()) == len(OBJECTS)  # six, and the end of the view
    one_by_one = await ask("snmpwalk", BASE, version="1")
    assert "Counter64" not in one_by_one


@pytest.mark.process
async def test_what_is_not_there(ask: Asked) -> None:
    assert "No Such Object" in await ask("snmpget", f"{BASE}.9.0")
    assert "noSuchName" in await ask("snmpget", f"{BASE}.9.0", version="1")
    assert "noSuchName" in await ask("snmpget", f"{BASE}.5.0", version="1")
    ask.agent.max_varbinds = 1
    assert "tooBig" in await ask("snmpget", f"{BASE}.1.0", f"{BASE}.2.0")


@pytest.mark.process
async def test_faults_and_a_reboot(ask: Asked) -> None:
    ask.agent.misbehave = lambda _: Fault(error=5, index=1)
    assert "genErr" in await ask("snmpget", f"{BASE}.1.0")
    ask.agent.misbehave = lambda _: Fault(silent=True)
    assert "Timeout" in await ask("snmpget", f"{BASE}.1.0")
    ask.agent.misbehave = lambda _: Fault(delay_ms=10)
    assert "-129" in await ask("snmpget", f"{BASE}.1.0")
    ask.agent.misbehave = None
    ask.agent.reboot({"1.3.6.1.4.1.9999.1.0": number("integer", 1)})
    assert ask.agent.objects[SYS_UP_TIME] == number("timeticks", 1)
    assert "INTEGER: 1" in await ask("snmpget", f"{BASE}.1.0")
    assert ask.agent.asked[-1].number == len(ask.agent.asked)


async def test_what_is_no_request_gets_no_answer(ask: Asked) -> None:
    ask.agent.answer(b"garbage", None)
    ask.agent.answer(b"\x30\x82\xff\xff\x02", None)
    assert ask.agent.asked == []
