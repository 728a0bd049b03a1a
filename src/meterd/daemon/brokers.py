"""The MQTT sinks: one per broker of the configuration, each with its own line of facts, and
beside it the Sparkplug node of a broker that has one.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec
import structlog

from meterd.clock import Clock
from meterd.config.inbound import inbound
from meterd.config.models import Config
from meterd.config.site import MqttConfig, SparkplugConfig
from meterd.daemon.drive import Drive
from meterd.daemon.hearing import Hearing
from meterd.daemon.supervise import end, supervise
from meterd.sinks.mqtt import MqttOptions, MqttSink
from meterd.sinks.sparkplug import SparkplugOptions, SparkplugSink
from meterd.specs import SiteSpec
from meterd.stores import StoreError
from meterd.stores.sqlite import SqliteStore

log = structlog.get_logger()

RETAINED: Final = "retained/"
"""Key of the store's small values: the topics a broker keeps for us."""


def broker_name(config: MqttConfig) -> str:
    """The identity of a broker's line of facts: where it is, not how we log in."""
    parts = urlsplit(config.url.reveal())
    return f"{parts.hostname}:{parts.port or parts.scheme}/{config.topic}"


class Brokers:
    """Every broker that is told."""

    def __init__(self, drive: Drive, store: SqliteStore, clock: Clock) -> None:
        self.sinks: dict[str, MqttSink] = {}
        self._nodes: dict[str, SparkplugSink] = {}
        self.hearing = Hearing(drive, clock)
        self._drive = drive
        self._store = store
        self._clock = clock
        self._configs: dict[str, MqttConfig] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._topics: dict[str, set[str]] = {}

    async def become(self, config: Config, site: SiteSpec) -> None:
        """Tell these brokers: those that did not change keep their connection."""
        topics = self.hearing.become(inbound(config), site)
        wanted = {broker_name(broker): broker for broker in config.brokers}
        for name in [name for name, old in self._configs.items() if wanted.get(name) != old]:
            await self._leave(name)
        for name, broker in wanted.items():
            if name not in self.sinks:
                await self._join(name, broker, site)
            else:
                self._retell(self.sinks[name], site)
                if name in self._nodes:
                    self._retell(self._nodes[name], site)
            self.sinks[name].listen(topics, self.hearing.hear)
            await self._clear(self.sinks[name], site)
        told: list[MqttSink | SparkplugSink] = [*self.sinks.values(), *self._nodes.values()]
        for sink in told:
            if sink.name not in self._tasks:
                work = supervise(f"mqtt {sink.name}", sink.run, self._clock)
                self._tasks[sink.name] = asyncio.create_task(work)

    def _retell(self, sink: MqttSink | SparkplugSink, site: SiteSpec) -> None:
        sink.configure(site)
        self._drive.retell(sink.name)

    async def _join(self, name: str, broker: MqttConfig, site: SiteSpec) -> None:
        options = _options(name, broker, site.name)
        sink = MqttSink(options, self._store, self._clock, self._store.seed_columns)
        self.sinks[name] = sink
        self._configs[name] = broker
        sink.configure(site)
        self._drive.attach(sink, await self._store.last_seq(name))
        if broker.sparkplug is not None:
            node = SparkplugSink(_node(options, broker.sparkplug, site.name), self._clock)
            self._nodes[name] = node
            node.configure(site)
            self._drive.attach(node, 0)

    async def _clear(self, sink: MqttSink, site: SiteSpec) -> None:
        """Empty the retained topics of what has left the configuration, between runs too."""
        key = RETAINED + sink.name
        topics = sink.retained(site)
        known = self._store.meta(key)
        before = set(msgspec.json.decode(known, type=list[str])) if known else set()
        sink.clear_retained(before - topics)
        self._topics[sink.name] = topics
        await self._keep(sink)

    async def _keep(self, sink: MqttSink) -> None:
        """Remember what a broker may hold for us, so that the next run can empty it."""
        topics = sorted(self._topics[sink.name] | sink.uncleared())
        await self._store.set_meta(RETAINED + sink.name, msgspec.json.encode(topics))

    async def _leave(self, name: str) -> None:
        node = self._nodes.pop(name, None)
        if node is not None:
            await self._part(node)
        sink = self.sinks.pop(name)
        await self._part(sink)
        try:
            await self._keep(sink)
        except StoreError as error:  # whoever commits ends the daemon for it
            log.warning("What a broker holds is not remembered.", sink=name, error=str(error))
        del self._configs[name], self._topics[name]

    async def _part(self, sink: MqttSink | SparkplugSink) -> None:
        self._drive.detach(sink.name)
        await sink.close()
        await end(self._tasks.pop(sink.name))

    async def stop(self) -> None:
        """Say goodbye to every broker; keep what it still has to forget for the next run."""
        for name in list(self.sinks):
            await self._leave(name)


def _options(name: str, broker: MqttConfig, site: str) -> MqttOptions:
    parts = urlsplit(broker.url.reveal())
    secret = None if broker.password is None else broker.password.reveal()
    told = broker.home_assistant
    return MqttOptions(
        url=parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
        site=site,
        topic=broker.topic,
        name=name,
        username=broker.username or (unquote(parts.username) if parts.username else None),
        password=secret or (unquote(parts.password) if parts.password else None),
        client_id=broker.client_id or "",
        ca_file=broker.ca_file,
        cert_file=broker.cert_file,
        key_file=broker.key_file,
        allow_plaintext=broker.allow_plaintext,
        discovery=told.prefix.strip("/") if told else "",
        birth_topic=told.birth_topic if told else "",
    )


def _node(options: MqttOptions, config: SparkplugConfig, site: str) -> SparkplugOptions:
    broker = msgspec.structs.replace(options, name=f"{options.name} sparkplug")
    return SparkplugOptions(broker, config.group, config.node or site, config.primary_host or "")
