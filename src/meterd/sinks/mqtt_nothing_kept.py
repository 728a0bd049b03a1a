"""What gmqtt keeps of messages to send them again: nothing, because our outbox knows better."""

from __future__ import annotations


class NothingKept:
    """gmqtt's store of messages to send again: what is sent again, our outbox knows."""

    is_empty = True

    def clear(self) -> None:
        """Called on a CONNACK without a session, before anything is in flight."""

    def get_all(self) -> list[tuple[int, bytes]]:
        """Nothing is ever resent by gmqtt."""
        return []

    async def wait_empty(self) -> None:
        """Awaited by gmqtt before `connect` returns."""
