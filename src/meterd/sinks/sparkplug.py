"""Sparkplug B: the site as an edge node, for SCADA hosts and historians.

    mqtt: {url: "mqtt://127.0.0.1:1883", sparkplug: {group: plant}}

A connection of its own, because a node's last will is its own. It tells the newest values and
no history: what must not be lost goes through the outbox of `mqtt`, and lifetime counters say
what was used while nobody listened. Which messages there are, `sparkplug_node` knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec

from meterd.clock import Clock
from meterd.events import Output
from meterd.sinks import Fact
from meterd.sinks.mqtt_link import Link, LinkError
from meterd.sinks.mqtt_options import MqttOptions, Peer
from meterd.sinks.mqtt_packets import subscribe
from meterd.sinks.mqtt_reconnect import Reconnecting
from meterd.sinks.sparkplug_node import Node, PrimaryHost, Said
from meterd.specs import MeterSpec, SiteSpec
from meterd.versions import installed
from meterd.views import BillView, MeterView

UNSENT_MAX: Final = 256 * 1024
"""Bytes the broker has yet to take; beyond, meters wait and tell their newest values later."""
LOOK_S: Final = 1
"""How often we look whether the broker has taken what was sent."""
LEAVE_TIMEOUT_S: Final = 2
"""How long `close` waits for the broker to hear the last words."""


class SparkplugOptions(msgspec.Struct, frozen=True):
    """group, node: who we are. primary_host: whom we wait for before we say anything, or ""."""

    broker: MqttOptions
    group: str
    node: str
    primary_host: str = ""


class SparkplugSink:
    """One broker's edge node."""

    def __init__(self, options: SparkplugOptions, clock: Clock) -> None:
        self.name = options.broker.name
        self.dropped = 0
        self._options = options
        self._clock = clock
        self._node = Node(options.group, options.node, installed("meterd"))
        self._host = PrimaryHost(options.primary_host)
        self._links = Reconnecting(self.name, self._peer, self._session, clock)
        self._specs: dict[str, MeterSpec] = {}
        self._newest: dict[str, MeterView] = {}
        self._waiting: dict[str, None] = {}
        self._reborn = False

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""
        return self._links.connected

    @property
    def trouble(self) -> str:
        """Why it has not, "" if it has."""
        return self._links.trouble

    def configure(self, site: SiteSpec) -> None:
        """These are the meters; those that have left the configuration die."""
        self._specs = {meter.name: meter for meter in site.meters}
        for meter in self._newest.keys() - self._specs.keys():
            del self._newest[meter]
            self._waiting[meter] = None
        self._links.wake.set()

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """None: a node tells values, not facts."""
        return []

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Note the newest values; those not yet sent are replaced and counted."""
        for view in meters:
            if view.meter in self._specs:
                self.dropped += view.meter in self._waiting and self.connected
                self._newest[view.meter] = view
                self._waiting[view.meter] = None
        self._links.wake.set()

    async def run(self) -> None:
        """Tell until `close`, whatever the broker does."""
        await self._links.run()

    async def close(self) -> None:
        """Say that we are gone, disconnect cleanly, and let `run` return."""
        await self._links.close()

    def _peer(self) -> Peer:
        """The broker, and the death that it publishes for us if we do not come to it."""
        self._node.connect()
        will = self._node.death(self._clock.now_ms())
        peer = self._options.broker.peer()
        return msgspec.structs.replace(
            peer,
            client_id=f"{peer.client_id}-sparkplug",
            will_topic=will.topic,
            will_payload=will.payload,
            will_retained=False,
        )

    async def _session(self, link: Link) -> None:
        """Be born and tell what changes, until the connection ends or `close` is called."""
        self._host.connect()
        self._reborn = True
        link.heard = self._hear
        topics = [self._node.topic("NCMD"), *([self._host.topic] if self._host.name else [])]
        link.ask(partial(subscribe, qos=1), topics)
        told = False
        while link.alive and not self._links.stopping:
            self._links.wake.clear()
            if self._host.online:
                told = True
                self._pump(link)
            elif told:
                await self._leave(link)
                raise LinkError(f"the primary host {self._host.name} has gone")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._links.wake.wait()
        if not link.alive:
            raise LinkError(link.why_lost)
        await self._leave(link)

    def _hear(self, topic: str, body: bytes, _retained: bool) -> None:
        self._host.hear(topic, body)
        self._reborn = self._reborn or self._node.is_rebirth(topic, body)

    def _pump(self, link: Link) -> None:
        """Send what is new, as much as the broker takes."""
        now_ms = self._clock.now_ms()
        if self._reborn and link.unsent < UNSENT_MAX:
            self._reborn = False
            link.tell(*self._node.birth(now_ms))
            self._waiting = dict.fromkeys(self._newest)
        while self._waiting and link.unsent < UNSENT_MAX:
            meter = next(iter(self._waiting))
            del self._waiting[meter]
            said = self._of(meter, now_ms)
            if said is not None:
                link.tell(*said)

    def _of(self, meter: str, now_ms: int) -> Said | None:
        view, spec = self._newest.get(meter), self._specs.get(meter)
        if view is None or spec is None:
            return self._node.gone(meter, now_ms)
        return self._node.device(view, spec, now_ms)

    async def _leave(self, link: Link) -> None:
        """The death of the node in its own words; without them the broker publishes our will."""
        heard: list[int] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_TIMEOUT_S):
                said = self._node.death(self._clock.now_ms())
                link.publish(said.topic, said.payload, False, heard.append)
                await self._links.until(lambda: not link.in_flight or not link.alive)
        if heard and link.alive:
            await link.close()
