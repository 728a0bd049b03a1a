"""The reader of SNMP connections: every agent is asked by itself, all at the same time.

    connections:
      pdus: {protocol: snmp, version: 2c, community: "${cred:snmp}", timeout: 1s}
    meters:
      - {name: rack-12, connection: pdus, address: 10.1.0.31, profile: apc/rpdu2}

Meters with the same address are one agent's and are asked in turn, through one socket. An
agent that is silent costs the others nothing: each has its own place in its own round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

import msgspec

from meterd.config.snmp import SnmpDevice, SnmpLink
from meterd.events import Reading
from meterd.readers.line import LinkStats, PlannedRequest, ReadFailed, Registers, Surroundings
from meterd.readers.polling import Poller
from meterd.readers.snmp import ber
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.agent import SYS_UP_TIME, Agent
from meterd.readers.snmp.batches import VARBINDS_MAX, batches, reply_bytes
from meterd.readers.snmp.messages import Community
from meterd.readers.snmp.meter import Meter
from meterd.readers.snmp.session import Session
from meterd.readers.snmp.traps import listen

V3_BYTES: Final = 120
"""What version 3 adds to a message, about: user, engine, digest, salt."""
_ID: Final = 1 << 24  # any request id of the usual size
_INDEX: Final = b"\x01"  # of a row, while it is not known


class AgentLine:
    """The line to one agent (see `line.Line`); its meters share a socket."""

    def __init__(
        self, link: SnmpLink, registers: Registers, around: Surroundings, stats: LinkStats
    ) -> None:
        """link: with the devices of this one agent only."""
        self.devices = link.devices
        self.host = self.devices[0].host
        self._session = Session((self.host, self.devices[0].port), link, around, stats)
        self._agent = Agent(self._session, link.login.version != "1", around.clock, stats)
        self._meters = {
            device.meter: Meter(device, registers.get(device.meter, ())) for device in self.devices
        }

    @property
    def peer(self) -> str:
        """The address that is spoken to, once it is."""
        return self._session.peer or self.host

    async def open(self) -> None:
        """Nothing: a socket of UDP is opened when it is needed."""

    async def read(self, device: SnmpDevice) -> Reading:
        """One reading of one meter; ReadFailed if there is none."""
        try:
            return await self._agent.read(self._meters[device.meter])
        except ReadFailed:
            self._session.close()
            raise

    def close(self) -> None:
        """Let go of the socket."""
        self._session.close()


async def run(link: SnmpLink, registers: Registers, around: Surroundings, stats: LinkStats) -> None:
    """Read every agent of a connection for ever; ends by cancellation, with nothing open."""
    lines = _lines(link, registers, around, stats)
    async with asyncio.TaskGroup() as tasks:
        for line in lines:
            tasks.create_task(Poller(line, line.devices, around, stats).run())
        if link.traps is not None:
            tasks.create_task(listen(link, lines, around, stats))


async def read_once(
    link: SnmpLink, device: SnmpDevice, registers: Collection[str], around: Surroundings
) -> Reading:
    """One live reading of one device of the link; ReadFailed if there is none."""
    alone = msgspec.structs.replace(link, devices=(device,))
    line = AgentLine(alone, {device.meter: registers}, around, LinkStats(link.name))
    try:
        return await line.read(device)
    finally:
        line.close()


def _lines(
    link: SnmpLink, registers: Registers, around: Surroundings, stats: LinkStats
) -> list[AgentLine]:
    agents: dict[tuple[str, int], list[SnmpDevice]] = {}
    for device in link.devices:
        agents.setdefault((device.host, device.port), []).append(device)
    return [
        AgentLine(msgspec.structs.replace(link, devices=tuple(devices)), registers, around, stats)
        for devices in agents.values()
    ]


def plan_cycle(link: SnmpLink) -> list[PlannedRequest]:
    """The requests of one cycle of a link, before anything was learned from its agents.

    unit: the agent. address: the first object asked for. count: objects, sysUpTime and the
    cells that prove a row among them. Bytes are of the datagrams; of the reply, and of version
    3, as estimated. The walks that find rows come before the first cycle and are not among
    them. An index is taken to be one number.
    """
    return [request for device in link.devices for request in _planned(link, device)]


def _planned(link: SnmpLink, device: SnmpDevice) -> list[PlannedRequest]:
    meter = Meter(device, ())
    names = _names(meter)
    community = link.login.community.reveal() if link.login.community else ""
    sealing, extra = Community("2c", community), V3_BYTES if link.login.version == "3" else 0
    found = []
    for batch in batches(SYS_UP_TIME, tuple(names), VARBINDS_MAX, bool(meter.rows)):
        bindings = pdus.asking(batch)
        asked = len(sealing.seal(pdus.pdu(pdus.GET, _ID, bindings), 0)) + extra
        first = next((one for one in batch if names.get(one)), SYS_UP_TIME)
        found.append(
            PlannedRequest(
                meter=device.meter,
                unit=f"{device.host}:{device.port}",
                table="get",
                address=ber.oid_text(first),
                count=len(batch),
                request_bytes=asked,
                reply_bytes=asked - len(bindings) + reply_bytes(batch),
                points=tuple(name for one in batch for name in names.get(one, ())),
            )
        )
    return found


def _names(meter: Meter) -> dict[bytes, list[str]]:
    """Object -> the quantities it gives; none for the cell that proves a row."""
    names: dict[bytes, list[str]] = {}
    for place in meter.places:
        names.setdefault(place.oid, []).append(place.quantity)
    for key, columns in meter.rows.items():
        names.setdefault(key.column + _INDEX, [])
        for place in columns:
            names.setdefault(place.oid + _INDEX, []).append(place.quantity)
    return names
