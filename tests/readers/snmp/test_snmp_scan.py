"""Looking around with SNMP: agents on loopback addresses, and what is proposed for each."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.readers.modbus.devices import StillClock
from tests.readers.snmp.park import device, link
from tests.readers.test_snmp_recordings import served
from tests.recorded import recording
from tests.sinks.peers import free_port

from meterd.config.profiles import profile_names, read_profile
from meterd.config.snmp import SnmpLink
from meterd.readers.found import Found
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.snmp import scan
from meterd.sim.snmp_agent import Asked, Fault, SnmpAgent
from meterd.sim.snmp_ber import Value, text

SYSTEM = "1.3.6.1.2.1.1"
HOST = "127.0.66.{}"


def named(name: str, descr: str, object_id: str) -> dict[str, Value]:
    """What an agent says of itself."""
    arcs = [int(arc) for arc in object_id.split(".")]
    content = bytes((40 * arcs[0] + arcs[1],))
    for arc in arcs[2:]:
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.insert(0, arc & 127 | 128)
        content += bytes(groups)
    return {
        f"{SYSTEM}.1.0": text(descr),
        f"{SYSTEM}.2.0": Value("oid", content),
        f"{SYSTEM}.5.0": text(name),
    }


def recorded(profile: str) -> dict[str, Value]:
    return served(recording(profile)["varbinds"])


@asynccontextmanager
async def agents(*objects: dict[str, Value]) -> AsyncIterator[tuple[SnmpLink, list[SnmpAgent]]]:
    """Agents at 127.0.66.1, .2, .3..., all on the port of one connection."""
    port = free_port(socket.SOCK_DGRAM)
    async with AsyncExitStack() as stack:
        started = []
        for n, known in enumerate(objects, 1):
            agent = SnmpAgent(known)
            assert await agent.start(HOST.format(n), port) == port
            stack.push_async_callback(agent.stop)
            started.append(agent)
        yield msgspec.structs.replace(link(timeout_ms=200), port=port), started


async def scanned(at: SnmpLink, *asked: str) -> tuple[Sequence[Found], list[str]]:
    around = Surroundings(StillClock(), lambda _: None, random.Random(3))
    return await scan(at, asked, around)


async def test_a_range_is_looked_at_and_each_agent_gets_the_profile_that_reads_it() -> None:
    pdu = recorded("apc/rpdu2") | named("rack 12", "APC Rack PDU", "1.3.6.1.4.1.318.1.3.4.5")
    other = recorded("vertiv/geist-v5") | named("rack 12", "Geist", "1.3.6.1.4.1.21239.42.1")
    ups = recorded("rfc1628/ups-three-phase") | named("", "a UPS", "1.3.6.1.4.1.99999.1")
    router = named("gw", "Linux", "1.3.6.1.4.1.8072.3.2.10")
    async with agents(pdu, other, ups, router) as (at, _):
        found, failures = await scanned(at, HOST.format(0) + "/29")
    assert failures == []
    assert [(one.name, one.address, one.profile) for one in found] == [
        ("rack-12", "127.0.66.1", "apc/rpdu2"),
        ("rack-12-127-0-66-2", "127.0.66.2", "vertiv/geist-v5"),
        ("agent-127-0-66-3", "127.0.66.3", "rfc1628/ups-three-phase"),
        ("gw", "127.0.66.4", None),
    ]
    values = {point.quantity: (point.value, point.unit) for point in found[0].points}
    assert values["energy_import"] == (12345.7, "kWh")
    assert values["active_power"] == (3.14, "kW")
    assert "apparent_power" not in values
    assert found[0].title == "APC Rack PDU at 127.0.66.1 (1.3.6.1.4.1.318.1.3.4.5)"
    assert found[3].title.endswith("(1.3.6.1.4.1.8072.3.2.10): no profile reads it")


async def test_every_profile_that_names_its_agents_is_found_by_that() -> None:
    read = {name: read_profile(name, Path())[0] for name in profile_names()}
    marks = {name: one.sys_object_id[0] for name, one in read.items() if one and one.sys_object_id}
    assert len(marks) > 15
    known = [recorded(name) | named(name, "it", f"{mark}.1") for name, mark in marks.items()]
    async with agents(*known) as (at, _):
        found, _ = await scanned(at, HOST.format(0) + "/27")
    assert [one.profile for one in found] == list(marks)


async def test_who_was_named_and_does_not_answer_is_told_and_of_a_range_nobody_is() -> None:
    async with agents() as (at, _):
        assert await scanned(at, "127.0.66.9/30") == ([], [])
        _, failures = await scanned(at, "127.0.66.9", "127.0.66.10:9")
    assert [failure.split(":")[0] for failure in failures] == ["127.0.66.9", "127.0.66.10"]


async def test_an_agent_of_version_1_that_lacks_a_name_is_found_all_the_same() -> None:
    pdu = recorded("apc/rpdu1") | named("x", "APC", "1.3.6.1.4.1.318.1.3.4.4")
    del pdu[f"{SYSTEM}.5.0"]
    async with agents(pdu) as (at, _):
        old = msgspec.structs.replace(at, login=msgspec.structs.replace(at.login, version="1"))
        (found,), failures = await scanned(old, HOST.format(1))
    assert (found.name, found.profile, failures) == ("agent-127-0-66-1", "apc/rpdu1", [])


async def test_the_links_own_agents_are_looked_at_where_nothing_is_named() -> None:
    async with agents(recorded("apc/pmm") | named("p", "P", "1.3.6.1.4.1.318.9")) as (at, _):
        own = device(port=at.port)
        own = msgspec.structs.replace(own, host=HOST.format(1))
        (found,), _ = await scanned(msgspec.structs.replace(at, devices=(own, own)))
    assert (found.name, found.profile) == ("p", "apc/pmm")


async def test_no_more_agents_are_asked_at_once_than_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["meterd.readers.snmp.scan"], "AT_ONCE", 2)
    waiting = most = 0

    def answered() -> None:
        nonlocal waiting
        waiting -= 1

    def late(_asked: Asked) -> Fault:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        asyncio.get_running_loop().call_later(0.01, answered)
        return Fault(delay_ms=10)

    known = [named(f"n{n}", "x", "1.3.6.1.4.1.99999.1") for n in range(6)]
    async with agents(*known) as (at, started):
        for agent in started:
            agent.misbehave = late
        found, _ = await scanned(at, HOST.format(0) + "/29")
    assert len(found) == 6
    assert most == 2


WRONG: dict[tuple[Any, ...], str] = {
    (): "park has no meter yet. Say where to look, as in --range 10.1.0.0/24",
    ("10.0.0.0/8",): "a scan looks at 1,024 at most",
    ("10.0.0.0/x",): "Write a range as 10.1.0.0/24",
    ("a b",): '"a b" is no address',
}


@pytest.mark.parametrize(("asked", "said"), WRONG.items())
async def test_nowhere_or_too_far_is_refused(asked: tuple[str, ...], said: str) -> None:
    with pytest.raises(ReadFailed, match=re.escape(said)):
        await scanned(link(), *asked)
