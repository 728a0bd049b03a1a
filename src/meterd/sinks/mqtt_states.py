"""States: the newest value of each topic, and which of them the broker has yet to hear.

Bounded by the number of topics, whatever happens: a value that was replaced before it was
sent is counted in `dropped` and gone. Topics are told in the order in which they were first
put, except those put `last`, which move to the end: so a meter's first state precedes its
`online`, on every connection. An empty value clears a retained topic.
"""

from __future__ import annotations

from collections.abc import Iterable


class States:
    """Newest value per topic."""

    def __init__(self) -> None:
        self.dropped = 0
        self._newest: dict[str, bytes] = {}
        self._waiting: dict[str, None] = {}

    def __bool__(self) -> bool:
        """Whether anything waits to be sent."""
        return bool(self._waiting)

    def __contains__(self, topic: str) -> bool:
        return bool(self._newest.get(topic))

    def put(self, topic: str, payload: bytes, *, last: bool = False) -> None:
        """Make this the topic's value; what is already so need not be told again."""
        if self._newest.get(topic) == payload:
            return
        self.dropped += topic in self._waiting
        if last:
            self._newest.pop(topic, None)
            self._waiting.pop(topic, None)
        self._newest[topic] = payload
        self._waiting[topic] = None

    def clear(self, topics: Iterable[str]) -> None:
        """Empty these topics at the broker."""
        for topic in topics:
            self.put(topic, b"", last=True)

    def cleared(self, topic: str) -> None:
        """The broker has emptied the topic; it is ours no more, unless used again since."""
        if self._newest.get(topic) == b"":
            self.forget(topic)

    def clearing(self) -> frozenset[str]:
        """Topics that the broker has not yet acknowledged as empty."""
        return frozenset(topic for topic, payload in self._newest.items() if not payload)

    def forget(self, topic: str) -> None:
        """Say no more about the topic, and leave at the broker what is there."""
        self._newest.pop(topic, None)
        self._waiting.pop(topic, None)

    def again(self, topic: str) -> None:
        """Tell a topic once more, because something else was told on it."""
        if topic in self._newest:
            self._waiting[topic] = None

    def all_again(self) -> None:
        """Tell everything: a new connection may be to a broker that forgot."""
        self._waiting = dict.fromkeys(self._newest)

    def take(self) -> tuple[str, bytes]:
        """The next topic to tell, and its newest value. Raises KeyError if none waits."""
        topic = next(iter(self._waiting), None)
        if topic is None:
            raise KeyError("no state waits to be sent")
        del self._waiting[topic]
        return topic, self._newest[topic]
