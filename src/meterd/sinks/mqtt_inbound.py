"""What is heard at one broker for others: topics that meters publish their own readings on.

A message that the broker kept is passed over: nobody knows when it was true.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

Hear = Callable[[str, bytes], None]
"""Takes a message, by its topic; must not block."""


class Inbound:
    """The topics that are wanted, and those that the broker was asked for."""

    def __init__(self, passing: Callable[[str, bytes, bool], None]) -> None:
        """passing: hears every message as well."""
        self._passing = passing
        self._wanted: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._hear: Hear | None = None

    def listen(self, topics: Collection[str], hear: Hear) -> None:
        """Hear these, and no others, from now on."""
        self._wanted, self._hear = frozenset(topics), hear

    def connected(self) -> None:
        """A new connection: the broker was asked for nothing yet."""
        self._asked = frozenset()

    def settle(self) -> tuple[list[str], list[str]]:
        """What the broker is to be asked for now, and what to hear no more of."""
        wanted, asked = self._wanted, self._asked
        self._asked = wanted
        return sorted(wanted - asked), sorted(asked - wanted)

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        """Take a message from the broker."""
        self._passing(topic, payload, retained)
        if self._hear is not None and topic in self._wanted and not retained:
            self._hear(topic, payload)
