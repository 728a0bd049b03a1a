"""Who asks, and how much it takes to be answered: each handler says so itself.

    @needs(ADMINISTERS)
    async def remove(request): ...

A handler that says nothing can be read from level 5 on, and changes something from level 9 on:
what was forgotten is closed. One that needs less must leave out what its caller may not see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from meterd.config.accounts import CHANGES, OPERATES, READS

Handler = TypeVar("Handler", bound=Callable[..., Any])

SAFE: Final = frozenset({"GET", "HEAD"})
OWN: Final = 0.5
"""Between anybody and level 1: whoever has logged in, whatever their level."""


class Caller(msgspec.Struct, frozen=True):
    """Who asks. kind: token, user, host (whoever sits at it) or operator (the control socket).

    level: as seed 003 has them, 0 for a token that only pushes. pushes: the meters it may give
    readings of. roles: of a user. csrf: the word that their changes must repeat. session: the
    SHA-256 of what their browser has, "" where a proxy says who they are. bills: those they
    may see while their level is below 5.
    """

    name: str
    level: int
    kind: str = "token"
    pushes: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    csrf: str = ""
    session: str = ""
    bills: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """As events tell it."""
        return f"{self.kind} {self.name}"

    @property
    def is_user(self) -> bool:
        """Whether it is somebody with an account."""
        return self.kind == "user"

    @property
    def sees_all(self) -> bool:
        """Whether nothing is kept from it."""
        return self.level >= READS

    def reaches(self, need: float) -> bool:
        """Whether its level is enough."""
        return self.is_user if need == OWN else self.level >= need

    def may_push(self, meter: str) -> bool:
        """Whether it may give readings of this meter."""
        return self.level >= OPERATES or meter in self.pushes


CALLER: Final = web.RequestKey("caller", Caller)
"""Who asks; it is there whenever a handler runs."""

_NEEDS: Final[dict[Any, float]] = {}


def needs(level: float) -> Callable[[Handler], Handler]:
    """Say what level a handler needs: a number of `config/accounts.py`, or OWN."""

    def say(handler: Handler) -> Handler:
        _NEEDS[handler] = level
        return handler

    return say


def need_of(handler: Any, method: str) -> float:
    """The level that it takes to be answered by a handler."""
    return _NEEDS.get(handler, READS if method in SAFE else CHANGES)


def caller_of(request: web.Request) -> Caller:
    """Who asks."""
    found: Caller = request[CALLER]
    return found
