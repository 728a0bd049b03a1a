"""Traps and informs, sent by Net-SNMP's own tools: a prompt to read, and nothing else."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from tests.readers.snmp.park import device, link, objects, points
from tests.sinks.peers import free_port
from tests.system.peers import program, until

from meterd.clock import SystemClock
from meterd.config.connections import SnmpAuth, SnmpPrivacy, TrapsConfig
from meterd.config.secret import Secret
from meterd.events import PollFailed, Reading
from meterd.readers.line import LinkStats, Surroundings
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.header import header
from meterd.readers.snmp.messages import Community
from meterd.readers.snmp.reader import AgentLine
from meterd.readers.snmp.traps import Listener, listen
from meterd.sim.snmp_agent import SnmpAgent

WHAT = ("", "1.3.6.1.6.3.1.1.5.1")  # coldStart, now
PASSWORD = "authentic-pass"


class Heard:
    """A connection that listens, and what it has emitted since."""

    def __init__(self, port: int, stats: LinkStats, told: list[Reading | PollFailed]) -> None:
        self.port = port
        self.stats = stats
        self.told = told

    async def send(self, *words: str, kind: str = "snmptrap") -> int:
        process = await asyncio.create_subprocess_exec(
            program(kind), *words, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL, env={"MIBS": ""},
        )  # fmt: skip
        return await process.wait()

    async def datagram(self, source: str, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, (source, 0), ("127.0.0.1", self.port)
        )
        transport.sendto(data)
        transport.close()

    async def answers(self) -> bool:
        """Whether it listens by now: a stranger is noticed."""
        await self.datagram("127.0.0.2", b"\0")
        return bool(self.stats.faults.pop("trap_stranger", 0))

    async def readings(self, count: int) -> None:
        await until(lambda: len(self.told) >= count)

    async def fault(self, name: str) -> None:
        await until(lambda: self.stats.faults.get(name))


@asynccontextmanager
async def listening(**login: Any) -> AsyncIterator[Heard]:
    agent, port = SnmpAgent(objects()), free_port(socket.SOCK_DGRAM)
    asked = msgspec.structs.replace(
        link(device(*points(), port=await agent.start()), **login),
        traps=TrapsConfig(listen=f"127.0.0.1:{port}"),
    )
    told: list[Reading | PollFailed] = []
    stats = LinkStats("park")
    around = Surroundings(SystemClock(), told.append, random.Random(1))
    line = AgentLine(asked, {}, around, stats)
    task = asyncio.create_task(listen(asked, [line], around, stats))
    heard = Heard(port, stats, told)
    try:
        await until(heard.answers)
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])
        line.close()
        await agent.stop()
        await asyncio.sleep(0)


@pytest.mark.process
async def test_traps_and_informs_of_the_community_prompt_a_reading() -> None:
    async with listening() as heard:
        place = f"127.0.0.1:{heard.port}"
        await heard.send("-v", "2c", "-c", "public", place, *WHAT)
        await heard.readings(1)
        reading = heard.told[0]
        assert isinstance(reading, Reading)
        assert reading.gauges["own_1"] == 101.0
        code = await heard.send("-v", "2c", "-c", "public", place, *WHAT, kind="snmpinform")
        assert code == 0, "it was confirmed"
        await heard.readings(2)
        await heard.send("-v", "1", "-c", "public", place, "", "", "0", "0", "")
        await heard.readings(3)
        assert heard.stats.faults["trap"] == 3
        assert len(heard.told) == 3


@pytest.mark.process
async def test_what_is_not_the_agents_prompts_nothing() -> None:
    async with listening() as heard:
        place = f"127.0.0.1:{heard.port}"
        await heard.send("-v", "2c", "-c", "private", place, *WHAT)
        await heard.fault("trap_community")
        await heard.datagram("127.0.0.1", b"\x30\x02\x02")
        await heard.fault("trap_garbled")
        await heard.datagram("127.0.0.2", b"\0")
        await heard.fault("trap_stranger")
        answer = pdus.pdu(pdus.RESPONSE, 5, pdus.saying(()))
        await heard.datagram("127.0.0.1", Community("2c", "public").seal(answer, 0))
        await heard.fault("trap_pdu_type")
        assert heard.told == []


async def test_a_storm_of_traps_is_one_reading_a_second() -> None:
    async with listening() as heard:
        trap = Community("2c", "public").seal(pdus.pdu(pdus.TRAP, 5, pdus.saying(())), 0)
        for _ in range(100):
            await heard.datagram("127.0.0.1", trap)
        await until(lambda: heard.stats.faults.get("trap") == 100)
        await heard.readings(1)
        assert len(heard.told) <= 2


V3 = {
    "version": "3", "community": None, "user": "meter",
    "auth": SnmpAuth("sha256", Secret(PASSWORD)),
    "privacy": SnmpPrivacy("aes128", Secret(PASSWORD)),
}  # fmt: skip
SIGNED = ("-v", "3", "-u", "meter", "-l", "authPriv", "-a", "SHA-256", "-x", "AES", "-X", PASSWORD)


@pytest.mark.process
async def test_a_trap_of_version_3_counts_if_its_user_has_signed_it() -> None:
    async with listening(**V3) as heard:
        place, engine = f"127.0.0.1:{heard.port}", ("-e", "0x8000000001020304")
        await heard.send(*SIGNED, "-A", "another-pass", *engine, place, *WHAT)
        await heard.fault("trap_digest")
        await heard.send("-v", "2c", "-c", "public", place, *WHAT)
        await heard.fault("trap_version")
        assert "trap" not in heard.stats.faults
        await heard.send(*SIGNED, "-A", PASSWORD, *engine, place, *WHAT)
        await heard.fault("trap")


LEVELS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "noAuthNoPriv": ({"auth": None, "privacy": None}, ("-l", "noAuthNoPriv")),
    "authNoPriv": (
        {"auth": SnmpAuth("md5", Secret(PASSWORD)), "privacy": None},
        ("-l", "authNoPriv", "-a", "MD5", "-A", PASSWORD),
    ),
    "authPriv": ({}, (*SIGNED[4:], "-A", PASSWORD)),
}


@pytest.mark.parametrize(("login", "words"), LEVELS.values(), ids=LEVELS.keys())
@pytest.mark.process
async def test_an_inform_of_version_3_is_confirmed(
    login: dict[str, Any], words: tuple[str, ...]
) -> None:
    async with listening(**V3 | login) as heard:
        place = f"127.0.0.1:{heard.port}"
        code = await heard.send("-v", "3", "-u", "meter", *words, place, *WHAT, kind="snmpinform")
        assert code == 0, "it was confirmed"
        await heard.fault("prompt_failed")  # the agent behind it has no version 3
        assert heard.stats.faults["trap"] == 1


@pytest.mark.process
async def test_an_inform_of_version_3_that_is_not_its_users_is_refused_by_name() -> None:
    async with listening(**V3) as heard:
        place = f"127.0.0.1:{heard.port}"
        wrong = (*SIGNED, "-A", "another-pass", "-r", "0", "-t", "5")
        assert await heard.send(*wrong, place, *WHAT, kind="snmpinform") != 0
        await heard.fault("trap_wrongDigests")
        assert heard.told == []


class Passing(SystemClock):
    """A millisecond passes with every look."""

    looks = 0

    def mono_ms(self) -> int:
        self.looks += 1
        return self.looks


def test_the_first_question_finds_an_engine_whose_time_is_none_yet_and_not_less() -> None:
    login: dict[str, Any] = V3
    asked = msgspec.structs.replace(
        link(device(*points()), **login), traps=TrapsConfig(listen="127.0.0.1:1")
    )
    around = Surroundings(Passing(), lambda _: None, random.Random(1))
    listener = Listener(asked, {}, around, LinkStats("park"))
    question = bytes.fromhex(
        "304f020103301102043790"
        "72b0020300ffe30401040201030410300e0400020100020100040004000400"
        "3025041180001f88800c147c20a1f00c6b000000000400a00e02041d3b7296020100"
        "0201003000"
    )
    told = listener.understood(question)
    assert header(told.reply).time_s == 0
    assert header(listener.understood(question).reply).time_s == 0
