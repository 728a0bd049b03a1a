"""bacpypes3, and all that is known of it: transactions, segments and routers.

Only its network and application layers are used. The datagrams below (`wire.py`) and the
contents above (`services.py`) are our own, for its sockets retry a port that is taken for
ever and share one that is free, take every 127.x address on their own port for themselves
and lose a registration for good; and its decoding takes most of its time.

Imported only by a connection that is opened: it costs 0.4 s and 30 MB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, Final

from bacpypes3.apdu import (
    AbortPDU,
    AbortReason,
    ComplexAckPDU,
    ConfirmedRequestPDU,
    RejectPDU,
    SimpleAckPDU,
    UnconfirmedRequestPDU,
)
from bacpypes3.app import DeviceInfoCache
from bacpypes3.appservice import ApplicationServiceAccessPoint
from bacpypes3.basetypes import Segmentation
from bacpypes3.comm import ApplicationServiceElement, Server, bind
from bacpypes3.netservice import NetworkServiceAccessPoint, NetworkServiceElement
from bacpypes3.pdu import (
    PDU,
    Address,
    GlobalBroadcast,
    IPv4Address,
    LocalBroadcast,
    RemoteStation,
)

from meterd.config.bacnet import BacnetLink
from meterd.readers.bacnet_ip.bvll import Carried
from meterd.readers.bacnet_ip.planning import APDU_MAX
from meterd.readers.bacnet_ip.refusals import RefusedError
from meterd.readers.bacnet_ip.tags import GarbageError, integer, tags
from meterd.readers.bacnet_ip.wire import Wire, resolved
from meterd.readers.line import LinkStats, ReadFailed, tally

INBOX_MAX: Final = 1_000
"""Datagrams being worked on; beyond, they are dropped and counted."""
SEGMENTS_MAX: Final = 32
"""Parts of one answer, and 46 kilobytes."""
PATIENCE: Final = 4
"""An answer in parts may take so many timeouts in all, and no more."""
INVOKE_IDS: Final = 256

Hear = Callable[[Hashable, int, bytes], None]
"""Takes an unconfirmed service: (who, service, content)."""


class Stack:
    """One link's BACnet. Addresses are opaque, hashable, and print as a person reads them."""

    def __init__(self, link: BacnetLink, stats: LinkStats, hear: Hear) -> None:
        self._link = link
        self._stats = stats
        self._wire = Wire(link, stats, self._receive)
        self._inbox: set[asyncio.Task[None]] = set()
        self._client = _Client(hear)
        self._transactions = _Transactions(None, DeviceInfoCache())
        self._transactions.apduTimeout = link.timeout_ms // 2
        self._transactions.segmentTimeout = link.timeout_ms
        network = NetworkServiceAccessPoint()
        bind(NetworkServiceElement(), network)
        bind(self._client, self._transactions, network)
        self._socket = _Socket(self._wire)
        network.bind(self._socket)

    async def open(self) -> None:
        """Bind our socket; ReadFailed with `link_down`."""
        await self._wire.open()

    def close(self) -> None:
        """Let go of the socket and of every question that is open."""
        self._wire.close()
        for task in self._inbox:
            task.cancel()
        for transaction in tuple(self._transactions.clientTransactions):
            self._drop(transaction)

    async def place(self, text: str) -> Hashable:
        """HOST, HOST:PORT or NETWORK:STATION as an address; ReadFailed for a name that is none."""
        left, _, right = text.partition(":")
        if left.isdecimal() and right.isdecimal():
            return RemoteStation(int(left), int(right))  # type: ignore[no-any-return]
        try:
            return IPv4Address(await resolved(text))  # type: ignore[no-any-return]
        except OSError as error:
            raise ReadFailed("resolve", f"{text}: {error}") from error

    # -- out ------------------------------------------------------------------------------

    async def ask(self, to: Any, service: int, content: bytes) -> bytes:
        """Send a confirmed request and return its answer; RefusedError or ReadFailed.

        A lost datagram is sent once more; after the timeout the device is silent.
        """
        invoke_id, answer = self._client.expect(to)
        request = ConfirmedRequestPDU(service, invoke_id, content, destination=to)
        timeout_s = self._link.timeout_ms / 1000
        try:
            async with asyncio.timeout(PATIENCE * timeout_s):
                await self._transactions.sap_indication(request)
                return _content(await answer)
        except TimeoutError:
            raise ReadFailed("timeout", f"{to}: no answer within {timeout_s:g} s") from None
        except GarbageError as garbage:
            raise ReadFailed("garbage", f"{to}: {garbage}") from garbage
        except (RefusedError, ReadFailed):
            raise
        except Exception as error:  # whatever it raises on the way down is this poll's failure
            raise ReadFailed("unreachable", f"{to}: {error}") from error
        finally:
            self._client.waiting.pop((to, invoke_id), None)
            for transaction in tuple(self._transactions.clientTransactions):
                if transaction.invokeID == invoke_id and transaction.pdu_address == to:
                    self._drop(transaction)

    async def tell(self, service: int, content: bytes, to: Any = None) -> None:
        """Send an unconfirmed request: to one address, or to everybody, routers' networks too."""
        if to is None:
            await self._wire.registered()
        request = UnconfirmedRequestPDU(service, content, destination=to or GlobalBroadcast())
        await self._transactions.sap_indication(request)

    def _drop(self, transaction: Any) -> None:
        """Nobody waits for this any more."""
        transaction.stop_timer()
        self._transactions.clientTransactions.remove(transaction)

    # -- in -------------------------------------------------------------------------------

    def _receive(self, carried: Carried) -> None:
        if len(self._inbox) >= INBOX_MAX:
            tally(self._stats.faults, "inbox_full")
            return
        task = asyncio.get_running_loop().create_task(self._take(carried))
        self._inbox.add(task)
        task.add_done_callback(self._inbox.discard)

    async def _take(self, carried: Carried) -> None:
        try:
            await self._socket.take(carried)
        except Exception:  # noqa: BLE001 - whatever a stranger sends may raise anything in there
            tally(self._stats.faults, "garbled")


class _Socket(Server[PDU]):  # type: ignore[misc]  # bacpypes3 has no types that hold
    """Where bacpypes3's network layer ends and our wire begins."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    async def indication(self, pdu: PDU) -> None:
        """Down: to a station or to all of our network."""
        to = pdu.pduDestination
        if to.addrType == Address.localBroadcastAddr:
            self._wire.broadcast(bytes(pdu.pduData))
        else:
            place = bytes(to.addrAddr)  # four bytes of host and two of port, whatever its class
            host, port = ".".join(map(str, place[:4])), int.from_bytes(place[4:], "big")
            self._wire.send(bytes(pdu.pduData), (host, port))

    async def take(self, carried: Carried) -> None:
        """Up."""
        to = LocalBroadcast() if carried.broadcast else None
        source = IPv4Address(carried.source)
        await self.response(PDU(carried.npdu, source=source, destination=to))


class _Transactions(ApplicationServiceAccessPoint):  # type: ignore[misc]  # as above
    """Its state machines of requests, segments and repetitions; contents stay bytes."""

    def __init__(self, device: None, cache: DeviceInfoCache) -> None:
        super().__init__(device, cache)
        self.numberOfApduRetries = 1
        self.maxApduLengthAccepted = APDU_MAX
        self.segmentationSupported = Segmentation.segmentedReceive
        self.maxSegmentsAccepted = SEGMENTS_MAX

    async def confirmation(self, pdu: PDU) -> None:
        """Up: answers go to their transaction, what is told to all goes to the client."""
        data = bytes(pdu.pduData)
        if len(data) > 1 and data[0] >> 4 == UnconfirmedRequestPDU.pduType:
            self.serviceElement.hear(pdu.pduSource, data[1], data[2:])
        else:
            await super().confirmation(pdu)

    async def sap_response(self, apdu: Any) -> None:
        """Up: the answer of a transaction, as it came."""
        await self.serviceElement.confirmation(apdu)


class _Client(ApplicationServiceElement):  # type: ignore[misc]  # as above
    """Who waits for which answer."""

    def __init__(self, hear: Hear) -> None:
        super().__init__()
        self.hear = hear
        self.waiting: dict[tuple[Hashable, int], asyncio.Future[Any]] = {}
        self._next = 0

    def expect(self, who: Hashable) -> tuple[int, asyncio.Future[Any]]:
        """An invoke id that is free at a device, and the answer to come."""
        for _ in range(INVOKE_IDS):
            invoke_id = self._next
            self._next = (self._next + 1) % INVOKE_IDS
            if (who, invoke_id) not in self.waiting:
                break
        else:
            raise ReadFailed("busy", f"{who}: it owes {INVOKE_IDS} answers")
        answer = asyncio.get_running_loop().create_future()
        self.waiting[who, invoke_id] = answer
        return invoke_id, answer

    async def confirmation(self, apdu: Any) -> None:
        """An answer; what nobody waits for is dropped."""
        answer = self.waiting.get((apdu.pduSource, apdu.apduInvokeID))
        if answer is not None and not answer.done():
            answer.set_result(apdu)


def _content(answer: Any) -> bytes:
    """What an answer says; raises what it refuses."""
    if isinstance(answer, ComplexAckPDU | SimpleAckPDU):
        return bytes(answer.pduData or b"")
    if isinstance(answer, AbortPDU):
        reason = int(answer.apduAbortRejectReason)
        if not answer.apduSrv and reason == int(AbortReason.noResponse):
            raise TimeoutError
        raise RefusedError("abort", reason)
    if isinstance(answer, RejectPDU):
        raise RefusedError("reject", int(answer.apduAbortRejectReason))
    known = getattr(answer, "errorCode", None)
    if known is not None:  # made by the network layer: there is no route
        raise RefusedError("error", int(known), int(answer.errorClass))
    codes = [integer(tag.content) for tag in tags(bytes(answer.pduData)) if tag.content][:2]
    if len(codes) != 2:
        raise GarbageError("an error that is not class and code")
    raise RefusedError("error", codes[1], codes[0])
