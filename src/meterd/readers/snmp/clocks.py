"""The clocks of SNMP agents: how far each one's went while ours went a second."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from meterd.config.snmp import SnmpLink
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.agent import SYS_UP_TIME
from meterd.readers.snmp.session import Session
from meterd.readers.snmp.values import UNSIGNED32, raw_number

WATCHED_MS: Final = 1_000
AT_ONCE: Final = 64
"""Agents that are watched at the same time."""


class Watched(NamedTuple):
    """One agent. ticks: its sysUpTime first and last, hundredths; None where it has none.
    elapsed_ms: in between. failure: why it gave no answer. engine_id, boots: of version 3.
    """

    place: str
    ticks: tuple[int | None, int | None] = (None, None)
    elapsed_ms: int = 0
    failure: str = ""
    engine_id: bytes = b""
    boots: int = 0


async def watch(link: SnmpLink, around: Surroundings) -> list[Watched]:
    """Every agent of the link's meters, in their order."""
    places = dict.fromkeys((device.host, device.port) for device in link.devices)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(place: tuple[str, int]) -> Watched:
        async with room:
            return await _watch(place, link, around)

    return list(await asyncio.gather(*(one(place) for place in places)))


async def _watch(place: tuple[str, int], link: SnmpLink, around: Surroundings) -> Watched:
    session, clock = Session(place, link, around, LinkStats(link.name)), around.clock
    try:
        first, began_ms = await _ticks(session), clock.mono_ms()
        await clock.sleep_until(began_ms + WATCHED_MS)
        last, ended_ms = await _ticks(session), clock.mono_ms()
        boots = session.boots[0]
    except ReadFailed as failure:
        return Watched(session.place, failure=str(failure))
    finally:
        session.close()
    elapsed_ms = ended_ms - began_ms
    return Watched(session.place, (first, last), elapsed_ms, "", session.engine_id, boots)


async def _ticks(session: Session) -> int | None:
    answer = await session.ask(pdus.GET, pdus.asking((SYS_UP_TIME,)))
    for one in answer.varbinds:
        if one.oid == SYS_UP_TIME and one.tag in UNSIGNED32 and not answer.error:
            ticks = raw_number(one.tag, one.content)
            return ticks if isinstance(ticks, int) else None
    return None
