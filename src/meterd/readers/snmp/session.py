"""One socket to one agent: one request at a time, each attempt with its own deadline.

The socket is connected, so the kernel passes on only what comes from the address and port
asked, and agents do not share a buffer. An attempt never reuses a request id, and only the
newest one's answer is taken; anything else is counted by reason and passed over. A poll
that fails closes the socket: the next one looks the name up again.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from meterd.config.snmp import SnmpLink
from meterd.readers.datagrams import datagram_socket
from meterd.readers.line import LinkStats, ReadFailed, Surroundings, tally
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError
from meterd.readers.snmp.messages import Community, ForeignError, ReportedError
from meterd.readers.snmp.usm import NOT_IN_TIME, UNKNOWN_ENGINE, Usm

TRIES: Final = 2
"""How often a request is sent before the agent counts as silent: datagrams get lost."""
RESYNCS_MAX: Final = 2
"""How often in one request the agent may be asked anew who it is and what time it has."""

_ID_LOW, _ID_HIGH = 1 << 24, (1 << 31) - 1  # four bytes on the wire
_REMEDIES: Final = {
    "unknownUserNames": "the agent does not know the user",
    "wrongDigests": "the agent says that the password or protocol of auth: is wrong",
    "decryptionErrors": "the agent says that the password or protocol of privacy: is wrong",
    "unsupportedSecLevels": "the agent does not take this user at this level of security",
    NOT_IN_TIME: "the agent's time cannot be followed",
    UNKNOWN_ENGINE: "the agent does not say who it is",
}


class Session(asyncio.DatagramProtocol):
    """Requests to one agent and their answers; the caller asks for one at a time."""

    def __init__(
        self, address: tuple[str, int], link: SnmpLink, around: Surroundings, stats: LinkStats
    ) -> None:
        host, port = self._address = address
        self.place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        login = link.login
        self._timeout_s = link.timeout_ms / 1000
        self._around = around
        self._stats = stats
        self._usm = Usm(login, around.chance) if login.version == "3" else None
        community = login.community.reveal() if login.community else ""
        self._sealing = self._usm or Community(login.version, community)
        self._transport: asyncio.DatagramTransport | None = None
        self._waiter: asyncio.Future[pdus.Pdu] | None = None
        self._request_id = 0
        self._shape: pdus.Shape | None = None

    @property
    def boots(self) -> tuple[int, int]:
        """Changes when a version 3 agent has restarted: its boots, and how often they fell."""
        return (self._usm.boots, self._usm.resets) if self._usm else (0, 0)

    @property
    def engine_id(self) -> bytes:
        """Of a version 3 agent that has been met; else nothing."""
        return self._usm.engine_id if self._usm else b""

    @property
    def peer(self) -> str:
        """The address that is spoken to, "" while there is none."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if name else ""

    async def ask(
        self, kind: int, bindings: bytes, repetitions: int = 0, shape: pdus.Shape | None = None
    ) -> pdus.Pdu:
        """The agent's answer to a request, whatever its error status.

        repetitions: of a GET-BULK. shape: what the answer most likely looks like.
        ReadFailed with the reasons timeout, refused, unreachable, name and login.
        """
        self._shape = shape
        if self._transport is None:
            await self._open()
        silent = resyncs = 0
        while True:
            try:
                if self._usm is not None and not self._usm.engine_id:
                    await self._discover(self._usm)
                request_id = self._request_id = self._around.chance.randrange(_ID_LOW, _ID_HIGH)
                body = pdus.pdu(kind, request_id, bindings, repetitions)
                return await self._wait(self._sealing.seal(body, self._around.clock.mono_ms()))
            except TimeoutError as error:
                silent += 1
                if silent == TRIES:
                    text = f"{self.place} does not answer within {self._timeout_s:g} s"
                    raise ReadFailed("timeout", text) from error
            except ReportedError as report:
                resyncs += 1
                self._mend(report, resyncs)

    def close(self) -> None:
        """Let go of the socket."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _mend(self, report: ReportedError, resyncs: int) -> None:
        """Make ready to ask again, if that can help; ReadFailed if it cannot."""
        tally(self._stats.faults, report.name)
        if report.name not in {NOT_IN_TIME, UNKNOWN_ENGINE} or resyncs > RESYNCS_MAX:
            text = f"{self.place}: {_REMEDIES[report.name]} ({report.name})"
            raise ReadFailed("login", text) from report
        assert self._usm is not None
        if report.name == UNKNOWN_ENGINE or resyncs > 1:
            self._usm.engine_id = b""

    async def _open(self) -> None:
        try:
            self._transport = await datagram_socket(self, remote_addr=self._address)
        except OSError as error:
            reason = "name" if isinstance(error, socket.gaierror) else "connect"
            raise ReadFailed(reason, f"{self.place}: {error.strerror or error}") from error
        self._stats.opened += 1

    async def _discover(self, usm: Usm) -> None:
        self._request_id = self._around.chance.randrange(_ID_LOW, _ID_HIGH)
        try:
            await self._wait(usm.probe(self._request_id))
        except ReportedError as report:
            if report.name != UNKNOWN_ENGINE or not usm.engine_id:
                raise

    async def _wait(self, datagram: bytes) -> pdus.Pdu:
        """Send, and wait for the answer; TimeoutError, ReportedError or ReadFailed."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[pdus.Pdu] = loop.create_future()
        self._waiter = waiter
        timer = loop.call_later(self._timeout_s, _fail, waiter, TimeoutError())
        try:
            if self._transport is None or self._transport.is_closing():
                raise ReadFailed("closed", f"{self.place}: the socket was closed")
            self._transport.sendto(datagram)
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None

    # -- called by the event loop -----------------------------------------------------------

    def datagram_received(self, data: bytes, addr: object) -> None:  # connected
        """Take the answer that is waited for, and count whatever else comes."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            tally(self._stats.faults, "late")
            return
        try:
            answer = self._sealing.open(data, self._around.clock.mono_ms(), self._shape)
        except BerError:
            tally(self._stats.faults, "garbled")
        except ForeignError as foreign:
            tally(self._stats.faults, foreign.reason)
        except ReportedError as report:
            waiter.set_exception(report)
        else:
            if answer.request_id != self._request_id:
                tally(self._stats.faults, "late")
            elif answer.type != pdus.RESPONSE:
                tally(self._stats.faults, "pdu_type")
            else:
                waiter.set_result(answer)

    def error_received(self, exc: Exception) -> None:
        """The network says that nobody is there: no need to wait for it."""
        tally(self._stats.faults, "icmp")
        reason = "refused" if isinstance(exc, ConnectionRefusedError) else "unreachable"
        text = f"{self.place}: {getattr(exc, 'strerror', None) or exc}"
        if self._waiter is not None:
            _fail(self._waiter, ReadFailed(reason, text))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        if self._waiter is not None:
            text = f"{self.place}: {exc or 'the socket was closed'}"
            _fail(self._waiter, ReadFailed("closed", text))


def _fail(waiter: asyncio.Future[pdus.Pdu], error: Exception) -> None:
    if not waiter.done():
        waiter.set_exception(error)
