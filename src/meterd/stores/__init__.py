"""Stores keep what the pipeline found and the state that explains it, in one transaction.

A store takes a `Batch` and returns when it is on the disk: all of it, or none of it and a
`StoreError`; then the caller still has the batch. Nothing is told before it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from meterd.events import Output
from meterd.views import Saved


class Message(Protocol):
    """What an outbox keeps of a sink's fact."""

    @property
    def seq(self) -> int:
        """Its place in the sink's line of facts."""
        ...

    @property
    def topic(self) -> str:
        """Where it goes."""
        ...

    @property
    def payload(self) -> bytes:
        """What it says, ready for the wire."""
        ...

    @property
    def retain(self) -> bool:
        """Whether the other side keeps it as the newest of its topic."""
        ...


class Batch(msgspec.Struct, frozen=True):
    """What is committed together.

    outputs: in the order they happened. saved: the states as they are after them; an empty
    body removes a state. facts: sink -> its messages. now_ms: the time of the commit.
    """

    outputs: Sequence[Output] = ()
    saved: Sequence[Saved] = ()
    facts: Mapping[str, Sequence[Message]] = {}
    now_ms: int = 0


class Committer(Protocol):
    """What the path of the data needs of a store."""

    @property
    def epoch(self) -> str:
        """The identity of the store's lines of numbers."""
        ...

    async def commit(self, batch: Batch) -> None:
        """All or nothing, on the disk when it returns."""
        ...


class StoreError(Exception):
    """The store could not do it, and nothing was half done.

    retriable: the same call may succeed later (a full disk, a lock). broken: the disk failed, so
    the file must not be written to again by this process. damaged: broken, and the next start
    will move it aside. doubtful: it was the answer to a commit that was lost; the commit may
    have been kept.
    """

    def __init__(
        self,
        message: str,
        *,
        retriable: bool = False,
        broken: bool = False,
        damaged: bool = False,
    ) -> None:
        super().__init__(message)
        self.doubtful = False
        self.retriable = retriable
        self.broken = broken or damaged
        self.damaged = damaged


class StoreBusy(StoreError):  # noqa: N818  (it reads as the sentence it is)
    """Another process holds the store. pid: which one, None if it has not said so yet."""

    def __init__(self, pid: int | None, path: Path | str) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{path}: {who} holds this store; stop it first, or name another `store:`")
        self.pid = pid
        self.path = path
