"""One MQTT connection: opened, used, lost, and never mended. The only file that knows gmqtt.

gmqtt would reconnect and resend by itself, and forgets what a new session lost; our outbox
decides what is sent again, so every connection is a new client with a clean session whose
`reconnect` does nothing but report. What we take from its inside, because it offers no way
from the outside: the reason code of a PUBACK (it drops it), the numbers of messages and the
transport (it writes to it message by message, and closes it only after its buffer has
drained, which a stalled broker never lets happen).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Final

import gmqtt

from meterd.sinks.mqtt_nothing_kept import NothingKept
from meterd.sinks.mqtt_options import Peer
from meterd.sinks.mqtt_packets import TOPICS_MAX, Message, publish, tell

CONNECT_TIMEOUT_S: Final = 10
CLOSE_TIMEOUT_S: Final = 2
KEEPALIVE_S: Final = 30
PACKET_MAX: Final = 1 << 20
"""Bytes of a message that a broker of MQTT 5 may bring us: whoever may publish on a topic that
we listen to could else send us 256 MiB."""
IN_FLIGHT_MAX: Final = 20
"""Messages sent and not yet acknowledged; mosquitto's own default, and enough for a LAN."""

_NEWEST, _OLDER = 5, 4
_WRONG_VERSION: Final = frozenset({1, 0x84})

Done = Callable[[int], None]
Heard = Callable[[str, bytes, bool], None]


class LinkError(Exception):
    """The connection could not be made, or is gone; says why."""


class _VersionError(LinkError):
    """The broker does not speak this version of MQTT, or hung up rather than say so."""


async def connect(peer: Peer, changed: Callable[[], None]) -> Link:
    """A live connection, with MQTT 5 if the broker has it, else 3.1.1.

    changed: called when a message is acknowledged or the connection is lost.
    Raises LinkError, which names the broker and the reason.
    """
    try:
        return await _open(peer, _NEWEST, changed)
    except _VersionError:
        return await _open(peer, _OLDER, changed)


async def _open(peer: Peer, version: int, changed: Callable[[], None]) -> Link:
    link = Link(peer, changed)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await link.open(version)
    except TimeoutError as error:
        raise LinkError(f"{peer.host}:{peer.port} does not answer") from error
    except OSError as error:
        raise LinkError(f"{peer.host}:{peer.port} cannot be reached: {error}") from error
    finally:
        if not link.alive:
            link.abort()
    return link


class _OneLife(gmqtt.Client):  # type: ignore[misc]  # gmqtt ships no types
    """A client that says when it wants to reconnect, and does not."""

    wants_reconnect: Callable[[], None]

    async def reconnect(self, delay: bool = False) -> None:
        """Called by gmqtt when the connection ended or was refused for a time."""
        self.wants_reconnect()


class Link:
    """One connection, from CONNECT to its end."""

    def __init__(self, peer: Peer, changed: Callable[[], None]) -> None:
        self.heard: Heard = lambda _topic, _payload, _retained: None
        self.version = 0
        self.why_lost = ""
        self._peer = peer
        self._changed = changed
        self._window = IN_FLIGHT_MAX
        self._ended = asyncio.Event()
        self._up = False
        self._unacknowledged: dict[int, Done] = {}
        self._unwritten: list[bytes] = []
        logging.getLogger("gmqtt").setLevel(logging.CRITICAL)  # we report, once
        will = gmqtt.Message(peer.will_topic, peer.will_payload, qos=1, retain=peer.will_retained)
        self._client: Any = _OneLife(
            peer.client_id.encode(),
            will_message=will,
            persistent_storage=NothingKept(),
            maximum_packet_size=PACKET_MAX,
        )
        self._client.wants_reconnect = partial(self._lost, "the connection was closed")
        self._client.on_connect = self._accepted
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._message
        if peer.username is not None:
            self._client.set_auth_credentials(peer.username, peer.password)
        self._asks = count(0xFFFF, -1)  # gmqtt's begin at 1, as many as the broker takes
        handler = self._client._package_handler  # noqa: SLF001  # see the module's docstring
        self._numbers = handler.id_generator
        handler._handle_puback_packet = self._acknowledged  # noqa: SLF001

    @property
    def alive(self) -> bool:
        """Whether the broker has accepted us and the connection has not ended."""
        return self._up and not self._ended.is_set()

    @property
    def in_flight(self) -> int:
        """Messages sent and not yet acknowledged."""
        return len(self._unacknowledged)

    @property
    def room(self) -> int:
        """How many more may be sent now."""
        return max(0, self._window - self.in_flight) if self.alive else 0

    async def open(self, version: int) -> None:
        """Connect, within the caller's time. Raises OSError and LinkError."""
        self.version = version
        peer = self._peer
        connecting = asyncio.ensure_future(
            self._client.connect(peer.host, peer.port, peer.tls or False, KEEPALIVE_S, version)
        )
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({connecting, ended}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                self._judge(connecting.exception())
            if not self.alive:
                raise _VersionError(f"{peer.host}:{peer.port} hung up: {self.why_lost}")
        finally:
            connecting.cancel()
            ended.cancel()
            await asyncio.gather(connecting, ended, return_exceptions=True)

    def _judge(self, error: BaseException | None) -> None:
        """Raise what connecting came to, if it failed."""
        if isinstance(error, gmqtt.mqtt.handler.MQTTConnectError):
            refused = f"{self._peer.host}:{self._peer.port} refuses us: {error}"
            if self.version == _NEWEST and error.args[0] in _WRONG_VERSION:
                raise _VersionError(refused) from error
            raise LinkError(refused) from error
        if error is not None:
            raise error

    def publish(self, topic: str, payload: bytes, retain: bool, done: Done) -> None:
        """Send at QoS 1; `done` gets the broker's reason code. Only while there is room."""
        assert self.room > 0, "more in flight than the broker takes"
        mid = self._numbers.next_id()
        self._unacknowledged[mid] = done
        self._send(publish(Message(topic, payload, retain), mid, self.version))

    def tell(self, topic: str, payload: bytes) -> None:
        """Send at QoS 0: what the broker does with it stays unknown."""
        self._send(tell(topic, payload, self.version))

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not yet taken."""
        transport = self._client._connection._transport  # noqa: SLF001
        return sum(map(len, self._unwritten)) + int(transport.get_write_buffer_size())

    def ask(self, packet: Callable[[list[str], int, int], bytes], topics: list[str]) -> None:
        """Subscribe or unsubscribe; a topic that we may not read simply stays silent."""
        for at in range(0, len(topics), TOPICS_MAX):
            number = next(self._asks)
            self._send(packet(topics[at : at + TOPICS_MAX], number, self.version))

    def _send(self, packet: bytes) -> None:
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write)
        self._unwritten.append(packet)

    def _write(self) -> None:
        """What was published since the last turn of the loop, in one write to the kernel."""
        packets, self._unwritten = self._unwritten, []
        transport = self._client._connection._transport  # noqa: SLF001
        if packets and not transport.is_closing():
            transport.write(b"".join(packets))

    async def close(self) -> None:
        """Leave cleanly, so that the broker does not publish our last will."""
        self._write()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._client.disconnect()
        except TimeoutError:
            self.why_lost = "the broker did not let us leave"
        finally:
            self.abort()

    def abort(self) -> None:
        """Drop the connection with whatever is still in its buffer."""
        connection = self._client._connection  # noqa: SLF001  # see the module's docstring
        if connection is not None:
            connection._transport.abort()  # noqa: SLF001
        self._lost("the connection was dropped")

    def _accepted(self, _client: Any, _flags: int, _code: int, said: dict[str, Any]) -> None:
        """CONNACK: gmqtt can number one message fewer than the broker's receive maximum."""
        most = said.get("receive_maximum", [IN_FLIGHT_MAX + 1])[0] - 1
        self._window = max(1, min(IN_FLIGHT_MAX, most))
        self._up = True

    def _acknowledged(self, _cmd: int, body: bytes) -> None:
        """PUBACK: MQTT 5 says in a third byte whether the broker took it."""
        mid = int.from_bytes(body[:2], "big")
        self._numbers.free_id(mid)
        done = self._unacknowledged.pop(mid, None)
        if done is not None:
            done(body[2] if len(body) > 2 else 0)
        self._changed()

    def _message(self, _client: Any, topic: str, *told: Any) -> None:
        body, _qos, said = told
        self.heard(topic, body, bool(said["retain"]))
        self._changed()

    def _disconnected(self, _client: Any, body: Any) -> None:
        """DISCONNECT, the broker's own or the one that gmqtt makes of a lost connection."""
        code = body[0] if isinstance(body, bytes) and body else None
        said = f"the broker disconnected us (reason {code:#04x})" if code else ""
        self._lost(said or "the connection was closed")

    def _lost(self, why: str) -> None:
        self.why_lost = self.why_lost or why
        self._ended.set()
        self._changed()
