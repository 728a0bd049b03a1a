"""What a handler takes and answers, said beside it: `/openapi.json` is made from that.

    @tells(list[User])
    async def users(request): ...

The types are those that bodies are decoded by and answers are held against; the parameters of
the query are the fields of a struct.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import msgspec

from meterd.web.asked import LIMIT, LIMIT_MAX

Handler = TypeVar("Handler", bound=Callable[..., Any])

JSON: Final = "application/json"
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Limit = Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)]


class Nothing(msgspec.Struct, frozen=True):
    """A query that takes no parameter."""


class Paged(msgspec.Struct, frozen=True):
    """A part of a list. cursor: where the page before has ended."""

    limit: Limit = LIMIT
    cursor: str = ""


class Spanned(Paged, frozen=True, rename={"since": "from"}):
    """A part of a list, from an instant up to another."""

    since: Instant = ""
    to: Instant = ""


class Described(msgspec.Struct, frozen=True):
    """What is said of a handler. answer: the type of its body, None for none. query: what it
    takes. body: the type of what is sent. status: of success. kind: the type of media. also:
    other statuses of success, and their types.
    """

    answer: Any
    query: Any = Nothing
    body: Any = None
    status: int = 200
    kind: str = JSON
    also: tuple[tuple[int, Any], ...] = ()


_DESCRIBED: Final[dict[Any, Described]] = {}


def tells(answer: Any, **rest: Any) -> Callable[[Handler], Handler]:
    """Say what a handler answers, and what it takes (the fields of `Described`)."""

    def say(handler: Handler) -> Handler:
        _DESCRIBED[handler] = Described(answer, **rest)
        return handler

    return say


def described(handler: Any) -> Described | None:
    """What is said of a handler; None for one that is not of the API."""
    return _DESCRIBED.get(handler)
