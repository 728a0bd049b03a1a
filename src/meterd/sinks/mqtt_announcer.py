"""Discovery at one broker: told when the broker does not hold it, and before all states.

Whether a broker still holds what we told it, only the broker knows: it may have been
replaced, or have fallen back to yesterday's disk. So each new connection asks it, by
subscribing to exactly our own topics, and tells only what it does not answer as it should.
A broker that lets us read nothing is told everything once per connection, which Home
Assistant takes for what it is: no news. Until then states wait, so that no state is told
before the entity it is of. Home Assistant's birth message has everything told again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from meterd.sinks.home_assistant import Device
from meterd.sinks.mqtt_states import States

BIRTH: Final = b"online"

ANSWER_MS: Final = 2_000
"""How long a broker has to send what it holds. It is told again what comes later, no more."""

BIRTH_WAIT_MS: Final = 3_000
"""At most so long after a birth everything is told again, by chance: we are not alone."""


class Announcer:
    """What there is to announce. states: what the broker has yet to hear of it."""

    def __init__(self, birth_topic: str = "") -> None:
        """birth_topic: where Home Assistant says that it has started."""
        self.states = States()
        self.settled = False
        self._birth_topic = birth_topic
        self._devices: dict[str, Device] = {}
        self._held: dict[str, bytes] = {}
        self._asked: list[str] = []
        self._unanswered: set[str] = set()
        self._answers_ms = 0
        self._born = False
        self._birth_ms: int | None = None

    def announce(self, devices: Collection[Device]) -> None:
        """These are all there are from now on; what has gone, `states.clear` empties."""
        self._devices = {device.topic: device for device in devices}
        for topic in self._held.keys() - self._devices.keys():
            del self._held[topic]
        if self.settled:
            self._tell(devices)

    def revise(self, devices: Collection[Device]) -> None:
        """Some of them have become others."""
        self._devices |= {device.topic: device for device in devices}
        if self.settled:
            self._tell(devices)

    def topics(self) -> list[str]:
        """Where the devices are announced."""
        return list(self._devices)

    def connected(self, now_ms: int) -> list[str]:
        """A new connection: what to subscribe to. now_ms: monotonic, here and below."""
        clearing, self.states = self.states.clearing(), States()
        self.states.clear(clearing)
        self._held.clear()
        self._asked = list(self._devices)
        self._unanswered = set(self._devices)
        self._answers_ms = now_ms + ANSWER_MS
        self._born, self._birth_ms = False, None
        self.settled = not self._devices
        return [*self._asked, self._birth_topic] if self._asked else []

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take a message. A birth that was retained is an old one."""
        if topic == self._birth_topic:
            self._born = self._born or (payload == BIRTH and not retained)
        elif topic in self._unanswered:
            self._unanswered.discard(topic)
            self._held[topic] = payload

    def settle(self, now_ms: int) -> list[str]:
        """Tell what the broker turns out to lack, once that is known: what to hear no more of."""
        if self.settled or (self._unanswered and now_ms < self._answers_ms):
            return []
        self.settled = True
        self._unanswered.clear()
        self._tell(self._devices.values())
        return self._asked

    def reborn(self, now_ms: int, chance: float) -> bool:
        """Whether Home Assistant has started and it is time to tell it everything again."""
        if self._born and self._birth_ms is None:
            self._birth_ms = now_ms + int(BIRTH_WAIT_MS * chance)
        if not self.settled or self._birth_ms is None or now_ms < self._birth_ms:
            return False
        self._born, self._birth_ms = False, None
        self._tell(self._devices.values(), again=True)
        return True

    def rest_ms(self, now_ms: int) -> int:
        """How long nothing is due here, 0 if nothing will be."""
        dues = [self._birth_ms] if self.settled else [self._answers_ms]
        return max((max(1, due - now_ms) for due in dues if due is not None), default=0)

    def _tell(self, devices: Iterable[Device], *, again: bool = False) -> None:
        """again: also what the broker holds already."""
        for device in devices:
            held = self._held.get(device.topic, b"")
            payload = device.payload(held)
            if again or payload != held:
                self._held[device.topic] = payload
                self.states.put(device.topic, payload)
                self.states.again(device.topic)
