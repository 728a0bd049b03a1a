"""States as they were written down, by the kind and the key of their owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

States = Mapping[tuple[str, str], bytes]
S = TypeVar("S", bound=msgspec.Struct)


class PipelineState(msgspec.Struct, gc=False, array_like=True):
    """now_ms: the latest time any input has told. ids: how many ids have been given."""

    now_ms: int = 0
    ids: int = 0


def restored(states: States, kind: str, key: str, type_: type[S]) -> S:
    """What an owner resumes from; a fresh state if nothing was written down."""
    body = states.get((kind, key))
    return type_() if body is None else msgspec.msgpack.decode(body, type=type_)


def all_of(states: States, kind: str, type_: type[S]) -> dict[str, S]:
    """Every state of a kind by its key, also of owners that are gone."""
    return {key: restored(states, kind, key, type_) for of, key in states if of == kind}
