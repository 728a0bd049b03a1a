"""SNMP against Debian's snmpd: every version, every user, a table, a restart."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.system.snmpd import AUTH, PRIVACY, TABLE, USERS, Snmpd, User, outlets, snmpd

from meterd.clock import SystemClock
from meterd.config.connections import SnmpAuth, SnmpPrivacy
from meterd.config.points import RowConfig
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint
from meterd.events import Reading
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.snmp.reader import AgentLine

ROW = RowConfig(oid=f"{TABLE}.1", equals="right")
POINTS = (
    SnmpPoint(quantity="energy_import", oid=f"{TABLE}.2", row=ROW, unit="Wh"),
    SnmpPoint(quantity="own_packets", oid="1.3.6.1.2.1.11.1.0"),
    SnmpPoint(quantity="serial_number", oid="1.3.6.1.2.1.1.5.0"),
    SnmpPoint(quantity="own_absent", oid="1.3.6.1.2.1.1.77.0"),
)


@asynccontextmanager
async def line_to(port: int, **login: Any) -> AsyncIterator[tuple[AgentLine, LinkStats]]:
    device = SnmpDevice(meter="m1", host="127.0.0.1", port=port, points=POINTS)
    link = SnmpLink(name="park", login=SnmpLogin(**login), timeout_ms=2_000, devices=(device,))
    stats = LinkStats("park")
    around = Surroundings(SystemClock(), lambda _: None, random.Random())
    line = AgentLine(link, {}, around, stats)
    try:
        yield line, stats
    finally:
        line.close()
        await asyncio.sleep(0)  # the socket closes now


def login_of(found: User, **more: str) -> dict[str, Any]:
    auth, privacy = more.get("auth", AUTH), more.get("privacy", PRIVACY)
    return {
        "version": "3",
        "user": more.get("user", found.name),
        "auth": _auth(found.auth, auth),
        "privacy": _privacy(found.privacy, privacy),
    }


def _auth(protocol: Any, password: str) -> SnmpAuth | None:
    return SnmpAuth(protocol, Secret(password)) if protocol else None


def _privacy(protocol: Any, password: str) -> SnmpPrivacy | None:
    return SnmpPrivacy(protocol, Secret(password)) if protocol else None


async def read(line: AgentLine) -> Reading | str:
    try:
        return await line.read(line.devices[0])
    except ReadFailed as failure:
        return str(failure)


def check(reading: Reading | str, watt_hours: int = 2000) -> None:
    assert isinstance(reading, Reading), reading
    assert reading.registers == {"energy_import": watt_hours * 3600}
    assert reading.serial == "the real one"
    assert "own_packets" in reading.gauges
    assert reading.missing == ("own_absent",)
    assert reading.uptime_s is not None
    assert 0 <= reading.uptime_s < 600


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[Snmpd]:
    async with snmpd(tmp_path / "agent") as running:
        yield running


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_real_agent_is_read_by_community(agent: Snmpd, version: str) -> None:
    async with line_to(agent.port, version=version, community=Secret("public")) as (line, stats):
        if version == "1":  # which cannot carry a Counter64
            reading = await read(line)
            assert isinstance(reading, Reading)
            assert reading.missing == ("energy_import", "own_absent")
        else:
            check(await read(line))
            check(await read(line))
    assert set(stats.faults) <= {"noSuchName"}


async def test_a_real_agent_is_read_by_every_kind_of_user(agent: Snmpd) -> None:
    for user in USERS:
        async with line_to(agent.port, **login_of(user)) as (line, stats):
            check(await read(line))
            check(await read(line))
        assert set(stats.faults) <= {"notInTimeWindows"}, user


WRONG = {
    "the password of auth: is wrong": ("sha256", {"auth": "another-pass"}, "wrongDigests"),
    "the user is unknown": ("sha256", {"user": "somebody"}, "unknownUserNames"),
    "the password of privacy: is wrong": ("shaaes", {"privacy": "another-pass"}, "answer"),
}


@pytest.mark.parametrize(("name", "more", "told"), WRONG.values(), ids=WRONG.keys())
async def test_a_login_that_is_refused_says_why_and_keeps_the_password(
    agent: Snmpd, name: str, more: dict[str, str], told: str
) -> None:
    user = next(user for user in USERS if user.name == name)
    async with line_to(agent.port, **login_of(user, **more)) as (line, _):
        said = await read(line)
    assert isinstance(said, str)
    assert told in said
    assert f"127.0.0.1:{agent.port}" in said
    assert "another-pass" not in said
    assert AUTH not in said


FORGOTTEN = {"boots rise": False, "d1 boots fall": True}


@pytest.mark.parametrize("forgets", FORGOTTEN.values(), ids=FORGOTTEN.keys())
async def test_an_agent_that_restarted_is_read_by_its_new_index(
    tmp_path: Path, forgets: bool
) -> None:
    folder = tmp_path / "agent"
    login = login_of(next(user for user in USERS if user.name == "shaaes"))
    async with AsyncExitStack() as stack:
        async with snmpd(folder):
            pass  # its boots are more than one then
        async with snmpd(folder) as agent:
            line, stats = await stack.enter_async_context(line_to(agent.port, **login))
            check(await read(line))
        kept = folder / "kept" / "snmpd.conf"
        if forgets:
            kept.write_text(re.sub("engineBoots [0-9]+", "engineBoots 0", kept.read_text()))
        outlets(folder, ("right", 2500), ("left", 1000))
        async with snmpd(folder, port=agent.port):
            check(await read(line), 2500)
        assert stats.faults["restarted"] == 1


async def test_d3_two_agents_with_one_engine_id_are_two(tmp_path: Path) -> None:
    same = "exactEngineID 0x8000000001020304"
    login = login_of(next(user for user in USERS if user.name == "shaaes"))
    async with snmpd(tmp_path / "one", same) as one, snmpd(tmp_path / "two", same) as two:
        outlets(two.folder, ("left", 1), ("right", 7000))
        async with (
            line_to(one.port, **login) as (first, _),
            line_to(two.port, **login) as (
                second,
                stats,
            ),
        ):
            for _ in range(3):
                check(await read(first))
                check(await read(second), 7000)
            assert "notInTimeWindows" not in stats.faults


async def test_an_agent_that_was_replaced_is_met_anew(tmp_path: Path) -> None:
    login = login_of(next(user for user in USERS if user.name == "shaaes"))
    async with AsyncExitStack() as stack:
        async with snmpd(tmp_path / "one") as agent:
            line, stats = await stack.enter_async_context(line_to(agent.port, **login))
            check(await read(line))
        async with snmpd(tmp_path / "two", port=agent.port) as other:
            outlets(other.folder, ("right", 2500), ("left", 1000))
            check(await read(line), 2500)
        assert (stats.faults["unknownEngineIDs"], stats.faults["restarted"]) == (1, 1)
