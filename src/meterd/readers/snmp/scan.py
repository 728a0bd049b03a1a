"""Looking around with SNMP: who answers, what it says it is, and which profile reads it.

An agent is known by its sysObjectID, which says who made it, but not always what it is. So the
profiles that fit it are tried, the closest first, and the first that reads something a bill
can be made of is proposed, with all it reads now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from meterd.config.host_port import host_and_port
from meterd.config.meters import MeterConfig
from meterd.config.profiles import Profile, profile_names, read_profile
from meterd.config.snmp import SnmpDevice, SnmpLink, snmp_points
from meterd.config.values import holders
from meterd.events import Reading
from meterd.readers.found import Found, FoundPoint, slug
from meterd.readers.line import LinkStats, ReadFailed, Surroundings
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import OBJECT, BerError, oid, oid_text
from meterd.readers.snmp.reader import read_once
from meterd.readers.snmp.session import Session
from meterd.readers.snmp.values import raw_text
from meterd.units import GAUGES, REGISTERS, UNITS, from_amount

HOSTS_MAX: Final = 1024
"""Addresses in one range: a /22."""
AT_ONCE: Final = 64
"""Agents that are asked at the same time."""
BILLED: Final = ("energy_import", "active_power", "active_power_l1")
"""A profile fits if it reads one of these."""
_DESCR, _OBJECT_ID, _NAME = (oid(f"1.3.6.1.2.1.1.{n}.0") for n in (1, 2, 5))
_ENTERPRISE_ARCS: Final = 7  # 1.3.6.1.4.1.N


class Place(NamedTuple):
    """Where to look. named: by somebody, who wants to know why nobody answers there."""

    host: str
    port: int
    named: bool


class Heard(NamedTuple):
    """What an agent says of itself; "" for what it does not say."""

    descr: str
    object_id: str
    name: str


Kinds = dict[str, Profile]


async def scan(
    link: SnmpLink, asked: Collection[str], around: Surroundings
) -> tuple[list[Found], list[str]]:
    """Who answers, and what each could be; and of those who were named and do not, why.

    asked: addresses, and ranges of them such as 10.1.0.0/24; the agents of the link's own
    meters where there are none. ReadFailed where there is nowhere to look, or too much.
    """
    places = list(_places(link, asked))
    if not places:
        text = f"{link.name} has no meter yet. Say where to look, as in --range 10.1.0.0/24"
        raise ReadFailed("range", text)
    kinds, room = _kinds(), asyncio.Semaphore(AT_ONCE)

    async def look(place: Place) -> Found | str:
        async with room:
            return await _look(link, place, kinds, around)

    seen = await asyncio.gather(*(look(place) for place in places))
    found = [one for one in seen if isinstance(one, Found)]
    return list(_unlike(found)), [one for one in seen if isinstance(one, str) and one]


def _places(link: SnmpLink, asked: Collection[str]) -> Iterator[Place]:
    if not asked:
        yield from dict.fromkeys(Place(one.host, one.port, named=True) for one in link.devices)
    yield from dict.fromkeys(place for text in asked for place in _of(text, link.port))


def _of(text: str, port: int) -> Iterator[Place]:
    if "/" not in text:
        place = host_and_port(text, port)
        if place is None:
            raise ReadFailed("range", f'"{text}" is no address. Write it as 10.1.0.31 or with :161')
        yield Place(*place, named=True)
        return
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise ReadFailed("range", f"{error}. Write a range as 10.1.0.0/24") from error
    if network.num_addresses > HOSTS_MAX:
        text = (
            f"{text} has {network.num_addresses:,} addresses; a scan looks at {HOSTS_MAX:,} at most"
        )
        raise ReadFailed("range", f"{text}. Name a smaller range")
    yield from (Place(str(host), port, named=False) for host in network.hosts())


@cache
def _kinds() -> Kinds:
    """The packaged profiles of agents."""
    read = {name: read_profile(name, Path())[0] for name in profile_names()}
    return {name: one for name, one in read.items() if one is not None and one.protocol == "snmp"}


async def _look(link: SnmpLink, place: Place, kinds: Kinds, around: Surroundings) -> Found | str:
    """What answers at a place, or why nothing does, "" where nobody expects anything."""
    try:
        heard = await _hear(link, place, around)
    except ReadFailed as failure:
        return str(failure) if place.named or failure.reason == "login" else ""
    address = place.host if place.port == link.port else _joined(place)
    at = f"{heard.descr or 'an agent'} at {address}"
    title = f"{at} ({heard.object_id})" if heard.object_id else at
    name = slug(heard.name, "-") or f"agent-{slug(place.host, '-')}"
    for profile in _likely(heard.object_id, kinds):
        meter = MeterConfig(name=name, points=kinds[profile].points)
        reading = await _read(link, place, meter, around)
        if reading is not None and {*reading.registers, *reading.gauges} & {*BILLED}:
            return Found(name, address, title, tuple(_points(meter, reading)), profile)
    return Found(name, address, f"{title}: no profile reads it", ())


async def _hear(link: SnmpLink, place: Place, around: Surroundings) -> Heard:
    """What the agent says of itself. An agent of version 1 may lack one of the three."""
    session = Session((place.host, place.port), link, around, LinkStats(link.name))
    wanted = (_DESCR, _OBJECT_ID, _NAME)
    said: dict[bytes, str] = {}
    try:
        answer = await session.ask(pdus.GET, pdus.asking(wanted))
        answers = [answer]
        if answer.error:
            answers = [await session.ask(pdus.GET, pdus.asking((one,))) for one in wanted]
    finally:
        session.close()
    for one in (one for answer in answers if not answer.error for one in answer.varbinds):
        said[one.oid] = _text(one)
    return Heard(*(said.get(one, "") for one in wanted))


def _text(value: pdus.Varbind) -> str:
    if value.tag != OBJECT:
        return raw_text(value.tag, value.content) or ""
    try:
        return oid_text(value.content)
    except BerError:
        return ""


def _likely(object_id: str, kinds: Kinds) -> list[str]:
    """Profiles that may read the agent: of its kind, of its maker, and of no maker at all."""

    def rank(name: str) -> int:
        known = kinds[name].sys_object_id
        if not known:
            return -1
        kin = [len(one) for one in known if f"{object_id}.".startswith(f"{one}.")]
        return max(kin, default=0)

    maker = object_id.split(".")[:_ENTERPRISE_ARCS]
    fit = [
        name
        for name, one in kinds.items()
        if not one.sys_object_id
        or any(known.split(".")[:_ENTERPRISE_ARCS] == maker for known in one.sys_object_id)
    ]
    return sorted(fit, key=lambda name: -rank(name))


async def _read(
    link: SnmpLink, place: Place, meter: MeterConfig, around: Surroundings
) -> Reading | None:
    points = snmp_points(meter)
    device = SnmpDevice(meter=meter.name, host=place.host, port=place.port, points=points)
    try:
        return await read_once(link, device, meter.counters, around)
    except ReadFailed:
        return None


def _points(meter: MeterConfig, reading: Reading) -> Iterator[FoundPoint]:
    """What the profile reads now, as it would be shown; no powers of ten of others."""
    scales = {name for point in meter.points.values() for name in holders(point.scale_point)}
    for quantity, point in meter.points.items():
        if quantity in scales:
            continue
        unit = REGISTERS.get(quantity) or GAUGES.get(quantity) or point.unit or ""
        amount, gauge = reading.registers.get(quantity), reading.gauges.get(quantity)
        if amount is not None:
            gauge = float(from_amount(amount, UNITS[unit or "1"]))
        if gauge is not None:
            yield FoundPoint(quantity, {}, "", gauge, unit)


def _joined(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{host}:{place.port}"


def _unlike(found: Iterable[Found]) -> Iterator[Found]:
    """The same, each with a name of its own."""
    taken = set[str]()
    for one in found:
        name = one.name
        if name in taken:
            name = f"{name}-{slug(str(one.address), '-')}"
        taken.add(name)
        yield msgspec.structs.replace(one, name=name)
