"""Traps and informs of agents: a prompt to read a meter now, and nothing else.

    pdus: {protocol: snmp, community: "${cred:snmp}", traps: {listen: "0.0.0.0:162"}}

What a notification says is not looked at: what counts is read from the agent. It must come
from the address of an agent of this connection and carry its community, or a digest of its
user. An agent is read at most once a second for it, however many come; those in between
are one. An inform is confirmed; of version 3 by an engine of ours (`engine.py`). A replayed
notification can only cause such a reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Protocol, cast

import structlog

from meterd.config.snmp import SnmpDevice, SnmpLink
from meterd.events import Reading
from meterd.readers.datagrams import datagram_socket
from meterd.readers.line import LinkStats, ReadFailed, Surroundings, tally
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError
from meterd.readers.snmp.engine import Engine, Informed, Start, engine_id, wants_an_answer
from meterd.readers.snmp.header import header
from meterd.readers.snmp.messages import VERSIONS, Community, ForeignError, version_of
from meterd.readers.snmp.usm import Usm

log = structlog.get_logger()

MACHINE: Final = Path("/etc/machine-id")
PROMPT_MS: Final = 1_000
"""An agent is read because of notifications at most so often."""
ENGINES_MAX: Final = 1_000
"""Senders of version 3 whose keys are remembered."""
_HEARD: Final = Informed(True, "", b"")


class Prompted(Protocol):
    """A line whose meters can be read now."""

    devices: tuple[SnmpDevice, ...]

    @property
    def peer(self) -> str:
        """The address it speaks to."""
        ...

    async def read(self, device: SnmpDevice) -> Reading:
        """One reading; ReadFailed if there is none."""
        ...


async def listen(
    link: SnmpLink, lines: Sequence[Prompted], around: Surroundings, stats: LinkStats
) -> None:
    """Listen until cancelled. A port that cannot be had is tried again by whoever started us."""
    assert link.traps is not None
    host, _, port = link.traps.listen.rpartition(":")
    prompts = {line: asyncio.Event() for line in lines}
    listener = Listener(link, prompts, around, stats)
    transport = await datagram_socket(listener, local_addr=(host.strip("[]"), int(port)))
    try:
        async with asyncio.TaskGroup() as tasks:
            for line, prompt in prompts.items():
                tasks.create_task(_obey(line, prompt, around, stats))
    finally:
        transport.close()


async def _obey(
    line: Prompted, prompt: asyncio.Event, around: Surroundings, stats: LinkStats
) -> None:
    """Read a line's meters whenever there is a prompt. A failure is the poll loop's to tell."""
    while True:
        await prompt.wait()
        prompt.clear()
        again_ms = around.clock.mono_ms() + PROMPT_MS
        for device in line.devices:
            try:
                around.emit(await line.read(device))
            except ReadFailed:
                tally(stats.faults, "prompt_failed")
            except asyncio.QueueFull:
                stats.dropped += 1
        await around.clock.sleep_until(again_ms)


class Listener(asyncio.DatagramProtocol):
    """Takes notifications on one port."""

    def __init__(
        self, link: SnmpLink, prompts: dict[Prompted, asyncio.Event], around: Surroundings,
        stats: LinkStats,
    ) -> None:  # fmt: skip
        self._link = link
        self._prompts = prompts
        self._around = around
        self._stats = stats
        self._engines: dict[bytes, Usm] = {}
        self._informed: Engine | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember what to confirm informs through."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Prompt the agent that a sound notification comes from."""
        mine = [line for line in self._prompts if _same(line.peer, addr[0])]
        if not mine:
            tally(self._stats.faults, "trap_stranger")
            return
        try:
            told = self.understood(data)
        except BerError:
            tally(self._stats.faults, "trap_garbled")
        except ForeignError as foreign:
            tally(self._stats.faults, f"trap_{foreign.reason}")
        else:
            if told.told or told.reason:
                tally(self._stats.faults, f"trap_{told.reason}" if told.reason else "trap")
            for line in mine if told.told else ():
                self._prompts[line].set()
            if told.reply and self._transport is not None:
                self._transport.sendto(told.reply, addr)

    def understood(self, data: bytes) -> Informed:
        """Check a notification; BerError or ForeignError."""
        login, now_ms = self._link.login, self._around.clock.mono_ms()
        if version_of(data) == VERSIONS["3"]:
            if login.version == "3" and wants_an_answer(data):
                return self._own(now_ms).inform(data, now_ms)
            self._engine(header(data).engine_id).hear(data)
            return _HEARD
        if login.community is None:
            raise ForeignError("version")
        sealing = Community("2c" if version_of(data) else "1", login.community.reveal())
        if sealing.kind(data) == pdus.V1_TRAP:
            return _HEARD
        told = sealing.open(data, now_ms)
        if told.type not in {pdus.TRAP, pdus.INFORM}:
            raise ForeignError("pdu_type")
        if told.type == pdus.TRAP:
            return _HEARD
        said = pdus.pdu(pdus.RESPONSE, told.request_id, pdus.saying(told.varbinds))
        return Informed(True, "", sealing.seal(said, now_ms))

    def _own(self, now_ms: int) -> Engine:
        """Our engine: the same one for as long as we listen, on this host and port. It begins
        with the message that asks for it; its time would be negative in the answer else.
        """
        if self._informed is None:
            clock, traps = self._around.clock, self._link.traps
            own = engine_id(_host(), self._link.name, traps.listen if traps else "")
            start = Start(clock.now_ms(), now_ms)
            self._informed = Engine(self._link.login, self._around.chance, own, start)
        return self._informed

    def _engine(self, engine_id: bytes) -> Usm:
        """The keys for one sender, which names itself."""
        if self._link.login.version != "3":
            raise ForeignError("version")
        usm = self._engines.get(engine_id)
        if usm is None:
            usm = Usm(self._link.login, self._around.chance)
            usm.become(engine_id)
            if len(self._engines) >= ENGINES_MAX:
                del self._engines[next(iter(self._engines))]
            self._engines[engine_id] = usm
        return usm


def _host() -> str:
    """What tells this host from others, for good."""
    with contextlib.suppress(OSError):
        return MACHINE.read_text("ascii").strip()
    return socket.gethostname()


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same address; a name is none."""
    with contextlib.suppress(ValueError):
        return ip_address(_bare(one)) == ip_address(_bare(other))
    return False


def _bare(address: str) -> str:
    """Without the zone that a link-local address of IPv6 has."""
    return address.partition("%")[0]
