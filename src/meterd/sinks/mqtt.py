"""MQTT: facts through a durable outbox, states as the newest value per topic.

    mqtt: {url: "mqtt://127.0.0.1:1883", topic: meterd}

Facts (records, samples, closed periods, events) are written to the store's outbox in the
transaction that made them. States (meters, the open period of a bill) are kept here. This
file says which is which and when; `mqtt_messages` says how, `mqtt_courier` carries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from meterd.clock import Clock
from meterd.events import Output, PeriodClosed, Sample
from meterd.sinks import Fact, mqtt_messages
from meterd.sinks.home_assistant import DISCOVERY, Scheme, discovery
from meterd.sinks.mqtt_announcer import Announcer
from meterd.sinks.mqtt_courier import Courier, Lanes
from meterd.sinks.mqtt_facts import FactLane, Outbox
from meterd.sinks.mqtt_inbound import Hear, Inbound
from meterd.sinks.mqtt_messages import OFFLINE, ONLINE, Columns, retained_topics
from meterd.sinks.mqtt_options import MqttOptions
from meterd.sinks.mqtt_states import States
from meterd.specs import SiteSpec
from meterd.units import REGISTERS
from meterd.versions import installed
from meterd.views import BillView, MeterView

__all__ = ["Columns", "MqttOptions", "MqttSink", "Outbox", "retained_topics"]


class MqttSink:
    """One broker's sink."""

    def __init__(
        self, options: MqttOptions, outbox: Outbox, clock: Clock, columns: Columns
    ) -> None:
        """columns: a meter record as seed 001's columns (`SqliteStore.seed_columns`)."""
        self.name = options.name
        self._root = options.root
        self._columns = columns
        self._units: dict[str, dict[str, str]] = {}
        self._summarised: set[str] = set()
        self._facts = FactLane(options.name, outbox)
        self._states = States()
        self._states.put(mqtt_messages.status_topic(self._root), ONLINE)
        self._scheme = Scheme(options.discovery, options.root, installed("meterd"))
        self._site: SiteSpec | None = None
        self._shown: dict[str, set[str]] = {}
        self._currencies: dict[str, str] = {}
        self._announcer = Announcer(options.birth_topic)
        self._inbound = Inbound(self._announcer.hear)
        lanes = Lanes(self._announcer, self._states, self._facts, self._inbound)
        self._courier = Courier(options, lanes, clock)

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""
        return self._courier.connected

    @property
    def trouble(self) -> str:
        """Why it has not, "" if it has."""
        return self._courier.trouble

    @property
    def dropped(self) -> int:
        """States that were replaced by newer ones before the broker heard them."""
        return self._states.dropped

    @property
    def refused(self) -> int:
        """Messages that the broker said it did not take."""
        return self._courier.refused

    def configure(self, site: SiteSpec) -> None:
        """Take the units of registers whose names are the user's own, and what to announce."""
        self._units = {
            meter.name: {r.quantity: r.unit for r in meter.registers if r.quantity not in REGISTERS}
            for meter in site.meters
        }
        if self._scheme.prefix:
            self._shown = {name: self._shown[name] for name in self._shown.keys() & self._units}
            self._site = site
            told = discovery(site, self._scheme, self._shown, self._currencies)
            self._announcer.announce(told)
            self._courier.wake.set()

    def listen(self, topics: Collection[str], hear: Hear) -> None:
        """Hear what others publish on these topics, and on no others, from now on."""
        self._inbound.listen(topics, hear)
        self._courier.wake.set()

    def retained(self, site: SiteSpec) -> set[str]:
        """Every topic on which the broker may keep something of this site for us."""
        meters, bills = [one.name for one in site.meters], [one.name for one in site.bills]
        return retained_topics(self._root, meters, bills).union(self._announcer.topics())

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """Records, samples, closed periods and events, numbered from `first_seq`."""
        found = mqtt_messages.messages(self._root, outputs, self._columns)
        return mqtt_messages.numbered(found, first_seq, epoch)

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Note the newest states, and that the outbox may hold new facts."""
        if self._site is not None:  # what is not announced yet is told once it is
            known = {bill.name for bill in self._site.bills}
            bills = [view for view in bills if view.bill in known]
            meters = [view for view in meters if view.meter in self._units]
            self._learn(self._site, meters, bills)
        for meter in meters:
            self._tell_meter(meter)
        sampled = {output.bill for output in outputs if isinstance(output, Sample)}
        for bill in bills:
            self._tell_bill(bill, bill.bill in sampled)
        for output in outputs:
            if isinstance(output, PeriodClosed):  # it stays on its topic until the next sample
                self._states.forget(mqtt_messages.period_topic(self._root, output.bill))
        if outputs:
            self._facts.expect()
        self._courier.wake.set()

    def _learn(
        self, site: SiteSpec, meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Announce what meters turn out to read, and in what currency bills are."""
        news = set()
        for view in meters:
            read = view.quantities.keys() | view.totals
            if view.at_ms is not None and not self._shown.get(view.meter, set()) >= read:
                self._shown.setdefault(view.meter, set()).update(read)
                news.add(view.meter)
        paid = {}
        for bill in bills:
            currency = mqtt_messages.currency_of(bill)
            if currency and currency != self._currencies.get(bill.bill):
                paid[bill.bill] = currency
        if news or paid:
            self._currencies |= paid
            some = tuple(meter for meter in site.meters if meter.name in news)
            owed = tuple(bill for bill in site.bills if bill.name in paid)
            part = msgspec.structs.replace(site, meters=some, bills=owed)
            told = discovery(part, self._scheme, self._shown, self._currencies)
            self._announcer.revise(told)

    def _tell_meter(self, view: MeterView) -> None:
        """The state, then `online`; of a silent meter only that it is silent."""
        topic = mqtt_messages.state_topic(self._root, view.meter)
        units = self._units.get(view.meter, {})
        state = mqtt_messages.meter_state(view, units) if view.online else None
        if state is not None:
            self._states.put(topic, state)
        online = view.online and topic in self._states
        availability = mqtt_messages.availability_topic(self._root, view.meter)
        self._states.put(availability, ONLINE if online else OFFLINE, last=True)

    def _tell_bill(self, view: BillView, sampled: bool) -> None:
        """The open period's summary, when there is a new sample, and once after the start."""
        if view.bill in self._summarised and not sampled:
            return
        summary = mqtt_messages.open_period(view)
        if summary is not None:
            self._summarised.add(view.bill)
            self._states.put(mqtt_messages.period_topic(self._root, view.bill), summary)

    def clear_retained(self, topics: Collection[str]) -> None:
        """Empty the topics of meters and bills that have left the configuration.

        Their discovery first: an entity that is gone does not mind that its state goes too.
        """
        announced = {topic for topic in topics if topic.endswith(DISCOVERY)}
        self._announcer.states.clear(announced)
        self._states.clear(topic for topic in topics if topic not in announced)
        self._courier.wake.set()

    def uncleared(self) -> frozenset[str]:
        """Topics that the broker has not yet confirmed as emptied: ask again next time."""
        return self._states.clearing() | self._announcer.states.clearing()

    async def run(self) -> None:
        """Carry until `close`, whatever the broker does. Only the store's faults raise."""
        await self._courier.run()

    async def close(self) -> None:
        """Publish `offline`, disconnect cleanly, and let `run` return; takes seconds at most."""
        await self._courier.close()
