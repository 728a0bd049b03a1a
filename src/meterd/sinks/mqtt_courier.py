"""Carries states and facts to one broker: connects, sends, waits for the acknowledgement.

One task owns the connection. States and facts take turns in a window of twenty
unacknowledged messages, so neither a burst nor a backlog holds up the other. A new
connection tells every state again, because a broker may have forgotten, and every fact
that no PUBACK has confirmed.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

import structlog

from meterd.clock import Clock
from meterd.sinks import Fact
from meterd.sinks.mqtt_announcer import Announcer
from meterd.sinks.mqtt_facts import FactLane
from meterd.sinks.mqtt_inbound import Inbound
from meterd.sinks.mqtt_link import Link, LinkError
from meterd.sinks.mqtt_messages import OFFLINE, status_topic
from meterd.sinks.mqtt_options import MqttOptions
from meterd.sinks.mqtt_packets import REFUSED_FROM, subscribe, unsubscribe
from meterd.sinks.mqtt_reconnect import Reconnecting
from meterd.sinks.mqtt_states import States

log = structlog.get_logger()

ACK_TIMEOUT_MS: Final = 30_000
"""A broker that acknowledges nothing for so long is taken for dead."""

LOOK_S: Final = 5
"""How often the task looks up when nothing happens."""

LEAVE_TIMEOUT_S: Final = 2
"""How long `close` waits for the broker to hear the last words."""


class Lanes(NamedTuple):
    """What there is to carry: what the states are of, states, and facts; and what to hear."""

    announcer: Announcer
    states: States
    facts: FactLane
    inbound: Inbound


class Courier:
    """The one who talks to a broker.

    refused: messages that the broker did not take; only rises. wake: set when there is
    something new to carry.
    """

    def __init__(self, options: MqttOptions, lanes: Lanes, clock: Clock) -> None:
        self.refused = 0
        self._options = options
        self._announcer, self._states, self._facts, self._inbound = lanes
        self._clock = clock
        self._links = Reconnecting(options.name, options.peer, self._session, clock)
        self.wake = self._links.wake
        self._refused_topics: set[str] = set()
        self._heard_ms = 0

    @property
    def connected(self) -> bool:
        """Whether the broker has us."""
        return self._links.connected

    @property
    def trouble(self) -> str:
        """Why it has not, "" if it has."""
        return self._links.trouble

    async def run(self) -> None:
        """Connect, tell, and connect again, until `close`. Only the store's faults raise."""
        await self._links.run()

    async def close(self) -> None:
        """Publish `offline` and disconnect cleanly, if connected; then `run` returns."""
        await self._links.close()

    async def _session(self, link: Link) -> None:
        """Tell what there is to tell until the connection ends or `close` is called."""
        self._facts.restart()
        self._states.all_again()
        self._inbound.connected()
        link.heard = self._inbound.hear
        link.ask(subscribe, self._announcer.connected(self._clock.mono_ms()))
        while link.alive and not self._links.stopping:
            self.wake.clear()
            self._heed(link)
            await self._facts.settle()
            await self._facts.refill(self._clock.mono_ms())
            self._pump(link)
            await self._look()
            if link.in_flight and self._clock.mono_ms() - self._heard_ms > ACK_TIMEOUT_MS:
                raise LinkError("the broker acknowledges nothing any more")
        if not link.alive:
            raise LinkError(link.why_lost)
        await self._leave(link)

    def _heed(self, link: Link) -> None:
        """Let what the broker said decide what it is to be told."""
        now_ms = self._clock.mono_ms()
        link.ask(unsubscribe, self._announcer.settle(now_ms))
        for packet, topics in zip((subscribe, unsubscribe), self._inbound.settle(), strict=True):
            link.ask(packet, topics)
        if self._announcer.reborn(now_ms, random.random()):  # noqa: S311  # only jitter
            self._states.all_again()

    async def _look(self) -> None:
        """Wait until something happens, or it is time for more."""
        now_ms = self._clock.mono_ms()
        rests_ms = (self._facts.rest_ms(now_ms), self._announcer.rest_ms(now_ms))
        with suppress(TimeoutError):
            async with asyncio.timeout(min(LOOK_S, *(rest / 1000 or LOOK_S for rest in rests_ms))):
                await self.wake.wait()

    def _next_states(self) -> States | None:
        """The states whose turn it is; none may overtake what it is a state of."""
        if self._announcer.states:
            return self._announcer.states
        return self._states if self._states and self._announcer.settled else None

    def _pump(self, link: Link) -> None:
        """Fill the window, a state and a fact in turn."""
        if not link.in_flight:
            self._heard_ms = self._clock.mono_ms()
        turn_of_facts = False
        while link.room:
            states = self._next_states()
            if self._facts and (turn_of_facts or states is None):
                fact = self._facts.take()
                done = partial(self._fact_done, fact)
                link.publish(fact.topic, fact.payload, fact.retain, done)
            elif states is not None:
                topic, payload = states.take()
                done = partial(self._state_done, states, topic, payload)
                link.publish(topic, payload, True, done)
            else:
                break
            turn_of_facts = not turn_of_facts

    def _fact_done(self, fact: Fact, reason: int) -> None:
        self._heard_ms = self._clock.mono_ms()
        if self._took(fact.topic, reason):
            self._facts.arrived(fact.seq)
            if fact.retain:  # a late closed period must not hide the newer open one
                self._states.again(fact.topic)
        else:
            self._facts.refused(fact.seq, self._heard_ms)

    def _state_done(self, states: States, topic: str, payload: bytes, reason: int) -> None:
        self._heard_ms = self._clock.mono_ms()
        if self._took(topic, reason) and not payload:
            states.cleared(topic)

    def _took(self, topic: str, reason: int) -> bool:
        """Whether the broker took the message; if not, say so once per topic."""
        if reason < REFUSED_FROM:
            self._refused_topics.discard(topic)
            return True
        self.refused += 1
        if topic not in self._refused_topics:
            self._refused_topics.add(topic)
            name = self._options.name
            log.warning("MQTT broker refuses a topic.", sink=name, topic=topic, reason=reason)
        return False

    async def _leave(self, link: Link) -> None:
        """Last words, then a clean end; a broker that does not hear them publishes our will."""
        heard: list[int] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_TIMEOUT_S):
                await self._links.until(lambda: link.room > 0 or not link.alive)
                if link.alive:
                    link.publish(status_topic(self._options.root), OFFLINE, True, heard.append)
                await self._links.until(lambda: not link.in_flight or not link.alive)
        await self._facts.settle()
        if heard and link.alive:
            await link.close()
